import * as z from "zod";
import { ec2 } from "../../aws/ec2/client.ts";
import { findInstances, isRunning } from "../../aws/ec2/compute.ts";
import { volumeStates } from "../../aws/ec2/storage.ts";
import type { ClusterRecord, MemberRecord } from "../../domain/cluster/records.ts";
import { settledMembers } from "../../domain/migrate/settled-members.ts";
import {
  asSentence,
  explainRepair,
  findLost,
  findReasons,
  isBudgetSpent,
  isPlaced,
  isSettled,
  lossOf,
  REPAIRABLE,
  REPAIRS_PER_HOUR,
  type RepairReasons,
  whyNoRepair,
} from "../../domain/repair/repair-start.ts";
import { ClusterName } from "../../domain/spec/value-schemas.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { unleasedStepHandler } from "../../runtime/handlers.ts";
import { collaborators } from "../../runtime/system.ts";
import { putTagsBack, tagDriftCalls } from "../../usecases/drift/tag-drift.ts";
import {
  countMetric,
  idWithin,
  publishStatus,
  recordEvent,
  recordEventCalls,
} from "../../usecases/operations/record-event.ts";

const calls = { ...recordEventCalls, ...tagDriftCalls, ...bind(ec2, { findInstances, volumeStates }) };

type Collaborators = Deps<typeof calls>;

const Input = z.object({
  cluster: ClusterName,
  operation: z.string().min(1).max(80),
  /** What triggered the repair, for the event history only. */
  detectedBy: z.string(),
  /**
   * False for an event about an instance: if every instance runs and none has an interruption, there is nothing to do.
   */
  thorough: z.boolean().default(false),
  /** The instance whose launch was reported. Once it is recorded for its member, there is nothing to do. */
  launched: z.string().nullish(),
  /** When it happened, if the trigger knows. */
  at: z.iso.datetime().nullish(),
  /** When a reconcile read what it found. */
  foundAt: z.iso.datetime().nullish(),
});

/**
 * Reads EC2 again, since events are hints: which masters have no running instance? If there is a reason, takes the
 * cluster for this repair. Throws ClusterBusy while another operation holds it.
 */
export async function beginRepair(
  deps: Collaborators,
  { cluster: name, operation, detectedBy, thorough, launched, at, foundAt }: z.output<typeof Input>,
) {
  const cluster = await deps.store.findCluster(name);
  if (!cluster || !REPAIRABLE.has(cluster.status)) {
    return { begun: false, reason: `the cluster is ${cluster?.status ?? "unknown"}` };
  }
  // Whoever is being restored must not get back what is being replaced.
  if (cluster.restoration) return { begun: false, reason: "the cluster is being restored" };
  // Waiting needs no call to EC2. Most events during a repair are caused by it.
  const holder = cluster.operation;
  if (holder !== null && holder !== operation) await deps.store.refuseWhileHeld(name, holder, deps.clock.now());
  const members = settledMembers(await deps.store.listMembers(name));
  if (launched && holder === null && isPlaced(members, launched)) {
    return { begun: false, reason: `${launched} is in its member's place` };
  }
  const reasons = await readReasons(deps, members);
  const now = deps.clock.now();
  const why = whyNoRepair(reasons, { thorough, holds: holder === operation }, members, now);
  if (why !== undefined) return { begun: false, reason: why };
  const latest = await deps.store.listOperations(name, REPAIRS_PER_HOUR + 1);
  if (isSettled(reasons, foundAt, latest, operation))
    return { begun: false, reason: "an operation has ended since; the next reconcile run checks again" };
  if (isBudgetSpent(latest, operation, now)) return { begun: false, reason: await reportBudget(deps, cluster, now) };
  const reason = explainRepair(reasons, detectedBy);
  const loss = await readLoss(deps, cluster, reasons, at, now);
  const taken = { cluster: name, operation, status: "REPAIRING", reason } as const;
  await deps.store.takeCluster({ ...taken, kind: "repair", ...(loss ? { loss } : {}) }, now);
  await publishStatus(deps, taken, now);
  // Before anything that depends on tags. For an event about an instance, the reconciler checks tags a minute later.
  if (thorough) await putTagsBack(deps, cluster, operation);
  await recordReasons(deps, reasons, { cluster: name, operation, detectedBy }, now);
  return { begun: true, reason };
}

async function readReasons(deps: Collaborators, members: readonly MemberRecord[]): Promise<RepairReasons> {
  const instances = await deps.aws.findInstances(members.flatMap(({ instanceId }) => instanceId ?? []));
  const running = instances.filter(({ state }) => isRunning(state)).map(({ instanceId }) => instanceId);
  const lost = findLost(members, new Set(running));
  // A lost master is reason enough; the assessment reads all volumes.
  const volumeIds = lost.length > 0 ? [] : members.flatMap(({ volumeId }) => volumeId ?? []);
  return findReasons(members, lost, volumeIds.length > 0 ? await deps.aws.volumeStates(volumeIds) : new Map());
}

/** The repair budget is spent: an event says so, and the cluster stays as it is. */
async function reportBudget(deps: Collaborators, { name, status }: ClusterRecord, now: Date): Promise<string> {
  const message = `More than ${REPAIRS_PER_HOUR} repairs in an hour: the next one waits. Find out what keeps terminating its masters.`;
  const event = { time: now.toISOString(), type: "repair-budget-spent", message, member: null, operation: null };
  await recordEvent(deps, name, event, idWithin("hour", event));
  countMetric("RepairBudgetSpent");
  if ((await deps.store.markDegraded(name, message, now)) && status !== "DEGRADED") {
    await publishStatus(deps, { cluster: name, status: "DEGRADED", reason: message, operation: null }, now);
  }
  return message;
}

async function readLoss(
  deps: Collaborators,
  { uid }: ClusterRecord,
  { lost, detached }: RepairReasons,
  at: string | null | undefined,
  now: Date,
) {
  const missing = [...lost, ...detached.map(({ record }) => record)];
  if (missing.length === 0) return undefined;
  const reported = lost.length > 0 ? at : undefined;
  const heartbeats = reported ? [] : await deps.store.readHeartbeats(missing.map((member) => ({ ...member, uid })));
  return lossOf(missing, reported, heartbeats, now);
}

async function recordReasons(
  deps: Collaborators,
  { lost, detached }: RepairReasons,
  {
    cluster,
    operation,
    detectedBy,
  }: { readonly cluster: string; readonly operation: string; readonly detectedBy: string },
  now: Date,
): Promise<void> {
  const time = now.toISOString();
  const record = async (member: string, type: string, message: string): Promise<void> => {
    await deps.store.updateMember(cluster, member, { health: "unhealthy", observedAt: time });
    await recordEvent(deps, cluster, { time, type, message, member, operation });
  };
  const gone = (instanceId: string | null) => `${instanceId ?? "its instance"} is gone (${detectedBy})`;
  await Promise.all([
    ...lost.map(({ member, instanceId }) =>
      record(member, "master-lost", `Master ${member} was lost: ${gone(instanceId)}.`),
    ),
    ...detached.map(({ record: { member }, why }) => record(member, "volume-detached", `${asSentence(why)}.`)),
  ]);
}

export const handler = unleasedStepHandler(Input, beginRepair, collaborators(calls));
