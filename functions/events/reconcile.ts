import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import * as z from "zod";
import { listOwnedGroups } from "../aws/auto-scaling/auto-scaling.ts";
import { autoScaling } from "../aws/auto-scaling/client.ts";
import { ec2 } from "../aws/ec2/client.ts";
import { listRunningHosts } from "../aws/ec2/compute.ts";
import { findInterfaces, findVolumes, listMemberInterfaces } from "../aws/ec2/members.ts";
import { listOwnedResources } from "../aws/ec2/owned.ts";
import { listMemberVolumes } from "../aws/ec2/storage.ts";
import { sfn } from "../aws/step-functions/client.ts";
import { startExecution } from "../aws/step-functions/executions.ts";
import type { ClusterRecord, MemberRecord } from "../domain/cluster/records.ts";
import { type InterfaceFacts, isUntagged } from "../domain/drift/member-drift.ts";
import { lostTagsOf, type TagFacts } from "../domain/drift/tag-drift.ts";
import {
  decideReconcile,
  findDetachedMasters,
  findHeldInterfaces,
  isWatched,
  type ReconcileDecision,
  type ReconcileFacts,
} from "../domain/repair/reconcile.ts";
import { NonEmpty, readEnv } from "../runtime/env.ts";
import { eventHandler } from "../runtime/handlers.ts";
import { heartbeatTable } from "../runtime/heartbeats.ts";
import { logger } from "../runtime/logger.ts";
import { beginElsewhere, sideBySide } from "../runtime/side-by-side.ts";
import { system } from "../runtime/system.ts";
import { table } from "../runtime/table.ts";
import { findCluster } from "../store/clusters.ts";
import { readHeartbeats } from "../store/heartbeats.ts";
import { allClusters, allMembers, readOperations } from "../store/reconcile.ts";
import { measureBackups, scheduleBackups, scheduleBackupsCalls } from "../usecases/backup/schedule-backups.ts";
import { DrillRun, measureDrills, scheduleDrills, scheduleDrillsCalls } from "../usecases/backup/schedule-drills.ts";
import { reportOrphans, reportOrphansCalls } from "../usecases/deletion/report-orphans.ts";
import { checkDrift, checkDriftCalls } from "../usecases/drift/check-drift.ts";
import { readTags, tagDriftCalls } from "../usecases/drift/tag-drift.ts";
import { endOperation, endOperationCalls } from "../usecases/operations/end-operation.ts";
import { idWithin, recordEventCalls, recordEventOnce } from "../usecases/operations/record-event.ts";
import { restoreSurvivorCalls, watchQuorum } from "../usecases/restore/restore-survivor.ts";

const deps = {
  ...system,
  aws: {
    ...{ ...tagDriftCalls, ...reportOrphansCalls, ...checkDriftCalls },
    ...{ ...endOperationCalls, ...recordEventCalls, ...restoreSurvivorCalls },
    ...{ ...scheduleBackupsCalls, ...scheduleDrillsCalls },
  },
};

const env = readEnv({
  REPAIR_STATE_MACHINE: NonEmpty,
  RESTORE_STATE_MACHINE: NonEmpty,
  BACKUP_STATE_MACHINE: NonEmpty,
  DRILL_STATE_MACHINE: NonEmpty,
});
const metrics = new Metrics({ namespace: "Holdfast", serviceName: "reconcile" });

/**
 * Checks every cluster with a few calls for all of them, and starts repairs of what no event reported
 * (docs/references/aws.md#events: events are best effort). It repairs nothing itself. If any call fails, the picture is
 * incomplete and nothing is started; the next run follows in a minute.
 */
async function reconcile(_: unknown, remainingMs: () => number): Promise<void> {
  const foundAt = new Date().toISOString();
  const [clusters, members, running, tagged, listed, groups, owned] = await Promise.all([
    allClusters(table),
    allMembers(table),
    listRunningHosts(ec2),
    listMemberVolumes(ec2),
    listMemberInterfaces(ec2),
    listOwnedGroups(autoScaling),
    listOwnedResources(ec2),
  ]);
  const named = clusters.flatMap(({ uid, name }) => (members.get(name) ?? []).map((member) => ({ ...member, uid })));
  const held = clusters.flatMap(({ operation, backup }) => [operation ?? [], backup?.drillOperation ?? []].flat());
  const watched = clusters.filter(isWatched).map((cluster) => ({ cluster, members: members.get(cluster.name) ?? [] }));
  const seen = { ids: new Set(owned.map(({ id }) => id)), groups };
  const [heartbeats, operations, resources, tags] = await Promise.all([
    readHeartbeats(heartbeatTable, named),
    readOperations(table, held),
    lookAtResources(named, tagged, listed),
    readTags(deps, watched, seen).catch(withoutTags),
  ]);

  const now = new Date();
  publish(clusters, members);
  measureBackups(metrics, clusters, now);
  measureDrills(metrics, clusters, now);
  const drills = new DrillRun({ machine: env.DRILL_STATE_MACHINE, hosts: running.drills, operations });
  const heartbeatsOf = Map.groupBy(heartbeats, ({ uid }) => uid);
  const repaired = new Set<ClusterRecord>();
  const check = async (cluster: ClusterRecord): Promise<void> => {
    const operation = cluster.operation === null ? undefined : operations.get(cluster.operation);
    const known = members.get(cluster.name) ?? [];
    const lostTags = lostTagsOf(cluster, known, tags).map(({ id }) => id);
    const own = heartbeatsOf.get(cluster.uid) ?? [];
    const live = { running: running.masters, groups, heartbeats: own };
    const facts = { cluster, members: known, operation, lostTags, ...live, ...resources };
    const result = decideReconcile(facts, Math.floor(now.getTime() / 1000));
    if (result.kind === "repair") repaired.add(cluster);
    const isRestored = await watchQuorum(deps, env.RESTORE_STATE_MACHINE, facts);
    if (!isRestored) await act(facts, result, { now, foundAt });
    await scheduleBackups(deps, { backup: env.BACKUP_STATE_MACHINE }, cluster, now);
    await scheduleDrills(deps, drills, cluster, now);
  };
  await checkEach(beginElsewhere(clusters, now), check, remainingMs);
  await reportOrphans(deps, clusters, { owned, groups }, { metrics, now });
  metrics.publishStoredMetrics();
  // Last, since no repair waits for it. Resources that a repair changes are checked afterwards.
  const quiet = clusters.filter((cluster) => !repaired.has(cluster));
  await checkDrift(deps, { clusters: quiet, members, groups }, now);
}

/** Missing tags are not urgent: without them everything else is still checked. */
function withoutTags(error: unknown): TagFacts {
  logger.warn("tags could not be read", { error: error instanceof Error ? error : String(error) });
  return { instances: [], securityGroups: [], balancing: [], groups: [], templates: [] };
}

/** Lists go by tags: what is on record and in no list is looked for by its id, since only its tags may be gone. */
async function lookAtResources(
  members: readonly MemberRecord[],
  tagged: ReadonlyMap<string, string | null>,
  listed: readonly InterfaceFacts[],
): Promise<Pick<ReconcileFacts, "volumes" | "interfaces" | "untagged">> {
  const interfaces = new Map(listed.map((each) => [each.id, each]));
  const [bareVolumes, bareInterfaces] = await Promise.all([
    findVolumes(
      ec2,
      members.flatMap(({ volumeId }) => (volumeId === null || tagged.has(volumeId) ? [] : [volumeId])),
    ),
    findInterfaces(
      ec2,
      members.flatMap(({ interfaceId }) => (interfaceId === null || interfaces.has(interfaceId) ? [] : [interfaceId])),
    ),
  ]);
  return {
    volumes: new Map([...tagged, ...bareVolumes.map(({ id, instanceId }) => [id, instanceId] as const)]),
    interfaces: new Map([...interfaces, ...bareInterfaces.map((each) => [each.id, each] as const)]),
    untagged: new Set([...bareVolumes, ...bareInterfaces, ...listed].filter(isUntagged).map(({ id }) => id)),
  };
}

/** Starts of repairs at once: Step Functions takes 300 a second of an account. */
const WIDTH = 25;
/** With less time left, the remaining clusters are checked by the next run, which starts with others. */
const RESERVED_MS = 15_000;

/** Clusters are checked separately, so that a failed check does not affect the others. */
async function checkEach(
  clusters: readonly ClusterRecord[],
  check: (cluster: ClusterRecord) => Promise<void>,
  remainingMs: () => number,
): Promise<void> {
  let failures = 0;
  const onError = (cluster: ClusterRecord, error: unknown): void => {
    failures++;
    const reason = error instanceof Error ? error : String(error);
    logger.error("a cluster could not be checked", { cluster: cluster.name, error: reason });
  };
  const left = await sideBySide(clusters, check, {
    width: WIDTH,
    mayContinue: () => remainingMs() > RESERVED_MS,
    onError,
  });
  if (left.length > 0) logger.warn("the time was over before all clusters were checked", { left: left.length });
  metrics.addMetric("ReconcileFailures", MetricUnit.Count, failures);
  metrics.addMetric("ClustersNotChecked", MetricUnit.Count, left.length);
  metrics.publishStoredMetrics();
}

async function act(
  facts: ReconcileFacts,
  result: ReconcileDecision,
  { now, foundAt }: { readonly now: Date; readonly foundAt: string },
): Promise<void> {
  const { cluster, operation } = facts;
  if (result.kind === "leave") return;
  await reportHeldInterfaces(facts, now);
  if (result.kind === "healthy") return reportDetachedMasters(facts, now);
  logger.info("the reconciler found something", { cluster: cluster.name, ...result });
  if (result.kind === "end-operation") {
    if (operation) await endOperation(deps, operation, result.reason, now);
    return;
  }
  // With many clusters the first reads are some seconds ago; an event may have been quicker.
  const latest = await findCluster(table, cluster.name);
  if (latest?.operation !== cluster.operation || latest.updatedAt !== cluster.updatedAt) return;
  // A schedule may fire twice: what it finds within ten seconds is one start.
  const name = `reconcile-${cluster.uid}-${Math.floor(now.getTime() / 10_000)}`;
  const detectedBy = `reconcile: ${result.reason}`;
  await startExecution(sfn, env.REPAIR_STATE_MACHINE, name, {
    cluster: cluster.name,
    detectedBy,
    thorough: true,
    foundAt,
  });
}

/** Once a day. */
async function reportDetachedMasters(facts: ReconcileFacts, now: Date): Promise<void> {
  const time = now.toISOString();
  for (const { member, instanceId } of findDetachedMasters(facts)) {
    const message =
      `${instanceId} of master ${member} runs outside its group, which cannot launch another while it does. ` +
      "Terminate it when it suits: the group then puts another in its place.";
    const event = { time, type: "master-outside-group", message, member, operation: null };
    await recordEventOnce(deps, facts.cluster.name, event, idWithin("day", event));
  }
}

/** Once a day, including while its master is lost, since this may prevent the replacement. */
async function reportHeldInterfaces(facts: ReconcileFacts, now: Date): Promise<void> {
  const time = now.toISOString();
  for (const { member, interfaceId, instanceId } of findHeldInterfaces(facts)) {
    const message =
      `${interfaceId} of master ${member} is attached to ${instanceId}, which is not its instance. ` +
      "Detach it: its group cannot launch another master while it is held.";
    const event = { time, type: "interface-held", message, member, operation: null };
    await recordEventOnce(deps, facts.cluster.name, event, idWithin("day", event));
  }
}

/** Health of these is not counted. */
const UNWATCHED = new Set(["DELETING", "DELETED", "FAILED"]);

function publish(clusters: readonly ClusterRecord[], members: ReadonlyMap<string, readonly MemberRecord[]>): void {
  const watched = clusters.filter(({ status }) => !UNWATCHED.has(status));
  const all = watched.flatMap(({ name }) => [...(members.get(name) ?? [])]);
  metrics.addMetric("Clusters", MetricUnit.Count, watched.length);
  metrics.addMetric("ClustersDegraded", MetricUnit.Count, watched.filter(({ status }) => status === "DEGRADED").length);
  metrics.addMetric("MembersHealthy", MetricUnit.Count, all.filter(({ health }) => health === "healthy").length);
  metrics.addMetric("MembersNotHealthy", MetricUnit.Count, all.filter(({ health }) => health !== "healthy").length);
  metrics.publishStoredMetrics();
}

export const handler = eventHandler(z.unknown(), reconcile);
