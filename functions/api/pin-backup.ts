import { s3 } from "../aws/s3/client.ts";
import { tagObject } from "../aws/s3/objects.ts";
import { REQUESTS } from "../domain/api/requests.ts";
import { BACKUP_OBJECTS, backupKey, pinnedTags } from "../domain/backup/manifest.ts";
import { BackupUnusable } from "../domain/cluster/errors.ts";
import { apiHandler } from "../runtime/api-handler.ts";
import { NonEmpty, readEnv } from "../runtime/env.ts";
import { system } from "../runtime/system.ts";
import { recordEvent, recordEventCalls } from "../usecases/operations/record-event.ts";
import { toBackupView } from "../usecases/operations/views.ts";

const deps = { ...system, aws: recordEventCalls };

const env = readEnv({ BACKUP_BUCKET: NonEmpty });

/** `PATCH /clusters/{name}/backups/{id}`: retention, and the bucket's own rule, leave a pinned backup alone. */
export const handler = apiHandler(REQUESTS.pinBackup, async ({ path: { name, id }, body: { pinned }, by }) => {
  const cluster = await deps.store.getCluster(name);
  const { manifest } = await deps.store.getBackup(name, id);
  const tag = (object: string) =>
    tagObject(s3, { bucket: env.BACKUP_BUCKET, key: backupKey(manifest, id, object) }, pinnedTags(pinned));
  const { snapshot, ...others } = BACKUP_OBJECTS;
  const [hasFile] = await Promise.all([tag(snapshot), ...Object.values(others).map(tag)]);
  if (pinned && !hasFile) throw new BackupUnusable(`backup ${id} cannot be pinned: its file ${snapshot} is not there`);
  const backup = await deps.store.pinBackup(name, id, pinned);
  const time = deps.clock.now().toISOString();
  const message = pinned ? `Backup ${id} was pinned.` : `Backup ${id} is no longer pinned.`;
  const type = pinned ? "backup-pinned" : "backup-unpinned";
  await recordEvent(deps, name, { time, type, message, member: null, operation: null, by });
  return { status: 200, body: toBackupView(cluster, backup) };
});
