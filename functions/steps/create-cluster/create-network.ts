import { ec2 } from "../../aws/ec2/client.ts";
import { ensureInterface } from "../../aws/ec2/interfaces.ts";
import { ensureInternetGateway, ensureSubnets, ensureVpc } from "../../aws/ec2/network.ts";
import { associateSecurityGroups, ensureSecurityGroups } from "../../aws/ec2/security-groups.ts";
import type { Owner } from "../../domain/cluster/naming.ts";
import { networkOf, subnetIdOf } from "../../domain/cluster/recorded-network.ts";
import { type Begun, type ClusterRecord, ownerIn } from "../../domain/cluster/records.ts";
import { clusterFlows } from "../../domain/network/flows.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { StepInput, type StepRequest, stepHandler } from "../../runtime/handlers.ts";
import { collaborators } from "../../runtime/system.ts";

const calls = {
  ...bind(ec2, {
    ensureVpc,
    ensureInternetGateway,
    ensureSubnets,
    ensureSecurityGroups,
    associateSecurityGroups,
    ensureInterface,
  }),
};

type Collaborators = Deps<typeof calls>;

/**
 * VPC, and in it at once: internet gateway, subnets, security groups (the cluster's own, and those the user brings).
 * Then the members' interfaces: whatever comes into the subnets later can no longer take their fixed addresses.
 */
export async function createNetwork(
  deps: Collaborators,
  { cluster: name, operation }: StepRequest,
  begun: Begun,
): Promise<void> {
  const cluster = await deps.store.getCluster(name);
  const { spec, plan } = cluster;
  const owner = ownerIn(cluster, begun);
  const vpcId = await deps.aws.ensureVpc(owner, spec.networkCidr);
  const [internetGatewayId, subnets, groups] = await Promise.all([
    deps.aws.ensureInternetGateway(owner, vpcId),
    deps.aws.ensureSubnets(owner, vpcId, plan.subnets),
    deps.aws.ensureSecurityGroups(owner, vpcId, clusterFlows([spec.networkCidr], spec.adminAccess)),
    deps.aws.associateSecurityGroups([...new Set([...spec.masterSecurityGroups, ...spec.nodeSecurityGroups])], vpcId),
  ]);
  const network = {
    vpcId,
    internetGatewayId,
    subnets,
    masterGroupId: groups.masters,
    nodeGroupId: groups.nodes,
    ...(groups.api === undefined ? {} : { apiGroupId: groups.api }),
  };
  await deps.store.updateCluster(name, operation, { network }, deps.clock.now());
  await holdAddresses(deps, { ...cluster, network }, owner);
}

/** Without the user's groups: EC2 is still associating those with the VPC. "Prepare member" adds them. */
async function holdAddresses(deps: Collaborators, cluster: ClusterRecord, owner: Owner): Promise<void> {
  const known = owner.blank ? [] : await deps.store.listMembers(cluster.name);
  const missing = cluster.plan.members.filter(
    (plan) => (known.find(({ member }) => member === plan.name)?.interfaceId ?? null) === null,
  );
  await Promise.all(
    missing.map(async ({ name: member, subnet, address }) => {
      const { interfaceId } = await deps.aws.ensureInterface(owner, {
        member,
        home: 1,
        subnetId: subnetIdOf(cluster, subnet),
        address,
        securityGroupIds: [networkOf(cluster).masterGroupId],
      });
      await deps.store.updateMember(cluster.name, member, { interfaceId });
    }),
  );
}

export const handler = stepHandler("Create network", StepInput, createNetwork, collaborators(calls));
