import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import * as z from "zod";
import { remedyFor } from "../../domain/cluster/error-table.ts";
import { readFailure } from "../../domain/cluster/failure.ts";
import { statusAfter } from "../../domain/spec/update-decision.ts";
import { OPERATION_WORDS } from "../../domain/text/operation-words.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { StepInput, unleasedStepHandler } from "../../runtime/handlers.ts";
import { collaborators } from "../../runtime/system.ts";
import { publishStatus, recordEvent, recordEventCalls } from "../../usecases/operations/record-event.ts";

const calls = { ...recordEventCalls };

type Collaborators = Deps<typeof calls>;

const metrics = new Metrics({ namespace: "Holdfast", serviceName: "repair" });

const Input = StepInput.extend({ error: z.string(), cause: z.string() });

/**
 * Records why an operation failed and what to do, and releases the cluster. Unlike other steps it also runs for an
 * operation that has lost its lease, and then does nothing.
 */
export async function recordFailure(
  deps: Collaborators,
  { cluster, operation: id, ...failed }: z.output<typeof Input>,
): Promise<void> {
  const failure = readFailure(failed.error, failed.cause);
  const { kind, status, steps } = await deps.store.getOperation(id);
  if (status !== "RUNNING") return;
  const step = Object.values(steps).findLast(({ status }) => status === "FAILED" || status === "WAITING");
  const now = deps.clock.now();
  const where = step ? ` at "${step.name}"${step.member ? ` of member ${step.member}` : ""}` : "";
  const message = `The ${OPERATION_WORDS[kind]} stopped${where}: ${failure.message}`;
  await recordEvent(deps, cluster, {
    time: now.toISOString(),
    type: `${kind}-failed`,
    message,
    member: step?.member ?? null,
    operation: id,
  });
  const error = { ...failure, remedy: remedyFor(failure.name) };
  const members = await deps.store.listMembers(cluster);
  const { status: clusterStatus } = statusAfter(kind, "FAILED", members, failure.name);
  const reason = `${message} ${error.remedy}`;
  await deps.store.finishOperation({ id, cluster }, { status: "FAILED", error, clusterStatus, reason }, now);
  await publishStatus(deps, { cluster, status: clusterStatus, reason, operation: id }, now);
  if (kind !== "repair") return;
  metrics.addMetric("RepairsFailed", MetricUnit.Count, 1);
  metrics.publishStoredMetrics();
}

export const handler = unleasedStepHandler(Input, recordFailure, collaborators(calls));
