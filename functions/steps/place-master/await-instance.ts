import { isUsable, listGroupInstances } from "../../aws/auto-scaling/auto-scaling.ts";
import { autoScaling } from "../../aws/auto-scaling/client.ts";
import { lastLaunchFailure, reportEnded } from "../../aws/auto-scaling/instances.ts";
import { MemberStranded, NotReadyYet, QuotaReached } from "../../domain/cluster/errors.ts";
import { masterGroupName } from "../../domain/cluster/naming.ts";
import { type Begun, type ClusterRecord, type MemberRecord, ownerOf } from "../../domain/cluster/records.ts";
import type { GroupInstance } from "../../domain/drift/group-drift.ts";
import { launchQuotaReached } from "../../domain/plan/quotas.ts";
import { isInsufficientCapacity, nextSize } from "../../domain/repair/capacity.ts";
import { evaluateMove, explainMove, othersAreHealthy } from "../../domain/repair/zone-move.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { type MemberStepRequest, stepHandler } from "../../runtime/handlers.ts";
import { MOMENT_MS, pollUntil } from "../../runtime/poll.ts";
import { collaborators } from "../../runtime/system.ts";
import { changeSize, changeSizeCalls } from "../../usecases/members/change-size.ts";
import { fixGroups, masterGroupsCalls } from "../../usecases/members/master-groups.ts";
import {
  otherLossesCalls,
  PlacementInput,
  type PlacementRequest,
  requireOthers,
  waitsLong,
} from "../../usecases/members/other-losses.ts";
import { publishStatus, recordEvent } from "../../usecases/operations/record-event.ts";

const calls = {
  ...changeSizeCalls,
  ...masterGroupsCalls,
  ...otherLossesCalls,
  ...bind(autoScaling, { reportEnded, listGroupInstances, lastLaunchFailure }),
};

type Collaborators = Deps<typeof calls>;

/**
 * A group detects after one or several minutes that its instance has ended (docs/references/aws.md#asg-health). Until
 * then it reports it as healthy.
 */
const GROUP_DETECTION_MS = 5 * 60_000;

/** The member's instance that EC2 said was gone, for as long as its group may not know. */
function lostLately(deps: Collaborators, record: MemberRecord | undefined): string | undefined {
  if (!record?.instanceId || record.health !== "unhealthy" || !record.observedAt) return undefined;
  return deps.clock.now().getTime() - Date.parse(record.observedAt) < GROUP_DETECTION_MS
    ? record.instanceId
    : undefined;
}

/** A failing launch has failed by then. Before that, scaling activities are not read. */
const FAILED_AFTER_MS = 3_000;

/** The same reason is recorded only once in this time, since each check finds it again. */
const RECORD_AGAIN_MS = 20_000;

/**
 * Insufficient capacity or an impaired zone is reported at once, while the group keeps trying. An interface in use is
 * neither. Throws MemberStranded when it has lasted long enough for a move.
 */
async function showDegraded(
  deps: Collaborators,
  cluster: ClusterRecord,
  operation: string,
  member: string,
  failure: string,
) {
  if (cluster.status !== "REPAIRING" && cluster.status !== "DEGRADED") return;
  const now = deps.clock.now();
  const records = await rememberStranded(deps, cluster.name, member, failure, now);
  const evaluated = evaluateMove(cluster, records, member, now.getTime());
  const reason =
    `Master ${member} cannot be launched: ${failure} Its group keeps trying. ${explainMove(evaluated)}`.trimEnd();
  if (!wasRecorded(cluster, reason, now)) {
    await deps.store.updateCluster(cluster.name, operation, { status: "DEGRADED", reason }, now);
    await publishStatus(deps, { cluster: cluster.name, status: "DEGRADED", reason, operation }, now);
    const event = { type: "launch-failed", message: reason, member, operation };
    await recordEvent(deps, cluster.name, { time: now.toISOString(), ...event });
  }
  if (evaluated.kind === "move" && othersAreHealthy(records, member)) throw new MemberStranded(reason);
}

function wasRecorded({ status, reason, updatedAt }: ClusterRecord, why: string, now: Date): boolean {
  return status === "DEGRADED" && (reason === why || now.getTime() - Date.parse(updatedAt) < RECORD_AGAIN_MS);
}

/** Records once since when the zone lacks capacity, and returns all members' records. */
async function rememberStranded(deps: Collaborators, cluster: string, member: string, failure: string, now: Date) {
  const records = await deps.store.listMembers(cluster);
  const known = records.find((record) => record.member === member)?.stranded;
  if (known || !isInsufficientCapacity(failure)) return records;
  const stranded = { since: now.toISOString(), reason: failure };
  await deps.store.updateMember(cluster, member, { stranded });
  return records.map((record) => (record.member === member ? { ...record, stranded } : record));
}

/**
 * On insufficient capacity, selects the spec's next instance type, and after the last one the first. False if there is
 * no other type, if all were tried, or if the failure is not about the current type.
 */
async function takeNextSize(
  deps: Collaborators,
  cluster: ClusterRecord,
  record: MemberRecord | undefined,
  failure: { message: string; begunAt: number },
  member: string,
): Promise<boolean> {
  const { masterSize, masterSizeFallbacks = [] } = cluster.spec;
  const { type, since } = record?.size ?? { type: masterSize, since: cluster.createdAt };
  const next = nextSize([masterSize, ...masterSizeFallbacks], type);
  if (next === undefined || !isInsufficientCapacity(failure.message)) return false;
  if (failure.begunAt <= Date.parse(since)) return cluster.status !== "DEGRADED";
  await changeSize(deps, cluster, member, { from: type, to: next });
  return next !== masterSize;
}

/**
 * True once EC2 reports that the lost instance has ended; false if nothing was lost or it only stopped. Throws
 * NotReadyYet until then: it still holds the member's interface, so a launch would fail.
 */
async function hasEnded(deps: Collaborators, lost: string | undefined): Promise<boolean> {
  if (lost === undefined) return false;
  const [instance] = await deps.aws.findInstances([lost]);
  const state = instance?.state ?? "";
  if (state === "shutting-down" || state === "stopping") throw new NotReadyYet(`${lost} is ${state}`);
  return state === "terminated";
}

/**
 * Reads whether the member's group has an instance, and records it. The first time it waits a moment. The flow repeats
 * this for as long as needed, or until another master is lost.
 */
export async function awaitInstance(deps: Collaborators, input: PlacementRequest, begun: Begun) {
  try {
    return await findLaunched(deps, input, begun);
  } catch (error) {
    if (error instanceof NotReadyYet && waitsLong(deps, begun)) await requireOthers(deps, input);
    throw error;
  }
}

async function findLaunched(
  deps: Collaborators,
  { cluster: name, operation, member }: MemberStepRequest,
  begun: Begun,
): Promise<{ instanceId: string }> {
  const [cluster, members] = await Promise.all([deps.store.getCluster(name), deps.store.listMembers(name)]);
  const group = masterGroupName(ownerOf(cluster), member);
  const record = members.find((candidate) => candidate.member === member);
  const lost = lostLately(deps, record);
  const ended = await hasEnded(deps, lost);
  const moved = record?.renewal?.move ? record.renewal : undefined;
  // If somebody changed the group meanwhile, waiting would be useless.
  const { groups, held } = await fixGroups(deps, { cluster, operation, members: [member] });
  if (held.has(member)) throw new NotReadyYet(`${lost} has not let go of ${record?.interfaceId}`);
  let first = groups.get(group)?.instances;
  // The group's own health check would detect it minutes later.
  if (ended && lost !== undefined && first?.some((each) => each.instanceId === lost && isUsable(each))) {
    await deps.aws.reportEnded(lost);
    first = undefined;
  }
  const look = async (): Promise<GroupInstance | undefined> => {
    const instances = first ?? (await deps.aws.listGroupInstances([group])).get(group) ?? [];
    first = undefined;
    return instances.find((instance) => isUsable(instance) && instance.instanceId !== lost);
  };
  const { instanceId } = await pollUntil(deps.clock, look, {
    waitingFor: `an instance from ${group}`,
    withinMs: begun.first ? MOMENT_MS : 0,
    // No group is sooner: the old instance ends in order before a new one is launched.
    firstMs: 500,
    growth: 1.3,
  }).catch(async (error: unknown) => {
    if (!(error instanceof NotReadyYet) || deps.clock.now().getTime() - Date.parse(begun.waitsSince) < FAILED_AFTER_MS)
      throw error;
    const failure = await deps.aws.lastLaunchFailure(group);
    // An activity from before a move says nothing about the new zone.
    if (failure === undefined || failure.begunAt <= (moved?.since ?? 0)) throw error;
    const { message } = failure;
    const quota = launchQuotaReached(message, record?.size?.type ?? cluster.spec.masterSize);
    // While a lost master is replaced, the group keeps trying. A failed creation is continued by a person.
    if (quota && cluster.status === "CREATING") throw new QuotaReached(`${message} ${quota}`);
    // The former instance still holds the interface. That ends by itself and is not insufficient capacity
    // (docs/references/faults.md#c4).
    if (!message.includes("in use") && !(await takeNextSize(deps, cluster, record, failure, member))) {
      await showDegraded(deps, cluster, operation, member, message);
    }
    throw new NotReadyYet(`${group} cannot launch: ${message}`);
  });
  await Promise.all([
    deps.store.updateMember(name, member, {
      instanceId,
      health: "pending",
      interruption: null,
      stranded: null,
      // Its learner cannot begin to catch up before.
      ...(moved ? { renewal: { ...moved, since: deps.clock.now().getTime() } } : {}),
    }),
    deps.store.rememberInstance(instanceId, { cluster: name, member }, deps.clock.now()),
  ]);
  return { instanceId };
}

export const handler = stepHandler("Await instance", PlacementInput, awaitInstance, collaborators(calls));
