import { isUsable, lastLaunchFailure, listGroupInstances, reportEnded } from "../../aws/auto-scaling/auto-scaling.ts";
import { autoScaling } from "../../aws/auto-scaling/client.ts";
import { ec2 } from "../../aws/ec2/client.ts";
import { findInstances, setTemplateType } from "../../aws/ec2/compute.ts";
import { MemberStranded, NotReadyYet, QuotaReached } from "../../domain/cluster/errors.ts";
import { masterGroupName, masterTemplateName } from "../../domain/cluster/naming.ts";
import { type Begun, type ClusterRecord, type MemberRecord, ownerOf } from "../../domain/cluster/records.ts";
import type { GroupInstance } from "../../domain/drift/group-drift.ts";
import { launchQuotaReached } from "../../domain/plan/quotas.ts";
import { isWantOfCapacity, nextSize } from "../../domain/repair/capacity.ts";
import { explainMove, judgeMove, othersAreWell } from "../../domain/repair/zone-move.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { MemberStepInput, stepHandler } from "../../runtime/handlers.ts";
import { MOMENT_MS, pollUntil } from "../../runtime/poll.ts";
import { system } from "../../runtime/system.ts";
import { masterGroupsCalls, putGroupsRight } from "../../usecases/members/master-groups.ts";
import { storyCalls, tellEvent, tellStatus } from "../../usecases/operations/story.ts";

const calls = {
  ...storyCalls,
  ...masterGroupsCalls,
  ...bind(ec2, { setTemplateType, findInstances }),
  ...bind(autoScaling, { reportEnded, listGroupInstances, lastLaunchFailure }),
};

type Collaborators = Deps<typeof calls>;

/** A group notices after a minute or a few that its instance has ended (aws-facts §2.1); until then it calls it healthy. */
const GROUP_NOTICES_MS = 5 * 60_000;

/** The member's instance that EC2 said was gone, for as long as its group may not know. */
const lostLately = (deps: Collaborators, record: MemberRecord | undefined): string | undefined => {
  if (!record?.instanceId || record.health !== "unhealthy" || !record.observedAt) return undefined;
  return deps.clock.now().getTime() - Date.parse(record.observedAt) < GROUP_NOTICES_MS ? record.instanceId : undefined;
};

/** A launch that fails has failed by then; before, nobody asks why there is no instance yet. */
const FAILED_AFTER_MS = 3_000;

/** The same reason is not said more often: each look finds it again, and members in trouble take turns with theirs. */
const TELL_AGAIN_MS = 20_000;

/**
 * No capacity, or the zone is out: said at once, while the group goes on trying. An interface that is in use is neither.
 * Throws MemberStranded when that has lasted for so long that the member may move.
 */
const showDegraded = async (
  deps: Collaborators,
  cluster: ClusterRecord,
  operation: string,
  member: string,
  failure: string,
) => {
  if (cluster.status !== "REPAIRING" && cluster.status !== "DEGRADED") return;
  const now = deps.clock.now();
  const records = await rememberStranded(deps, cluster.name, member, failure, now);
  const judged = judgeMove(cluster, records, member, now.getTime());
  const reason =
    `Master ${member} cannot be launched: ${failure} Its group goes on trying. ${explainMove(judged)}`.trimEnd();
  if (!wasTold(cluster, reason, now)) {
    await deps.store.updateCluster(cluster.name, operation, { status: "DEGRADED", reason }, now);
    await tellStatus(deps, { cluster: cluster.name, status: "DEGRADED", reason, operation }, now);
    const event = { type: "launch-failed", message: reason, member, operation };
    await tellEvent(deps, cluster.name, { time: now.toISOString(), ...event });
  }
  if (judged.kind === "move" && othersAreWell(records, member)) throw new MemberStranded(reason);
};

const wasTold = ({ status, reason, updatedAt }: ClusterRecord, why: string, now: Date): boolean =>
  status === "DEGRADED" && (reason === why || now.getTime() - Date.parse(updatedAt) < TELL_AGAIN_MS);

/** Since when its zone has had no capacity is written down once; all members' records, with that. */
const rememberStranded = async (deps: Collaborators, cluster: string, member: string, failure: string, now: Date) => {
  const records = await deps.store.listMembers(cluster);
  const known = records.find((record) => record.member === member)?.stranded;
  if (known || !isWantOfCapacity(failure)) return records;
  const stranded = { since: now.toISOString(), reason: failure };
  await deps.store.updateMember(cluster, member, { stranded });
  return records.map((record) => (record.member === member ? { ...record, stranded } : record));
};

/**
 * Want of capacity for the type in force: the spec's next one takes its place, and after the last the first again. False
 * when there is no other, when all were tried once around, or when the failure tells nothing of the one in force.
 */
const takeNextSize = async (
  deps: Collaborators,
  cluster: ClusterRecord,
  record: MemberRecord | undefined,
  failure: { message: string; begunAt: number },
  member: string,
): Promise<boolean> => {
  const { masterSize, masterSizeFallbacks = [] } = cluster.spec;
  const { type, since } = record?.size ?? { type: masterSize, since: cluster.createdAt };
  const next = nextSize([masterSize, ...masterSizeFallbacks], type);
  if (next === undefined || !isWantOfCapacity(failure.message)) return false;
  if (failure.begunAt <= Date.parse(since)) return cluster.status !== "DEGRADED";
  const owner = ownerOf(cluster);
  await deps.aws.setTemplateType(owner, masterTemplateName(owner, member), next);
  const now = deps.clock.now().toISOString();
  await deps.store.updateMember(cluster.name, member, { size: { type: next, since: now } });
  const message = `There is no ${type} for master ${member} in its zone; ${next} is tried.`;
  await tellEvent(deps, cluster.name, { time: now, type: "size-changed", message, member, operation: null });
  return next !== masterSize;
};

/**
 * EC2 says that the instance that is gone has ended: true once it is over, and false where nothing was lost or it only stopped.
 * Throws NotReadyYet on the way: until then it holds the member's interface, and no launch could succeed.
 */
const hasEnded = async (deps: Collaborators, lost: string | undefined): Promise<boolean> => {
  if (lost === undefined) return false;
  const [instance] = await deps.aws.findInstances([lost]);
  const state = instance?.state ?? "";
  if (state === "shutting-down" || state === "stopping") throw new NotReadyYet(`${lost} is ${state}`);
  return state === "terminated";
};

/**
 * Looks whether the member's group has an instance for it, and records whose instance that is; the first time it waits a moment.
 * The flow looks again, for as long as it takes.
 */
export const awaitInstance = async (
  deps: Collaborators,
  { cluster: name, operation, member }: MemberStepInput,
  begun: Begun,
): Promise<{ instanceId: string }> => {
  const [cluster, members] = await Promise.all([deps.store.getCluster(name), deps.store.listMembers(name)]);
  const group = masterGroupName(ownerOf(cluster), member);
  const record = members.find((candidate) => candidate.member === member);
  const lost = lostLately(deps, record);
  const ended = await hasEnded(deps, lost);
  const moved = record?.renewal?.move ? record.renewal : undefined;
  // Whoever changed the group while it was waited for would be waited for in vain.
  const { groups, held } = await putGroupsRight(deps, { cluster, operation, members: [member] });
  if (held.has(member)) throw new NotReadyYet(`${lost} has not let go of ${record?.interfaceId}`);
  let first = groups.get(group)?.instances;
  // By itself the group would find out at its health check, minutes later.
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
    // One of before a move tells nothing of the zone in which the member is now.
    if (failure === undefined || failure.begunAt <= (moved?.since ?? 0)) throw error;
    const { message } = failure;
    const quota = launchQuotaReached(message, record?.size?.type ?? cluster.spec.masterSize);
    // While a lost master is replaced the group goes on trying; a creation is for a person to go on with.
    if (quota && cluster.status === "CREATING") throw new QuotaReached(`${message} ${quota}`);
    // The predecessor still holds the interface: that passes, and is no want of capacity (faults C4).
    if (!message.includes("in use") && !(await takeNextSize(deps, cluster, record, failure, member))) {
      await showDegraded(deps, cluster, operation, member, message);
    }
    throw new NotReadyYet(`${group} cannot launch: ${message}`);
  });
  await Promise.all([
    deps.store.updateMember(name, member, {
      instanceId,
      health: "pending",
      notice: null,
      stranded: null,
      // Its learner cannot begin to catch up before.
      ...(moved ? { renewal: { ...moved, since: deps.clock.now().getTime() } } : {}),
    }),
    deps.store.rememberInstance(instanceId, { cluster: name, member }, deps.clock.now()),
  ]);
  return { instanceId };
};

export const handler = stepHandler("Await instance", MemberStepInput, awaitInstance, () => ({ ...system, aws: calls }));
