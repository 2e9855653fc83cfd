import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import * as z from "zod";
import { readFailure } from "../../domain/cluster/failure.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { StepInput, unleasedStepHandler } from "../../runtime/handlers.ts";
import { collaborators } from "../../runtime/system.ts";
import { endFailedBackup, endFailedBackupCalls } from "../../usecases/backup/end-failed-backup.ts";

type Collaborators = Deps<typeof endFailedBackupCalls>;

const metrics = new Metrics({ namespace: "Holdfast", serviceName: "backup" });

const Input = StepInput.extend({ error: z.string(), cause: z.string() });

/** Records why a backup failed, and counts it once. */
export async function recordBackupFailure(
  deps: Collaborators,
  { cluster, operation, error, cause }: z.output<typeof Input>,
): Promise<void> {
  if (!(await endFailedBackup(deps, { cluster, operation }, readFailure(error, cause)))) return;
  metrics.addMetric("BackupsFailed", MetricUnit.Count, 1);
  metrics.publishStoredMetrics();
}

export const handler = unleasedStepHandler(Input, recordBackupFailure, collaborators(endFailedBackupCalls));
