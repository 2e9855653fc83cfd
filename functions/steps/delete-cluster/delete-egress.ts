import { byTag, find } from "../../aws/ec2/owned.ts";
import { deleteNatGateway, releaseAddress } from "../../aws/ec2/removal.ts";
import { TAG } from "../../domain/cluster/naming.ts";
import { claimantOf } from "../../domain/ownership/ownership.ts";
import { type StepInput, StepInput as StepInputSchema, stepHandler } from "../../runtime/handlers.ts";
import { table } from "../../runtime/table.ts";
import { getCluster } from "../../store/clusters.ts";
import { removeOwned } from "../../usecases/deletion/permits.ts";

/**
 * NAT gateways, which take minutes to go (aws-facts §4.3), then the addresses that they held. Those of members go with their
 * interfaces ("Delete storage").
 */
const deleteEgress = async ({ cluster: name }: StepInput): Promise<void> => {
  const claimant = claimantOf(await getCluster(table, name));
  const own = byTag({ key: TAG.uid, value: claimant.uid });
  await removeOwned("NAT gateways", claimant, {
    find: () => find.natGateways(own),
    remove: async (gateway, { item }) => (item.State === "deleting" ? undefined : deleteNatGateway(gateway)),
  });
  await removeOwned("addresses", claimant, {
    find: async () => (await find.addresses(own)).filter(({ tags }) => tags[TAG.member] === undefined),
    remove: (address) => releaseAddress(address),
  });
};

export const handler = stepHandler("Delete egress", table, StepInputSchema, deleteEgress);
