import { NO_BACKUPS } from "../../domain/backup/backup-records.ts";
import { isReportDue } from "../../domain/backup/schedule.ts";
import { remedyFor } from "../../domain/cluster/error-table.ts";
import type { Failure } from "../../domain/cluster/failure.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { recordEvent, recordEventCalls } from "../operations/record-event.ts";

export const endFailedBackupCalls = { ...recordEventCalls };

type Collaborators = Deps<typeof endFailedBackupCalls>;

/**
 * Records why a backup failed, and ends it with its lease; false if it had ended before. The event history has it once,
 * and again each six hours while backups fail; the cluster's status stays, since a late backup is no outage.
 */
export async function endFailedBackup(
  deps: Collaborators,
  { cluster: name, operation }: { readonly cluster: string; readonly operation: string },
  failure: Failure,
): Promise<boolean> {
  const now = deps.clock.now();
  const { backup = NO_BACKUPS } = await deps.store.getCluster(name);
  // Another one has taken its place, and reports for itself.
  if (failure.name !== "LeaseLost") {
    const due = isReportDue(backup, now);
    const message = `A backup failed: ${failure.message} It is tried again within 15 minutes.`;
    const event = { time: now.toISOString(), type: "backup-failed", message, member: null, operation };
    if (due) await recordEvent(deps, name, event);
    await deps.store.recordBackupFacts(name, {
      lastError: failure.message,
      failingSince: backup.failingSince ?? now.toISOString(),
      ...(due ? { failureReportedAt: now.toISOString() } : {}),
    });
  }
  const error = { ...failure, remedy: remedyFor(failure.name) };
  return await deps.store.endSideOperation(operation, { status: "FAILED", error }, now);
}
