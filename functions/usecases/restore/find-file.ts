import { s3 } from "../../aws/s3/client.ts";
import { findObject, findText } from "../../aws/s3/objects.ts";
import type { BackupRecord } from "../../domain/backup/backup-records.ts";
import { BACKUP_OBJECTS, backupKey, readManifest } from "../../domain/backup/manifest.ts";
import { BackupForeign, BackupUnusable } from "../../domain/cluster/errors.ts";
import type { ClusterRecord } from "../../domain/cluster/records.ts";
import { checkBackup, explainDamage, type FoundBackup } from "../../domain/restore/backup-check.ts";
import type { RestoreFile } from "../../domain/restore/restore-records.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";

export const findFileCalls = { ...bind(s3, { findObject, findText }) };

type Collaborators = Deps<typeof findFileCalls>;

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
  const checked = checkBackup(cluster, await look(deps, bucket, await deps.store.getBackup(cluster.name, id)));
  if (checked.ok) return checked.file;
  if (checked.problem === "foreign") throw new BackupForeign(checked.why);
  throw new BackupUnusable(checked.why);
}

/** Throws BackupUnusable for a backup that is not whole in the bucket, whatever it could be restored to. */
export async function requireWhole(deps: Collaborators, bucket: string, known: BackupRecord): Promise<void> {
  const damage = explainDamage(await look(deps, bucket, known));
  if (damage !== undefined) throw new BackupUnusable(damage);
}

async function look(deps: Collaborators, bucket: string, { manifest: known }: BackupRecord): Promise<FoundBackup> {
  const place = (object: string) => ({ bucket, key: backupKey(known, known.id, object) });
  const [text, snapshot] = await Promise.all([
    deps.aws.findText(place(BACKUP_OBJECTS.manifest)),
    deps.aws.findObject(place(BACKUP_OBJECTS.snapshot)),
  ]);
  return { id: known.id, manifest: text === undefined ? undefined : readManifest(text), snapshot };
}
