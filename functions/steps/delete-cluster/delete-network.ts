import { ec2 } from "../../aws/ec2/client.ts";
import { findForeign } from "../../aws/ec2/foreign.ts";
import { byTag } from "../../aws/ec2/owned.ts";
import {
  deleteInternetGateway,
  deleteRouteTable,
  deleteSecurityGroup,
  deleteSubnet,
  deleteVpc,
  releaseForeignGroups,
  revokeReferences,
} from "../../aws/ec2/removal.ts";
import { DeletionBlocked, NotReadyYet } from "../../domain/cluster/errors.ts";
import { TAG } from "../../domain/cluster/naming.ts";
import { evaluateObstacles } from "../../domain/deletion/blockers.ts";
import { Owned, type OwningCluster } from "../../domain/ownership/ownership.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { StepInput, type StepRequest, stepHandler } from "../../runtime/handlers.ts";
import { pollUntil } from "../../runtime/poll.ts";
import { collaborators } from "../../runtime/system.ts";
import { checkOwnership, removeOwned } from "../../usecases/deletion/check-ownership.ts";
import { ownVpcsCalls, vpcsOf } from "../../usecases/deletion/own-vpcs.ts";
import { readOwningCluster } from "../../usecases/deletion/owning-cluster.ts";
import { attemptEach } from "../../usecases/deletion/remove.ts";

const calls = {
  ...ownVpcsCalls,
  ...bind(ec2, {
    releaseForeignGroups,
    revokeReferences,
    deleteSecurityGroup,
    deleteSubnet,
    deleteInternetGateway,
    deleteRouteTable,
    deleteVpc,
    findForeign,
  }),
};

type Collaborators = Deps<typeof calls>;

/**
 * The network, from the inside out. What is in it and not the cluster's is looked for first, and is never touched: it
 * ends the deletion with DeletionBlocked, which names it.
 */
export async function deleteNetwork(deps: Collaborators, { cluster: name }: StepRequest): Promise<void> {
  const owningCluster = await readOwningCluster(deps, name);
  const own = byTag({ key: TAG.uid, value: owningCluster.uid });
  const vpcs = await vpcsOf(deps, owningCluster);
  await pollUntil(deps.clock, () => lookForObstacles(deps, owningCluster, vpcs), {
    waitingFor: "the network to be free",
    firstMs: 120,
  });
  await attemptEach(vpcs, deps.aws.releaseForeignGroups);

  const groups = checkOwnership(await deps.aws.find.securityGroups(own), (group) =>
    Owned.decide(owningCluster, group),
  ).permitted;
  await attemptEach(groups, ({ owned, found }) => deps.aws.revokeReferences(owned, found.item));
  await Promise.all([
    removeOwned(deps, "security groups", owningCluster, {
      find: () => deps.aws.find.securityGroups(own),
      remove: (group) => deps.aws.deleteSecurityGroup(group),
    }),
    removeOwned(deps, "subnets", owningCluster, {
      find: () => deps.aws.find.subnets(own),
      remove: (subnet) => deps.aws.deleteSubnet(subnet),
    }),
    removeOwned(deps, "internet gateways", owningCluster, {
      find: () => deps.aws.find.internetGateways(own),
      remove: (gateway, { item }) => deps.aws.deleteInternetGateway(gateway, item),
    }),
  ]);
  // After the subnets, whose associations go with them.
  await removeOwned(deps, "route tables", owningCluster, {
    find: () => deps.aws.find.routeTables(own),
    remove: (routes) => deps.aws.deleteRouteTable(routes),
  });
  await removeOwned(deps, "VPCs", owningCluster, {
    find: () => deps.aws.find.vpcs(own),
    remove: (vpc) => deps.aws.deleteVpc(vpc),
  });
}

async function lookForObstacles(
  deps: Collaborators,
  owningCluster: OwningCluster,
  vpcs: readonly Owned<"vpc">[],
): Promise<true> {
  const { blockers, releasing } = evaluateObstacles(await deps.aws.findForeign(owningCluster, vpcs));
  if (blockers.length > 0) {
    throw new DeletionBlocked(`what is not the cluster's keeps its network in use: ${blockers.join("; ")}`);
  }
  if (releasing.length > 0) throw new NotReadyYet(`still in use: ${releasing.join("; ")}`);
  return true;
}

export const handler = stepHandler("Delete network", StepInput, deleteNetwork, collaborators(calls));
