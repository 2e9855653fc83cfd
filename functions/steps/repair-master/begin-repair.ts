import * as z from "zod";
import { ec2 } from "../../aws/ec2/client.ts";
import { findInstances, isRunning } from "../../aws/ec2/compute.ts";
import { volumeStates } from "../../aws/ec2/storage.ts";
import {
  type ClusterRecord,
  interruptionOf,
  type MemberRecord,
  type OperationRecord,
} from "../../domain/cluster/records.ts";
import { isOutdated } from "../../domain/repair/reconcile.ts";
import { explainDetached } from "../../domain/repair/served-data.ts";
import { ClusterName } from "../../domain/spec/spec.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { unleasedStepHandler } from "../../runtime/handlers.ts";
import { system } from "../../runtime/system.ts";
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
 * Statuses in which lost masters are repaired. In the others another operation is responsible, or none should be. While
 * a cluster is changed, the repair waits.
 */
const REPAIRABLE = new Set(["ACTIVE", "DEGRADED", "REPAIRING", "UPDATING"]);

/** More repairs than this in an hour have a cause that repairs do not fix (docs/references/kops.md#repair-budget). */
const REPAIRS_PER_HOUR = 30;

/**
 * Reads EC2 again, since events are hints: which masters have no running instance? If there is a reason, takes the
 * cluster for this repair. Throws ClusterBusy while another operation holds it.
 */
export const beginRepair = async (deps: Collaborators, input: z.output<typeof Input>) => {
  const { cluster: name, operation, launched } = input;
  const cluster = await deps.store.findCluster(name);
  if (!cluster || !REPAIRABLE.has(cluster.status)) {
    return { begun: false, reason: `the cluster is ${cluster?.status ?? "unknown"}` };
  }
  // Waiting needs no call to EC2. Most events during a repair are caused by it.
  const holder = cluster.operation;
  if (holder !== null && holder !== operation) await deps.store.refuseWhileHeld(name, holder, deps.clock.now());
  const members = await deps.store.listMembers(name);
  if (launched && holder === null && isPlaced(members, launched)) {
    return { begun: false, reason: `${launched} is in its member's place` };
  }
  const found = await findUnhealthy(deps, members);
  const now = deps.clock.now();
  const refusal =
    whyNotNeeded(cluster, members, found, input, now) ?? (await whyNotNow(deps, cluster, found, input, now));
  if (refusal !== undefined) return { begun: false, reason: refusal };
  return { begun: true, reason: await takeForRepair(deps, cluster, found, input, now) };
};

/** What the masters lack, as EC2 reports it. */
interface Unhealthy {
  readonly lost: readonly MemberRecord[];
  readonly interrupted: readonly MemberRecord[];
  readonly detached: readonly Detached[];
}

async function findUnhealthy(deps: Collaborators, members: readonly MemberRecord[]): Promise<Unhealthy> {
  const lost = await findLost(deps, members);
  const interrupted = members.filter((member) => interruptionOf(member) !== undefined && !lost.includes(member));
  const detached = await findDetached(
    deps,
    members.filter((member) => !lost.includes(member)),
  );
  return { lost, interrupted, detached };
}

/** What EC2 reports is no reason for a repair, or none yet. A repair that has begun continues. */
function whyNotNeeded(
  cluster: ClusterRecord,
  members: readonly MemberRecord[],
  { lost, interrupted, detached }: Unhealthy,
  { operation, thorough }: z.output<typeof Input>,
  now: Date,
): string | undefined {
  if (cluster.operation === operation) return undefined;
  if (lost.length + interrupted.length + detached.length === 0 && !thorough) {
    return `every master runs: ${members.map(({ member, instanceId }) => `${member} on ${instanceId}`).join(", ")}`;
  }
  const pausing = lost.filter(({ bootFailures }) => (bootFailures?.retryAt ?? 0) > now.getTime());
  if (lost.length > 0 && pausing.length === lost.length) {
    return "no instance of the lost masters boots; another attempt follows";
  }
  return undefined;
}

/** What earlier operations say against a repair. */
async function whyNotNow(
  deps: Collaborators,
  cluster: ClusterRecord,
  { lost, interrupted, detached }: Unhealthy,
  { operation, foundAt }: z.output<typeof Input>,
  now: Date,
): Promise<string | undefined> {
  const latest = await deps.store.listOperations(cluster.name, REPAIRS_PER_HOUR + 1);
  if (lost.length + interrupted.length + detached.length === 0 && isOutdated(foundAt, latest, operation)) {
    return "an operation has ended since; the next reconcile run checks again";
  }
  return isBudgetSpent(latest, operation, now) ? recordSpentBudget(deps, cluster, now) : undefined;
}

async function recordSpentBudget(deps: Collaborators, cluster: ClusterRecord, now: Date): Promise<string> {
  const { name } = cluster;
  const message = `More than ${REPAIRS_PER_HOUR} repairs in an hour: the next one waits. Find out what keeps terminating its masters.`;
  const event = { time: now.toISOString(), type: "repair-budget-spent", message, member: null, operation: null };
  await recordEvent(deps, name, event, idWithin("hour", event));
  countMetric("RepairBudgetSpent");
  if ((await deps.store.markDegraded(name, message, now)) && cluster.status !== "DEGRADED") {
    await publishStatus(deps, { cluster: name, status: "DEGRADED", reason: message, operation: null }, now);
  }
  return message;
}

/** Takes the cluster and records what is wrong with which member; resolves with the reason of the repair. */
async function takeForRepair(
  deps: Collaborators,
  cluster: ClusterRecord,
  { lost, interrupted, detached }: Unhealthy,
  { operation, detectedBy, thorough, at }: z.output<typeof Input>,
  now: Date,
): Promise<string> {
  const { name } = cluster;
  const reason = explain({ lost, interrupted, detached, detectedBy });
  const missing = [...lost, ...detached.map(({ record }) => record)];
  const loss =
    missing.length > 0 ? await lossOf(deps, cluster, missing, lost.length > 0 ? at : undefined, now) : undefined;
  const taken = { cluster: name, operation, status: "REPAIRING", reason } as const;
  await deps.store.takeCluster({ ...taken, kind: "repair", ...(loss ? { loss } : {}) }, now);
  await publishStatus(deps, taken, now);
  // Before anything that depends on tags. For an event about an instance, the reconciler checks tags a minute later.
  if (thorough) await putTagsBack(deps, cluster, operation);
  await Promise.all(
    lost.map(async ({ member, instanceId }) => {
      await deps.store.updateMember(name, member, { health: "unhealthy", observedAt: now.toISOString() });
      const message = `Master ${member} was lost: ${instanceId ?? "its instance"} is gone (${detectedBy}).`;
      await recordEvent(deps, name, { time: now.toISOString(), type: "master-lost", message, member, operation });
    }),
  );
  await Promise.all(
    detached.map(async ({ record: { member }, why }) => {
      await deps.store.updateMember(name, member, { health: "unhealthy", observedAt: now.toISOString() });
      const event = { type: "volume-detached", message: `${sentence(why)}.`, member, operation };
      await recordEvent(deps, name, { time: now.toISOString(), ...event });
    }),
  );
  return reason;
}

interface Reasons extends Unhealthy {
  readonly detectedBy: string;
}

const explain = ({ lost, interrupted, detached, detectedBy }: Reasons): string => {
  const names = (members: readonly MemberRecord[]) => members.map(({ member }) => member).join(", ");
  if (lost.length > 0) return `Master ${names(lost)} was lost and is being replaced.`;
  if (detached.length > 0) return `${sentence(detached.map(({ why }) => why).join("; "))}.`;
  if (interrupted.length > 0)
    return `AWS will take away the instance of master ${names(interrupted)}; it is replaced before.`;
  return `Being looked after: ${detectedBy}.`;
};

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** When they were lost: the reported time, or the time of the last healthy report. */
const lossOf = async (
  deps: Collaborators,
  cluster: ClusterRecord,
  lost: readonly MemberRecord[],
  at: string | null | undefined,
  now: Date,
) => {
  const members = lost.map(({ member }) => member);
  if (at) return { members, at, exact: true };
  const heartbeats = await deps.store.readHeartbeats(lost.map((member) => ({ ...member, uid: cluster.uid })));
  const lastSigns = heartbeats.filter(({ healthy }) => healthy).map(({ at: seconds }) => seconds * 1000);
  return { members, at: new Date(Math.min(now.getTime(), ...lastSigns)).toISOString(), exact: false };
};

const isBudgetSpent = (latest: readonly OperationRecord[], operation: string, now: Date): boolean => {
  const recent = latest.filter(
    ({ id, kind, startedAt }) =>
      id !== operation && kind === "repair" && now.getTime() - Date.parse(startedAt) < 3_600_000,
  );
  return recent.length >= REPAIRS_PER_HOUR;
};

const isPlaced = (members: readonly MemberRecord[], launched: string): boolean =>
  members.some(({ instanceId, health }) => instanceId === launched && health === "healthy");

const findLost = async (deps: Collaborators, members: readonly MemberRecord[]): Promise<MemberRecord[]> => {
  const ids = members.flatMap(({ instanceId }) => (instanceId === null ? [] : [instanceId]));
  const states = new Map((await deps.aws.findInstances(ids)).map(({ instanceId, state }) => [instanceId, state]));
  return members.filter(({ instanceId }) => instanceId === null || !isRunning(states.get(instanceId)));
};

interface Detached {
  readonly record: MemberRecord;
  readonly why: string;
}

/** Running masters whose volume EC2 reports as not attached. A deleted volume is handled elsewhere. */
const findDetached = async (deps: Collaborators, members: readonly MemberRecord[]): Promise<Detached[]> => {
  const volumes = await deps.aws.volumeStates(members.flatMap(({ volumeId }) => volumeId ?? []));
  return members.flatMap((record) => {
    const volume = volumes.get(record.volumeId ?? "");
    const why = volume && explainDetached({ ...record, attachedTo: volume.attachedTo });
    return why === undefined ? [] : [{ record, why }];
  });
};

export const handler = unleasedStepHandler(Input, beginRepair, () => ({ ...system, aws: calls }));
