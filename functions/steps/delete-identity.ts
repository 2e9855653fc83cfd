import { parameterPath, rolePrefix } from "../domain/naming.ts";
import { ownerOf } from "../domain/records.ts";
import { deleteInstanceProfile, deleteRole, listIdentity } from "../gateways/iam-removal.ts";
import { deleteParameters, listParameterNames } from "../gateways/parameters.ts";
import { getCluster } from "../gateways/table/clusters.ts";
import { type StepInput, StepInput as StepInputSchema, stepHandler } from "../runtime/handlers.ts";
import { table } from "../runtime/table.ts";
import { removeAll } from "../usecases/remove.ts";

/** Roles, instance profiles and secrets, once no instance uses them: also what hosts wrote below the cluster's path. */
const deleteIdentity = async ({ cluster: name }: StepInput): Promise<void> => {
  const owner = ownerOf(await getCluster(table, name));
  await Promise.all([
    // Looked up first: the right to touch one hangs on its tags, and what is not there has none.
    removeAll("roles and profiles", {
      find: async () => (await listIdentity(rolePrefix(owner))).filter(({ uid }) => uid === owner.uid),
      remove: ({ kind, id }) => (kind === "role" ? deleteRole(id) : deleteInstanceProfile(id)),
      id: ({ id }) => id,
    }),
    listParameterNames(parameterPath(owner)).then(deleteParameters),
  ]);
};

export const handler = stepHandler("Delete identity", table, StepInputSchema, deleteIdentity);
