import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import type { OperationKind } from "../../domain/api/views.ts";
import type { ClusterRecord, OperationRecord } from "../../domain/cluster/records.ts";
import { explainRestoration, type Restoration, restorationOf } from "../../domain/repair/restoration.ts";
import { explainPending, isChange, statusAfter } from "../../domain/spec/update-decision.ts";
import { counted } from "../../domain/text/counted.ts";
import { OPERATION_WORDS } from "../../domain/text/operation-words.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { StepInput, type StepRequest, unleasedStepHandler } from "../../runtime/handlers.ts";
import { collaborators } from "../../runtime/system.ts";
import { publishStatus, recordEvent, recordEventCalls } from "../../usecases/operations/record-event.ts";

const calls = { ...recordEventCalls };

type Collaborators = Deps<typeof calls>;

const metrics = new Metrics({ namespace: "Holdfast", serviceName: "repair" });

/** What the event history calls the end of an operation; of any other kind, `cluster-whole`. */
const TYPES: { readonly [K in OperationKind]?: string } = {
  create: "cluster-active",
  scale: "cluster-changed",
  update: "cluster-changed",
  restore: "cluster-restored",
  migrate: "cluster-migrated",
  delete: "cluster-deleted",
};

/**
 * The operation did what it was for: the cluster is free for the next one, or DELETED. Like record-failure it runs
 * outside the lease that it ends, so that running it again after it has succeeded is harmless.
 */
export async function completeOperation(
  deps: Collaborators,
  { cluster: name, operation: id }: StepRequest,
): Promise<void> {
  const [cluster, operation, members] = await Promise.all([
    deps.store.getCluster(name),
    deps.store.getOperation(id),
    deps.store.listMembers(name),
  ]);
  if (operation.status !== "RUNNING") return;
  const now = deps.clock.now();
  const restoration = restorationOf(operation, cluster.plan.quorum.size, now);
  const message = restoration ? restored(cluster, restoration) : done(cluster, operation, now);
  const type = TYPES[operation.kind] ?? "cluster-whole";
  await recordEvent(deps, name, { time: now.toISOString(), type, message, member: null, operation: id });
  const fulfilled = operation.kind === "create" || isChange(operation.kind);
  const { status: clusterStatus, reason } = statusAfter(operation.kind, "SUCCEEDED", members);
  const open = !fulfilled && cluster.pending ? explainPending(cluster.pending) : null;
  const said = { status: clusterStatus, reason: clusterStatus === "DELETED" ? message : (reason ?? open) };
  const outcome = { status: "SUCCEEDED", error: null, clusterStatus, reason: said.reason, fulfilled } as const;
  await deps.store.finishOperation({ id, cluster: name }, outcome, now);
  await publishStatus(deps, { cluster: name, ...said, operation: id }, now);
  if (restoration) measure(restoration);
}

function restored({ plan }: ClusterRecord, restoration: Restoration) {
  return explainRestoration(restoration, plan.quorum.size);
}

function done({ plan, nodes }: ClusterRecord, { kind, startedAt }: OperationRecord, now: Date): string {
  const seconds = Math.round((now.getTime() - Date.parse(startedAt)) / 100) / 10;
  const { size } = plan.quorum;
  if (kind === "delete") return `The cluster and everything that it owned is gone, after ${seconds} s.`;
  if (isChange(kind)) return `The change is made: ${counted(nodes.length, "node")}, after ${seconds} s.`;
  if (kind === "migrate")
    return `The migration is complete: ${counted(size, "master")} in ${plan.members.map(({ zone }) => zone).join(", ")}, after ${seconds} s.`;
  return kind === "create"
    ? `The cluster is active: ${size} of ${counted(size, "member")} healthy, ${counted(nodes.length, "node")} ready, after ${seconds} s.`
    : `Whole again: ${size} of ${counted(size, "member")} healthy, ${seconds} s after the ${OPERATION_WORDS[kind]} began.`;
}

function measure({ exact, detectSeconds, restoreSeconds, withoutQuorumSeconds }: Restoration): void {
  if (exact) metrics.addMetric("TimeToDetect", MetricUnit.Seconds, detectSeconds);
  metrics.addMetric("TimeToRestore", MetricUnit.Seconds, restoreSeconds);
  metrics.addMetric("TimeWithoutQuorum", MetricUnit.Seconds, withoutQuorumSeconds ?? 0);
  metrics.publishStoredMetrics();
}

export const handler = unleasedStepHandler(StepInput, completeOperation, collaborators(calls));
