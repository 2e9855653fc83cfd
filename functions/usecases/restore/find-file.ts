import { s3 } from "../../aws/s3/client.ts";
import { findObject, findText } from "../../aws/s3/objects.ts";
import { BACKUP_OBJECTS, backupKey, isVerified, readManifest } from "../../domain/backup/manifest.ts";
import { BackupForeign, BackupUnknown, BackupUnusable } from "../../domain/cluster/errors.ts";
import type { ClusterRecord } from "../../domain/cluster/records.ts";
import { checkBackup } from "../../domain/restore/backup-check.ts";
import type { RestoreFile } from "../../domain/restore/restore-records.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";

export const findFileCalls = { ...bind(s3, { findObject, findText }) };

type Collaborators = Deps<typeof findFileCalls>;

/** The id of the newest backup that is verified. Throws BackupUnknown if there is none. */
export async function latestBackup(deps: Deps, { name, uid }: ClusterRecord): Promise<string> {
  const found = (await deps.store.listBackups(name)).find(
    ({ manifest, removing }) => manifest.uid === uid && removing !== true && isVerified(manifest),
  );
  if (!found) throw new BackupUnknown(`${name} has no verified backup`);
  return found.manifest.id;
}

/**
 * The file of a backup, as manifest and bucket have it. Throws BackupUnknown, BackupForeign, or BackupUnusable with
 * what is wrong.
 */
export async function findFile(
  deps: Collaborators,
  bucket: string,
  cluster: Pick<ClusterRecord, "name" | "uid" | "spec" | "versions">,
  id: string,
): Promise<RestoreFile> {
  const known = await deps.store.getBackup(cluster.name, id);
  const place = (object: string) => ({ bucket, key: backupKey(known.manifest, id, object) });
  const [text, snapshot] = await Promise.all([
    deps.aws.findText(place(BACKUP_OBJECTS.manifest)),
    deps.aws.findObject(place(BACKUP_OBJECTS.snapshot)),
  ]);
  const manifest = text === undefined ? undefined : readManifest(text);
  const checked = checkBackup(cluster, { id, manifest, snapshot });
  if (checked.ok) return checked.file;
  if (checked.problem === "foreign") throw new BackupForeign(checked.why);
  throw new BackupUnusable(checked.why);
}
