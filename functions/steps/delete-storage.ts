import { TAG } from "../domain/naming.ts";
import { byTag, list } from "../gateways/ec2/owned.ts";
import { deleteInterface, deleteVolume } from "../gateways/ec2/removal.ts";
import { getCluster } from "../gateways/table/clusters.ts";
import { type StepInput, StepInput as StepInputSchema, stepHandler } from "../runtime/handlers.ts";
import { table } from "../runtime/table.ts";
import { removeAll } from "../usecases/remove.ts";

/** The members' identities, once no instance holds them: volumes of all generations, and interfaces. */
const deleteStorage = async ({ cluster: name }: StepInput): Promise<void> => {
  const { uid } = await getCluster(table, name);
  const own = byTag({ key: TAG.uid, value: uid });
  await Promise.all([
    removeAll("volumes", {
      find: () => list.volumes(own),
      remove: async ({ VolumeId = "", State }) => {
        if (State !== "deleting") await deleteVolume(VolumeId);
      },
      id: ({ VolumeId }) => VolumeId,
    }),
    removeAll("interfaces", {
      find: () => list.interfaces(own),
      remove: ({ NetworkInterfaceId = "" }) => deleteInterface(NetworkInterfaceId),
      id: ({ NetworkInterfaceId }) => NetworkInterfaceId,
    }),
  ]);
};

export const handler = stepHandler("Delete storage", table, StepInputSchema, deleteStorage);
