import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import * as z from "zod";
import { remedyFor } from "../domain/errors.ts";
import type { ClusterRecord, MemberRecord } from "../domain/records.ts";
import { judgeSweep, type SweepVerdict } from "../domain/sweep.ts";
import { listRunningMasters } from "../gateways/ec2/compute.ts";
import { listMemberVolumes } from "../gateways/ec2/storage.ts";
import { startExecution } from "../gateways/executions.ts";
import { finishOperation } from "../gateways/table/operations.ts";
import { allClusters, allMembers, readBeats, readOperations } from "../gateways/table/sweep.ts";
import { NonEmpty, readEnv } from "../runtime/env.ts";
import { eventHandler } from "../runtime/handlers.ts";
import { logger } from "../runtime/logger.ts";
import { table } from "../runtime/table.ts";
import { tellEvent, tellStatus } from "../usecases/story.ts";

const env = readEnv({ REPAIR_STATE_MACHINE: NonEmpty });
const metrics = new Metrics({ namespace: "Holdfast", serviceName: "sweep" });

/**
 * Looks at every cluster at once, by a handful of calls for all of them together, and starts a repair of what no event
 * told (aws-facts §1.1: events are best effort). It does nothing itself: the repair reads the truth first. If any call
 * fails, the picture is incomplete and nothing at all is started; the next sweep comes in a minute.
 */
const sweep = async (): Promise<void> => {
  const [clusters, members, running, volumes] = await Promise.all([
    allClusters(table),
    allMembers(table),
    listRunningMasters(),
    listMemberVolumes(),
  ]);
  const named = clusters.flatMap(({ uid, name }) => (members.get(name) ?? []).map(({ member }) => ({ uid, member })));
  const held = clusters.flatMap(({ operation }) => (operation === null ? [] : [operation]));
  const [beats, operations] = await Promise.all([readBeats(table, named), readOperations(table, held)]);

  const now = new Date();
  for (const cluster of clusters) {
    const operation = cluster.operation === null ? undefined : operations.get(cluster.operation);
    const facts = { cluster, members: members.get(cluster.name) ?? [], operation, running, volumes, beats };
    await act(cluster, judgeSweep(facts, Math.floor(now.getTime() / 1000)), now);
  }
  publish(clusters, members);
};

const act = async (cluster: ClusterRecord, verdict: SweepVerdict, now: Date): Promise<void> => {
  if (verdict.kind === "well" || verdict.kind === "leave") return;
  logger.info("sweep found something", { cluster: cluster.name, ...verdict });
  if (verdict.kind === "end-operation") return endOperation(cluster, verdict.reason, now);
  // A schedule may fire twice: what it finds within ten seconds is one start.
  const name = `sweep-${cluster.uid}-${Math.floor(now.getTime() / 10_000)}`;
  const detectedBy = `sweep: ${verdict.reason}`;
  await startExecution(env.REPAIR_STATE_MACHINE, name, { cluster: cluster.name, detectedBy, thorough: true });
};

const endOperation = async (cluster: ClusterRecord, message: string, now: Date): Promise<void> => {
  if (cluster.operation === null) return;
  const remedy = remedyFor("LeaseLost");
  await tellEvent(table, cluster.name, {
    time: now.toISOString(),
    type: "operation-died",
    message: `${message}.`,
    member: null,
    operation: cluster.operation,
  });
  await finishOperation(
    table,
    { id: cluster.operation, cluster: cluster.name },
    { status: "FAILED", error: { name: "LeaseLost", message, remedy }, clusterStatus: "FAILED", reason: `${message}.` },
    now,
  );
  const reason = `${message}.`;
  await tellStatus({ cluster: cluster.name, status: "FAILED", reason, operation: cluster.operation }, now);
};

/** Nobody expects health of these. */
const UNWATCHED = new Set(["DELETING", "DELETED", "FAILED"]);

const publish = (clusters: readonly ClusterRecord[], members: ReadonlyMap<string, readonly MemberRecord[]>): void => {
  const watched = clusters.filter(({ status }) => !UNWATCHED.has(status));
  const all = watched.flatMap(({ name }) => [...(members.get(name) ?? [])]);
  metrics.addMetric("Clusters", MetricUnit.Count, watched.length);
  metrics.addMetric("ClustersDegraded", MetricUnit.Count, watched.filter(({ status }) => status === "DEGRADED").length);
  metrics.addMetric("MembersHealthy", MetricUnit.Count, all.filter(({ health }) => health === "healthy").length);
  metrics.addMetric("MembersNotHealthy", MetricUnit.Count, all.filter(({ health }) => health !== "healthy").length);
  metrics.publishStoredMetrics();
};

export const handler = eventHandler(z.unknown(), sweep);
