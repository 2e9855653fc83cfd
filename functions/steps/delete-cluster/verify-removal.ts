import type { Deps } from "../../runtime/collaborators.ts";
import { StepInput, type StepRequest, stepHandler } from "../../runtime/handlers.ts";
import { collaborators } from "../../runtime/system.ts";
import { clusterResourcesCalls, listClusterResources } from "../../usecases/deletion/cluster-resources.ts";

const calls = { ...clusterResourcesCalls };

type Collaborators = Deps<typeof calls>;

/** Searches once more for everything, since a superseded run may have created something afterwards. */
export async function verifyRemoval(
  deps: Collaborators,
  { cluster: name }: StepRequest,
): Promise<{ left: number; what: string }> {
  const [cluster, members] = await Promise.all([deps.store.getCluster(name), deps.store.listMembers(name)]);
  const { removed: found } = await listClusterResources(deps, cluster, members);
  return { left: found.length, what: found.map(({ kind, id }) => `${kind} ${id}`).join(", ") };
}

export const handler = stepHandler("Verify removal", StepInput, verifyRemoval, collaborators(calls));
