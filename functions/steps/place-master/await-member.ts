import * as z from "zod";
import { ec2 } from "../../aws/ec2/client.ts";
import { consoleTail } from "../../aws/ec2/compute.ts";
import { hasVolume, volumeStates } from "../../aws/ec2/storage.ts";
import { ssm } from "../../aws/ssm/client.ts";
import { replaceText } from "../../aws/ssm/parameters.ts";
import { BootFailed, DataDamaged, InstanceGone, NotReadyYet, QuorumAtRisk } from "../../domain/cluster/errors.ts";
import { masterGroupName, parameterName } from "../../domain/cluster/naming.ts";
import { type Begun, type DamageRecord, ownerOf } from "../../domain/cluster/records.ts";
import { countBootFailure } from "../../domain/repair/boot-failures.ts";
import { readMemberReport } from "../../domain/repair/member-report.ts";
import type { MemberAnswer } from "../../domain/repair/quorum.ts";
import { explainNoMajority } from "../../domain/repair/repair-reasons.ts";
import { checkServedData } from "../../domain/repair/served-data.ts";
import { counted } from "../../domain/text/counted.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { type EnvOf, NonEmpty } from "../../runtime/env.ts";
import { type MemberStepRequest, stepHandler } from "../../runtime/handlers.ts";
import { collaborators } from "../../runtime/system.ts";
import { readOwningCluster } from "../../usecases/deletion/owning-cluster.ts";
import { endMaster, endMasterCalls, letEnd, ownedInstance } from "../../usecases/members/end-master.ts";
import { askHost, hostCommandCalls } from "../../usecases/members/host-command.ts";
import { recordOf } from "../../usecases/members/members.ts";
import {
  isAlive,
  lostMembers,
  otherLossesCalls,
  PlacementInput,
  requireOthers,
  waitsLong,
} from "../../usecases/members/other-losses.ts";
import { idOn, recordEvent, recordEventCalls } from "../../usecases/operations/record-event.ts";

const calls = {
  ...recordEventCalls,
  ...hostCommandCalls,
  ...endMasterCalls,
  ...bind(ssm, { replaceText }),
  ...otherLossesCalls,
  ...bind(ec2, { consoleTail, hasVolume, volumeStates }),
};

const STEP = "Await member";
const ENV = { AWAIT_MEMBER_DOCUMENT: NonEmpty };
type Collaborators = Deps<typeof calls, EnvOf<typeof ENV>>;

const Input = PlacementInput.extend({ instanceId: z.string(), volumeId: z.string() });

/**
 * An instance answers one or two minutes after its launch; the load targets allow six to be healthy
 * (docs/references/faults.md#load-targets).
 */
const ANSWERS_WITHIN_MS = 10 * 60_000;

/** No host with a new volume has its etcd running sooner; until then the command waits there. */
const BOOT_MS = 1_200;

/** The document waits 12 seconds and asks etcd; an agent that is alive has answered by then. */
const COMMAND_MS = 30_000;
/** Nobody asks EC2 about the instance while a command is that young. */
const YOUNG_MS = 10_000;

const USABLE = new Set(["creating", "available", "in-use"]);

/**
 * It commits reads; or it follows a leader and is a learner, which cannot read yet, or is out of space, which a person
 * must fix.
 */
function hasJoined({ healthy, isLearner, leaderId, trouble }: MemberAnswer): boolean {
  return healthy || ((isLearner === true || trouble?.kind === "full") && leaderId !== null && leaderId !== "0");
}

/**
 * Asks whether the member's etcd on this instance commits a read: then it has its data and is part of the quorum. The
 * flow repeats this.
 */
export async function awaitMember(deps: Collaborators, input: z.output<typeof Input>, begun: Begun) {
  const { cluster: name, operation, member, instanceId, volumeId } = input;
  const answer = await askMember(deps, input, begun);
  const cluster = await deps.store.getCluster(name);
  const health = answer.healthy ? ("healthy" as const) : ("unhealthy" as const);
  const { generation, usedVolumeId } = await recordOf(deps, name, member);
  // From here on the volume has data: a host that finds it blank must refuse it.
  if (usedVolumeId !== volumeId) {
    await deps.aws.replaceText(parameterName.volume(ownerOf(cluster), member), `${volumeId} ${generation} in-use`);
  }
  const observedAt = deps.clock.now().toISOString();
  await deps.store.updateMember(name, member, { health, observedAt, usedVolumeId: volumeId, bootFailures: null });
  const event = {
    time: deps.clock.now().toISOString(),
    type: answer.healthy ? "member-healthy" : "member-learning",
    message: `etcd member ${member} ${answer.healthy ? "is healthy" : "learns"} on ${instanceId}, with volume ${volumeId}.`,
    member,
    operation,
  };
  await recordEvent(deps, name, event, idOn(instanceId, event));
  return { memberId: answer.memberId };
}

/**
 * The member's report, once it has joined. Throws NotReadyYet, or the reason why it can never join on this instance.
 */
async function askMember(deps: Collaborators, input: z.output<typeof Input>, begun: Begun): Promise<MemberAnswer> {
  const { cluster, operation, member, instanceId, volumeId } = input;
  const known = begun.command?.instanceId === instanceId ? begun.command : undefined;
  const ageMs = known === undefined ? 0 : deps.clock.now().getTime() - known.sentAt;
  let sent = false;
  const question = {
    document: deps.env.AWAIT_MEMBER_DOCUMENT,
    instanceId,
    firstLookMs: BOOT_MS,
    answersWithinMs: COMMAND_MS,
    onSent: () => {
      sent = true;
    },
  };
  const [{ etcdClusterId: clusterId, restoration, migration }, said] = await Promise.all([
    deps.store.getCluster(cluster),
    askHost(deps, { operation, step: STEP, member, begun }, question).catch(async (error: unknown) => {
      if (!(error instanceof NotReadyYet) || (sent && ageMs < YOUNG_MS)) throw error;
      await requireAlive(deps, input, sent && ageMs < COMMAND_MS);
      throw error;
    }),
  ]);
  const report = checkServedData(readMemberReport(member, said.output), { volumeId, clusterId });
  if (hasJoined(report)) return report;
  // On a fresh instance neither is a hang: nothing is gained by waiting.
  const { trouble } = report;
  if (trouble?.kind === "refused" || trouble?.kind === "crashing")
    await rememberDamage(deps, cluster, operation, member, { volumeId, reason: trouble.detail });
  if (trouble?.kind === "boot") await giveUp(deps, input, "its user data failed");
  if (report.held === true && !restoration) await endHeld(deps, input);
  await requireAlive(deps, input, said.ok);
  // AWS had only accepted the attachment: "Attach volume" waits for it, or gives it up.
  if (!(await deps.aws.hasVolume(instanceId, volumeId)))
    throw new InstanceGone(`${instanceId} does not have volume ${volumeId} yet`);
  if (waitsLong(deps, begun)) {
    await requireMajority(deps, cluster);
    if (migration) await requireVoters(deps, cluster);
    await requireOthers(deps, input);
  }
  throw new NotReadyYet(`etcd member ${member} on ${instanceId} is not healthy yet`);
}

/**
 * It booted while a restore was undone, and nobody starts what is on hold any more: the group's next instance reads that
 * the volume is in use.
 */
async function endHeld(deps: Collaborators, at: z.output<typeof Input>): Promise<never> {
  await endInstance(deps, at);
  throw new InstanceGone(`${at.instanceId} booted on hold, and no restore is open`);
}

/** Throws QuorumAtRisk where so many volumes are gone that no member can commit: there is nothing to wait for. */
async function requireMajority(deps: Collaborators, cluster: string): Promise<void> {
  const members = await deps.store.listMembers(cluster);
  const volumes = await deps.aws.volumeStates(members.flatMap(({ volumeId }) => volumeId ?? []));
  const lost = members.filter(
    ({ volumeId }) => volumeId !== null && !USABLE.has(volumes.get(volumeId)?.state ?? "gone"),
  );
  const why = explainNoMajority(
    lost.map(({ member }) => member),
    members.length,
  );
  if (why !== undefined) throw new QuorumAtRisk(why);
}

/**
 * While a migration holds the cluster no repair brings voters back, so the migration has to, before it waits for others.
 * Throws QuorumAtRisk where so many of them have lost their instances that none can commit.
 */
async function requireVoters(deps: Collaborators, cluster: string): Promise<void> {
  const { lost, size } = await lostMembers(deps, cluster);
  if (lost.length * 2 < size || lost.length === 0) return;
  const names = lost.map((each) => each.member).join(", ");
  throw new QuorumAtRisk(`${names} lost the instance, and no majority of etcd is left; what was lost comes back first`);
}

/** Throws InstanceGone for an instance that has ended, or that is given up because nothing on it ever answered. */
async function requireAlive(deps: Collaborators, at: z.output<typeof Input>, answers: boolean): Promise<void> {
  const [instance] = await deps.aws.findInstances([at.instanceId]);
  if (!instance || !isAlive(instance.state)) throw new InstanceGone(`${at.instanceId} is ${instance?.state ?? "gone"}`);
  if (!answers && deps.clock.now().getTime() - instance.launchedAt > ANSWERS_WITHIN_MS)
    await giveUp(deps, at, "its management agent never answered");
}

/** Records the volume in the event history and the member's record. The next assessment decides what to do. */
async function rememberDamage(
  deps: Collaborators,
  name: string,
  operation: string,
  member: string,
  damage: DamageRecord,
): Promise<never> {
  await deps.store.updateMember(name, member, {
    damage,
    health: "unhealthy",
    observedAt: deps.clock.now().toISOString(),
  });
  const message = `Volume ${damage.volumeId} of member ${member} is not usable on a new instance either: ${damage.reason}. The volume is kept unchanged.`;
  const time = deps.clock.now().toISOString();
  await recordEvent(deps, name, { time, type: "volume-damaged", message, member, operation });
  throw new DataDamaged(message);
}

/**
 * An instance that fails to boot never becomes a master. Its launch is abandoned, so that the group tries another. The
 * third failure in a row ends the operation, with the end of the console output. Of a new member the first one does: a
 * migration that waits for others would leave the cluster without repairs.
 */
async function giveUp(
  deps: Collaborators,
  at: MemberStepRequest & { readonly instanceId: string },
  why: string,
): Promise<never> {
  const { cluster, operation, member, instanceId } = at;
  const { bootFailures, migrating } = await recordOf(deps, cluster, member);
  const { giveUp: isLast, ...failures } = countBootFailure(bootFailures, operation, deps.clock.now().getTime());
  const message = `${instanceId} did not boot: ${why}. The end of its console: ${await deps.aws.consoleTail(instanceId)}`;
  const observedAt = deps.clock.now().toISOString();
  await deps.store.updateMember(cluster, member, { bootFailures: failures, health: "unhealthy", observedAt });
  await endInstance(deps, at);
  if (migrating === "joining") throw new BootFailed(message);
  if (!isLast) throw new InstanceGone(message);
  const until = new Date(failures.retryAt).toISOString();
  throw new BootFailed(
    `${counted(failures.count, "instance")} of master ${member} in a row failed; the next attempt is at ${until}. ${message}`,
  );
}

async function endInstance(
  deps: Collaborators,
  { cluster, member, instanceId }: MemberStepRequest & { readonly instanceId: string },
): Promise<void> {
  const record = await deps.store.getCluster(cluster);
  const [instance] = await deps.aws.findInstances([instanceId]);
  if (instance)
    await endMaster(deps, record, member, ownedInstance(await readOwningCluster(deps, cluster), member, instance));
  await letEnd(deps, masterGroupName(ownerOf(record), member), instanceId);
}

export const handler = stepHandler(STEP, Input, awaitMember, collaborators(calls, ENV));
