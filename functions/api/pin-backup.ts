import { REQUESTS } from "../domain/api/requests.ts";
import { apiHandler } from "../runtime/api-handler.ts";
import { system } from "../runtime/system.ts";
import { recordEvent, recordEventCalls } from "../usecases/operations/record-event.ts";
import { toBackupView } from "../usecases/operations/views.ts";

const deps = { ...system, aws: recordEventCalls };

/** `PATCH /clusters/{name}/backups/{id}`: retention leaves a pinned backup alone. */
export const handler = apiHandler(REQUESTS.pinBackup, async ({ path: { name, id }, body: { pinned }, by }) => {
  const cluster = await deps.store.getCluster(name);
  const backup = await deps.store.pinBackup(name, id, pinned);
  const time = deps.clock.now().toISOString();
  const message = pinned ? `Backup ${id} was pinned.` : `Backup ${id} is no longer pinned.`;
  const type = pinned ? "backup-pinned" : "backup-unpinned";
  await recordEvent(deps, name, { time, type, message, member: null, operation: null, by });
  return { status: 200, body: toBackupView(cluster, backup) };
});
