import { clusterFlows } from "../domain/flows.ts";
import { type Begun, ownerIn } from "../domain/records.ts";
import { ensureInternetGateway, ensureSubnets, ensureVpc } from "../gateways/ec2/network.ts";
import { associateSecurityGroups, ensureSecurityGroups } from "../gateways/ec2/security-groups.ts";
import { getCluster, updateCluster } from "../gateways/table/clusters.ts";
import { type StepInput, StepInput as StepInputSchema, stepHandler } from "../runtime/handlers.ts";
import { table } from "../runtime/table.ts";

/** VPC, and in it at once: internet gateway, subnets, security groups (the cluster's own, and those the user brings). */
const createNetwork = async ({ cluster: name, operation }: StepInput, begun: Begun): Promise<void> => {
  const cluster = await getCluster(table, name);
  const { spec, plan } = cluster;
  const owner = ownerIn(cluster, begun);
  const vpcId = await ensureVpc(owner, spec.networkCidr);
  const [internetGatewayId, subnets, groups] = await Promise.all([
    ensureInternetGateway(owner, vpcId),
    ensureSubnets(owner, vpcId, plan.subnets),
    ensureSecurityGroups(owner, vpcId, clusterFlows(spec.networkCidr, spec.adminAccess)),
    associateSecurityGroups([...new Set([...spec.masterSecurityGroups, ...spec.nodeSecurityGroups])], vpcId),
  ]);
  const network = {
    vpcId,
    internetGatewayId,
    subnets,
    masterGroupId: groups.masters,
    nodeGroupId: groups.nodes,
    ...(groups.api === undefined ? {} : { apiGroupId: groups.api }),
  };
  await updateCluster(table, name, operation, { network }, new Date());
};

export const handler = stepHandler("Create network", table, StepInputSchema, createNetwork);
