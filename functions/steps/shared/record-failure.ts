import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import * as z from "zod";
import { remedyFor } from "../../domain/cluster/errors.ts";
import { readFailure } from "../../domain/cluster/failure.ts";
import { statusAfter } from "../../domain/spec/update-decision.ts";
import { StepInput, taskHandler } from "../../runtime/handlers.ts";
import { table } from "../../runtime/table.ts";
import { listMembers } from "../../store/clusters.ts";
import { finishOperation, getOperation } from "../../store/operations.ts";
import { tellEvent, tellStatus } from "../../usecases/operations/story.ts";

const metrics = new Metrics({ namespace: "Holdfast", serviceName: "repair" });

const Input = StepInput.extend({ error: z.string(), cause: z.string() });

/**
 * Records why an operation ended, with what to do about it, and gives the cluster free. Not a step like the others: it
 * must work for an operation that has lost its lease, too, and then does nothing.
 */
const recordFailure = async ({ cluster, operation: id, ...failed }: z.output<typeof Input>): Promise<void> => {
  const failure = readFailure(failed.error, failed.cause);
  const { kind, status, steps } = await getOperation(table, id);
  if (status !== "RUNNING") return;
  const step = Object.values(steps).findLast(({ status }) => status === "FAILED" || status === "WAITING");
  const now = new Date();
  const where = step ? ` at "${step.name}"${step.member ? ` of member ${step.member}` : ""}` : "";
  const message = `The ${kind} stopped${where}: ${failure.message}`;
  await tellEvent(table, cluster, {
    time: now.toISOString(),
    type: `${kind}-failed`,
    message,
    member: step?.member ?? null,
    operation: id,
  });
  const error = { ...failure, remedy: remedyFor(failure.name) };
  const { status: clusterStatus } = statusAfter(kind, "FAILED", await listMembers(table, cluster));
  const reason = `${message} ${error.remedy}`;
  await finishOperation(table, { id, cluster }, { status: "FAILED", error, clusterStatus, reason }, now);
  await tellStatus({ cluster, status: clusterStatus, reason, operation: id }, now);
  if (kind !== "repair") return;
  metrics.addMetric("RepairsFailed", MetricUnit.Count, 1);
  metrics.publishStoredMetrics();
};

export const handler = taskHandler(Input, recordFailure);
