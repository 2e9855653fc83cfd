import type { BackupRecord } from "../../domain/backup/backup-records.ts";
import { chooseBackup } from "../../domain/backup/drill-result.ts";
import { isVerified } from "../../domain/backup/manifest.ts";
import { BackupForeign, BackupUnknown, ClusterBusy, ClusterUnknown } from "../../domain/cluster/errors.ts";
import { type ClusterRecord, epochOf } from "../../domain/cluster/records.ts";
import { isWatched } from "../../domain/repair/reconcile.ts";
import type { Deps } from "../../runtime/collaborators.ts";

/**
 * The backup that a drill tries: the wanted one, the latest as a restore would take it, or the newest of the present
 * data. Throws ClusterUnknown, ClusterBusy where the cluster is created or deleted, BackupUnknown, and BackupForeign for
 * one of a former cluster of the name.
 */
export async function backupToTry(deps: Deps, name: string, wanted: string | undefined): Promise<BackupRecord> {
  const cluster = await deps.store.findCluster(name);
  if (!cluster || cluster.status === "DELETED") throw new ClusterUnknown(`there is no cluster ${name}`);
  const { uid, status, operation } = cluster;
  if (!isWatched(cluster)) throw new ClusterBusy(`${name} is ${status}: there is no place for a drill`, operation);
  if (wanted === undefined) {
    const backups = await deps.store.listBackups(name);
    const chosen = chooseBackup({ uid, epoch: epochOf(cluster) }, backups);
    if (chosen) return chosen;
    const hasEarlier = backups.some(({ manifest }) => manifest.uid === uid);
    throw new BackupUnknown(
      hasEarlier
        ? `${name} has no backup of its data since the restore yet; name an earlier one by --backup ID`
        : `${name} has no backup to try yet`,
    );
  }
  const found = await deps.store.getBackup(name, wanted === "latest" ? await latestBackup(deps, cluster) : wanted);
  if (found.removing) throw new BackupUnknown(`${name} has no backup ${wanted}: it is being removed`);
  if (found.manifest.uid !== uid)
    throw new BackupForeign(`backup ${wanted} is of a former ${name} with the uid ${found.manifest.uid}`);
  return found;
}

/** The id of the newest backup that is verified. Throws BackupUnknown if there is none. */
export async function latestBackup(deps: Deps, { name, uid }: ClusterRecord): Promise<string> {
  const found = (await deps.store.listBackups(name)).find(
    ({ manifest, removing }) => manifest.uid === uid && removing !== true && isVerified(manifest),
  );
  if (!found)
    throw new BackupUnknown(`${name} has no verified backup; \`holdfast get backups ${name}\` shows what there is`);
  return found.manifest.id;
}
