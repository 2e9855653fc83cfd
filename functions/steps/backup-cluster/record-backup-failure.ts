import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import * as z from "zod";
import { NO_BACKUPS } from "../../domain/backup/backup-records.ts";
import { isReportDue } from "../../domain/backup/schedule.ts";
import { remedyFor } from "../../domain/cluster/error-table.ts";
import { readFailure } from "../../domain/cluster/failure.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { StepInput, unleasedStepHandler } from "../../runtime/handlers.ts";
import { collaborators } from "../../runtime/system.ts";
import { recordEvent, recordEventCalls } from "../../usecases/operations/record-event.ts";

const calls = { ...recordEventCalls };

type Collaborators = Deps<typeof calls>;

const metrics = new Metrics({ namespace: "Holdfast", serviceName: "backup" });

const Input = StepInput.extend({ error: z.string(), cause: z.string() });

/**
 * Records why a backup failed. The event history has it once, and again each six hours while backups fail; the cluster's
 * status stays, since a late backup is no outage.
 */
export async function recordBackupFailure(
  deps: Collaborators,
  { cluster: name, operation, ...failed }: z.output<typeof Input>,
): Promise<void> {
  const failure = readFailure(failed.error, failed.cause);
  const now = deps.clock.now();
  const { backup = NO_BACKUPS } = await deps.store.getCluster(name);
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
  if (!(await deps.store.endSideOperation(operation, { status: "FAILED", error }, now))) return;
  metrics.addMetric("BackupsFailed", MetricUnit.Count, 1);
  metrics.publishStoredMetrics();
}

export const handler = unleasedStepHandler(Input, recordBackupFailure, collaborators(calls));
