import { ensureInterface } from "../../aws/ec2/interfaces.ts";
import { ensureInternetGateway, ensureSubnets, ensureVpc } from "../../aws/ec2/network.ts";
import { associateSecurityGroups, ensureSecurityGroups } from "../../aws/ec2/security-groups.ts";
import type { Owner } from "../../domain/cluster/naming.ts";
import { networkOf, subnetIdOf } from "../../domain/cluster/recorded-network.ts";
import { type Begun, type ClusterRecord, ownerIn } from "../../domain/cluster/records.ts";
import { clusterFlows } from "../../domain/network/flows.ts";
import { type StepInput, StepInput as StepInputSchema, stepHandler } from "../../runtime/handlers.ts";
import { table } from "../../runtime/table.ts";
import { getCluster, listMembers, updateCluster, updateMember } from "../../store/clusters.ts";

/**
 * VPC, and in it at once: internet gateway, subnets, security groups (the cluster's own, and those the user brings). Then the
 * members' interfaces: whatever comes into the subnets later can no longer take their fixed addresses.
 */
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
  await holdAddresses({ ...cluster, network }, owner);
};

/** Without the user's groups: EC2 is still associating those with the VPC. "Prepare member" adds them. */
const holdAddresses = async (cluster: ClusterRecord, owner: Owner): Promise<void> => {
  const known = owner.blank ? [] : await listMembers(table, cluster.name);
  const missing = cluster.plan.members.filter(
    (plan) => (known.find(({ member }) => member === plan.name)?.interfaceId ?? null) === null,
  );
  await Promise.all(
    missing.map(async ({ name: member, subnet, address }) => {
      const { interfaceId } = await ensureInterface(owner, {
        member,
        home: 1,
        subnetId: subnetIdOf(cluster, subnet),
        address,
        securityGroupIds: [networkOf(cluster).masterGroupId],
      });
      await updateMember(table, cluster.name, member, { interfaceId });
    }),
  );
};

export const handler = stepHandler("Create network", table, StepInputSchema, createNetwork);
