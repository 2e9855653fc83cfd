import { ec2 } from "../../aws/ec2/client.ts";
import { byTag, find } from "../../aws/ec2/owned.ts";
import { deleteInterface, deleteVolume, releaseAddress } from "../../aws/ec2/removal.ts";
import { TAG } from "../../domain/cluster/naming.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { StepInput, type StepRequest, stepHandler } from "../../runtime/handlers.ts";
import { collaborators } from "../../runtime/system.ts";
import { removeOwned } from "../../usecases/deletion/check-ownership.ts";
import { readOwningCluster } from "../../usecases/deletion/owning-cluster.ts";

const calls = { ...bind(ec2, { deleteVolume, deleteInterface, releaseAddress }), find: find(ec2) };

type Collaborators = Deps<typeof calls>;

/** The members' identities, once no instance holds them: volumes of all generations, interfaces and their addresses. */
export async function deleteStorage(deps: Collaborators, { cluster: name }: StepRequest): Promise<void> {
  const owningCluster = await readOwningCluster(deps, name);
  const own = byTag({ key: TAG.uid, value: owningCluster.uid });
  await Promise.all([
    removeOwned(deps, "volumes", owningCluster, {
      find: () => deps.aws.find.volumes(own),
      remove: async (volume, { item }) => (item.State === "deleting" ? undefined : deps.aws.deleteVolume(volume)),
    }),
    removeOwned(deps, "interfaces", owningCluster, {
      find: () => deps.aws.find.interfaces(own),
      remove: (networkInterface) => deps.aws.deleteInterface(networkInterface),
    }),
  ]);
  // An address is free when the interface that it was associated with is gone.
  await removeOwned(deps, "members' addresses", owningCluster, {
    find: async () => (await deps.aws.find.addresses(own)).filter(({ tags }) => tags[TAG.member] !== undefined),
    remove: (address) => deps.aws.releaseAddress(address),
  });
}

export const handler = stepHandler("Delete storage", StepInput, deleteStorage, collaborators(calls));
