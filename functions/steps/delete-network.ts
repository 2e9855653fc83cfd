import { judgeObstacles } from "../domain/blockers.ts";
import { DeletionBlocked, NotReadyYet } from "../domain/errors.ts";
import { TAG } from "../domain/naming.ts";
import { ownerOf } from "../domain/records.ts";
import { findForeign } from "../gateways/ec2/foreign.ts";
import { byTag, list } from "../gateways/ec2/owned.ts";
import {
  deleteInternetGateway,
  deleteRouteTable,
  deleteSecurityGroup,
  deleteSubnet,
  deleteVpc,
  releaseForeignGroups,
  revokeReferences,
} from "../gateways/ec2/removal.ts";
import { getCluster } from "../gateways/table/clusters.ts";
import { type StepInput, StepInput as StepInputSchema, stepHandler } from "../runtime/handlers.ts";
import { pollUntil } from "../runtime/poll.ts";
import { table } from "../runtime/table.ts";
import { attemptEach, removeAll } from "../usecases/remove.ts";
import { vpcsOf } from "../usecases/survey.ts";

/**
 * The network, from the inside out. What is in it and not the cluster's is looked for first, and is never touched: it ends the
 * deletion with DeletionBlocked, which names it.
 */
const deleteNetwork = async ({ cluster: name }: StepInput): Promise<void> => {
  const owner = ownerOf(await getCluster(table, name));
  const own = byTag({ key: TAG.uid, value: owner.uid });
  const vpcIds = await vpcsOf(owner);
  await pollUntil(() => lookForObstacles(owner.uid, vpcIds), {
    waitingFor: "the network to be free",
    withinMs: 25_000,
    firstMs: 120,
    maxMs: 3_000,
  });
  await attemptEach(vpcIds, releaseForeignGroups);

  await attemptEach(await list.securityGroups(own), (group) => revokeReferences(group));
  await Promise.all([
    removeAll("security groups", {
      find: () => list.securityGroups(own),
      remove: ({ GroupId = "" }) => deleteSecurityGroup(GroupId),
      id: ({ GroupId }) => GroupId,
    }),
    removeAll("subnets", {
      find: () => list.subnets(own),
      remove: ({ SubnetId = "" }) => deleteSubnet(SubnetId),
      id: ({ SubnetId }) => SubnetId,
    }),
    removeAll("internet gateways", {
      find: () => list.internetGateways(own),
      remove: deleteInternetGateway,
      id: ({ InternetGatewayId }) => InternetGatewayId,
    }),
  ]);
  // After the subnets, whose associations go with them.
  await removeAll("route tables", {
    find: () => list.routeTables(own),
    remove: deleteRouteTable,
    id: ({ RouteTableId }) => RouteTableId,
  });
  await removeAll("VPCs", {
    find: () => list.vpcs(own),
    remove: ({ VpcId = "" }) => deleteVpc(VpcId),
    id: ({ VpcId }) => VpcId,
  });
};

const lookForObstacles = async (uid: string, vpcIds: readonly string[]): Promise<true> => {
  const { blockers, releasing } = judgeObstacles(await findForeign(uid, vpcIds));
  if (blockers.length > 0) {
    throw new DeletionBlocked(`what is not the cluster's keeps its network in use: ${blockers.join("; ")}`);
  }
  if (releasing.length > 0) throw new NotReadyYet(`still in use: ${releasing.join("; ")}`);
  return true;
};

export const handler = stepHandler("Delete network", table, StepInputSchema, deleteNetwork);
