import type { BackupReason } from "../../domain/backup/manifest.ts";
import { ClusterBusy, ClusterUnknown } from "../../domain/cluster/errors.ts";
import type { ClusterRecord } from "../../domain/cluster/records.ts";
import { isWatched } from "../../domain/repair/reconcile.ts";
import type { Deps } from "../../runtime/collaborators.ts";

/**
 * Why there is nothing to save now: the cluster is not there, is created, deleted or restored. Undefined if a backup may
 * begin; a restore may ask for one of its own.
 */
export async function whyNoBackup(
  deps: Deps,
  name: string,
  reason: BackupReason,
): Promise<ClusterUnknown | ClusterBusy | undefined> {
  const cluster = await deps.store.findCluster(name);
  if (!cluster || cluster.status === "DELETED") return new ClusterUnknown(`there is no cluster ${name}`);
  const { status, operation } = cluster;
  if (!isWatched(cluster)) return new ClusterBusy(`${name} is ${status}: there is nothing to save`, operation);
  if (reason === "before-restore" || reason === "after-restore" || !(await isRestored(deps, cluster))) return undefined;
  return new ClusterBusy(`a restore of ${name} is not complete: its members have no common data yet`, operation);
}

/** Also while a restore is open that has stopped. */
async function isRestored(deps: Deps, { operation, restoration }: ClusterRecord): Promise<boolean> {
  if (restoration) return true;
  if (operation === null) return false;
  const { kind }: { readonly kind: string } = await deps.store.getOperation(operation);
  return kind === "restore";
}
