import { byTag, find } from "../../aws/ec2/owned.ts";
import { deleteInterface, deleteVolume, releaseAddress } from "../../aws/ec2/removal.ts";
import { TAG } from "../../domain/cluster/naming.ts";
import { type StepInput, StepInput as StepInputSchema, stepHandler } from "../../runtime/handlers.ts";
import { table } from "../../runtime/table.ts";
import { readClaimant } from "../../usecases/deletion/claimant.ts";
import { removeOwned } from "../../usecases/deletion/permits.ts";

/** The members' identities, once no instance holds them: volumes of all generations, interfaces and their addresses. */
const deleteStorage = async ({ cluster: name }: StepInput): Promise<void> => {
  const claimant = await readClaimant(table, name);
  const own = byTag({ key: TAG.uid, value: claimant.uid });
  await Promise.all([
    removeOwned("volumes", claimant, {
      find: () => find.volumes(own),
      remove: async (volume, { item }) => (item.State === "deleting" ? undefined : deleteVolume(volume)),
    }),
    removeOwned("interfaces", claimant, {
      find: () => find.interfaces(own),
      remove: (networkInterface) => deleteInterface(networkInterface),
    }),
  ]);
  // An address is free when the interface that it was associated with is gone.
  await removeOwned("members' addresses", claimant, {
    find: async () => (await find.addresses(own)).filter(({ tags }) => tags[TAG.member] !== undefined),
    remove: (address) => releaseAddress(address),
  });
};

export const handler = stepHandler("Delete storage", table, StepInputSchema, deleteStorage);
