import { ec2 } from "../../aws/ec2/client.ts";
import { byTag, find } from "../../aws/ec2/owned.ts";
import { deleteNatGateway, releaseAddress } from "../../aws/ec2/removal.ts";
import { TAG } from "../../domain/cluster/naming.ts";
import { owningClusterOf } from "../../domain/ownership/known-resources.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { StepInput, type StepRequest, stepHandler } from "../../runtime/handlers.ts";
import { collaborators } from "../../runtime/system.ts";
import { removeOwned } from "../../usecases/deletion/check-ownership.ts";

const calls = { ...bind(ec2, { deleteNatGateway, releaseAddress }), find: find(ec2) };

type Collaborators = Deps<typeof calls>;

/**
 * NAT gateways, which take minutes to go (docs/references/aws.md#deletion), then the addresses that they held. Those of
 * members go with their interfaces ("Delete storage").
 */
export async function deleteEgress(deps: Collaborators, { cluster: name }: StepRequest): Promise<void> {
  const owningCluster = owningClusterOf(await deps.store.getCluster(name));
  const own = byTag({ key: TAG.uid, value: owningCluster.uid });
  await removeOwned(deps, "NAT gateways", owningCluster, {
    find: () => deps.aws.find.natGateways(own),
    remove: async (gateway, { item }) => (item.State === "deleting" ? undefined : deps.aws.deleteNatGateway(gateway)),
  });
  await removeOwned(deps, "addresses", owningCluster, {
    find: async () => (await deps.aws.find.addresses(own)).filter(({ tags }) => tags[TAG.member] === undefined),
    remove: (address) => deps.aws.releaseAddress(address),
  });
}

export const handler = stepHandler("Delete egress", StepInput, deleteEgress, collaborators(calls));
