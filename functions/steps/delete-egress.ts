import { TAG } from "../domain/naming.ts";
import { byTag, list } from "../gateways/ec2/owned.ts";
import { deleteNatGateway, releaseAddress } from "../gateways/ec2/removal.ts";
import { getCluster } from "../gateways/table/clusters.ts";
import { type StepInput, StepInput as StepInputSchema, stepHandler } from "../runtime/handlers.ts";
import { table } from "../runtime/table.ts";
import { removeAll } from "../usecases/remove.ts";

/** NAT gateways, which take minutes to go (aws-facts §4.3), then the addresses that they held. */
const deleteEgress = async ({ cluster: name }: StepInput): Promise<void> => {
  const { uid } = await getCluster(table, name);
  const own = byTag({ key: TAG.uid, value: uid });
  await removeAll("NAT gateways", {
    find: () => list.natGateways(own),
    remove: async ({ NatGatewayId = "", State }) => {
      if (State !== "deleting") await deleteNatGateway(NatGatewayId);
    },
    id: ({ NatGatewayId }) => NatGatewayId,
  });
  await removeAll("addresses", {
    find: () => list.addresses(own),
    remove: ({ AllocationId = "" }) => releaseAddress(AllocationId),
    id: ({ AllocationId }) => AllocationId,
  });
};

export const handler = stepHandler("Delete egress", table, StepInputSchema, deleteEgress);
