import { owningClusterOf } from "../../domain/ownership/known-resources.ts";
import type { OwningCluster } from "../../domain/ownership/ownership.ts";
import type { Deps } from "../../runtime/collaborators.ts";

/** The cluster as the gate asks about it, with the ids that its record and its members' records know. */
export async function readOwningCluster(deps: Deps, cluster: string): Promise<OwningCluster> {
  const [record, members] = await Promise.all([deps.store.getCluster(cluster), deps.store.listMembers(cluster)]);
  return owningClusterOf(record, members);
}
