import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import { drillText } from "../../domain/backup/drill-result.ts";
import type { DrillResult } from "../../domain/backup/manifest.ts";
import { remedyFor } from "../../domain/cluster/error-table.ts";
import type { Failure } from "../../domain/cluster/failure.ts";
import type { OperationRecord } from "../../domain/cluster/records.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { recordEvent, recordEventCalls } from "../operations/record-event.ts";

export const finishDrillCalls = { ...recordEventCalls };

type Collaborators = Deps<typeof finishDrillCalls>;

const metrics = new Metrics({ namespace: "Holdfast", serviceName: "backup" });

export interface FinishedDrill {
  readonly operation: Pick<OperationRecord, "id" | "cluster">;
  /** Null if none was chosen. */
  readonly backup: string | null;
  readonly result: DrillResult;
  /** What ended it before it had a result. */
  readonly failure: Failure | undefined;
}

/** Says in the history and in the cluster's record how a drill ended, and ends its operation. */
export async function finishDrill(
  deps: Collaborators,
  { operation: { id, cluster }, backup, result, failure }: FinishedDrill,
): Promise<void> {
  const { ok, at, problems } = result;
  const message = drillText(backup ?? "(none)", result);
  const type = ok ? "drill-passed" : "drill-failed";
  await recordEvent(deps, cluster, { time: at, type, message, member: null, operation: id });
  await deps.store.recordBackupFacts(cluster, {
    drillOperation: null,
    lastDrillError: ok ? null : problems.join("; "),
    ...(ok ? { lastDrillOkAt: at, lastDrillOkId: backup } : {}),
  });
  const name = failure?.name ?? "DrillFailed";
  const error = ok ? null : { name, message: problems.join("; "), remedy: remedyFor(name) };
  const status = ok ? "SUCCEEDED" : "FAILED";
  if (!(await deps.store.endSideOperation(id, { status, error }, new Date(at))) || ok) return;
  metrics.addMetric("DrillsFailed", MetricUnit.Count, 1);
  metrics.publishStoredMetrics();
}
