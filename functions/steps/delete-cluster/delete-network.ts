import { findForeign } from "../../aws/ec2/foreign.ts";
import { byTag, find } from "../../aws/ec2/owned.ts";
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
import { judgeObstacles } from "../../domain/deletion/blockers.ts";
import { type Claimant, Owned } from "../../domain/ownership/ownership.ts";
import { type StepInput, StepInput as StepInputSchema, stepHandler } from "../../runtime/handlers.ts";
import { pollUntil } from "../../runtime/poll.ts";
import { table } from "../../runtime/table.ts";
import { readClaimant } from "../../usecases/deletion/claimant.ts";
import { permitEach, removeOwned } from "../../usecases/deletion/permits.ts";
import { attemptEach } from "../../usecases/deletion/remove.ts";
import { vpcsOf } from "../../usecases/deletion/survey.ts";

/**
 * The network, from the inside out. What is in it and not the cluster's is looked for first, and is never touched: it ends the
 * deletion with DeletionBlocked, which names it.
 */
const deleteNetwork = async ({ cluster: name }: StepInput): Promise<void> => {
  const claimant = await readClaimant(table, name);
  const own = byTag({ key: TAG.uid, value: claimant.uid });
  const vpcs = await vpcsOf(claimant);
  await pollUntil(() => lookForObstacles(claimant, vpcs), {
    waitingFor: "the network to be free",
    firstMs: 120,
  });
  await attemptEach(vpcs, releaseForeignGroups);

  const groups = permitEach(await find.securityGroups(own), (group) => Owned.decide(claimant, group)).permitted;
  await attemptEach(groups, ({ permit, found }) => revokeReferences(permit, found.item));
  await Promise.all([
    removeOwned("security groups", claimant, {
      find: () => find.securityGroups(own),
      remove: (group) => deleteSecurityGroup(group),
    }),
    removeOwned("subnets", claimant, { find: () => find.subnets(own), remove: (subnet) => deleteSubnet(subnet) }),
    removeOwned("internet gateways", claimant, {
      find: () => find.internetGateways(own),
      remove: (gateway, { item }) => deleteInternetGateway(gateway, item),
    }),
  ]);
  // After the subnets, whose associations go with them.
  await removeOwned("route tables", claimant, {
    find: () => find.routeTables(own),
    remove: (routes) => deleteRouteTable(routes),
  });
  await removeOwned("VPCs", claimant, { find: () => find.vpcs(own), remove: (vpc) => deleteVpc(vpc) });
};

const lookForObstacles = async (claimant: Claimant, vpcs: readonly Owned<"vpc">[]): Promise<true> => {
  const { blockers, releasing } = judgeObstacles(await findForeign(claimant, vpcs));
  if (blockers.length > 0) {
    throw new DeletionBlocked(`what is not the cluster's keeps its network in use: ${blockers.join("; ")}`);
  }
  if (releasing.length > 0) throw new NotReadyYet(`still in use: ${releasing.join("; ")}`);
  return true;
};

export const handler = stepHandler("Delete network", table, StepInputSchema, deleteNetwork);
