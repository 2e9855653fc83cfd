import { type Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import { sfn } from "../../aws/step-functions/client.ts";
import { startExecution } from "../../aws/step-functions/executions.ts";
import { NO_BACKUPS } from "../../domain/backup/backup-records.ts";
import { backupLateness, dueBackup } from "../../domain/backup/schedule.ts";
import type { ClusterRecord } from "../../domain/cluster/records.ts";
import { isWatched } from "../../domain/repair/reconcile.ts";
import { intervalOf } from "../../domain/spec/rules/backups.ts";
import { counted } from "../../domain/text/counted.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { logger } from "../../runtime/logger.ts";
import { idWithin, recordEventCalls, recordEventOnce } from "../operations/record-event.ts";

export const scheduleBackupsCalls = { ...recordEventCalls, ...bind(sfn, { startExecution }) };

type Collaborators = Deps<typeof scheduleBackupsCalls>;

/** ARN of the state machine that takes a backup. */
export interface BackupMachines {
  readonly backup: string;
}

/**
 * Starts what is due of one cluster, and reports a backup that is late. An execution is named after its slot, so the
 * same finding twice starts one.
 */
export async function scheduleBackups(
  deps: Collaborators,
  machines: BackupMachines,
  cluster: ClusterRecord,
  now: Date,
): Promise<void> {
  if (!isWatched(cluster)) return;
  const { name, uid, spec, createdAt, backup = NO_BACKUPS } = cluster;
  const interval = intervalOf(spec);
  const due = dueBackup(uid, interval, backup, now);
  if (due !== undefined) {
    const started = await deps.aws.startExecution(machines.backup, due, { cluster: name });
    logger.info(`backup ${started}`, { cluster: name, name: due });
  }
  const lateness = backupLateness(interval, backup, { createdAt, now });
  if (lateness?.late) await reportLate(deps, cluster, lateness.ageSeconds, now);
}

/** Once a day. */
async function reportLate(deps: Collaborators, { name, backup }: ClusterRecord, ageSeconds: number, now: Date) {
  const since = backup?.lastVerifiedAt ?? null;
  const why = backup?.lastError ? ` The last try failed: ${backup.lastError}` : "";
  const age = counted(Math.round(ageSeconds / 60), "minute");
  const message =
    since === null
      ? `No backup was verified since the cluster was created, ${age} ago.${why}`
      : `The last verified backup is ${age} old.${why}`;
  const event = { time: now.toISOString(), type: "backup-late", message, member: null, operation: null };
  await recordEventOnce(deps, name, event, idWithin("day", event));
}

/** How old the last verified backups are, and how many clusters wait for too long, for alarms. */
export function measureBackups(metrics: Metrics, clusters: readonly ClusterRecord[], now: Date): void {
  let overdue = 0;
  for (const { spec, createdAt, backup = NO_BACKUPS } of clusters.filter(isWatched)) {
    const lateness = backupLateness(intervalOf(spec), backup, { createdAt, now });
    if (lateness) metrics.addMetric("BackupAgeSeconds", MetricUnit.Seconds, lateness.ageSeconds);
    if (lateness?.overdue) overdue++;
    // A metric takes a hundred values at once.
    metrics.publishStoredMetrics();
  }
  metrics.addMetric("BackupsOverdue", MetricUnit.Count, overdue);
  metrics.publishStoredMetrics();
}
