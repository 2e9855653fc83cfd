import { isUsable, listGroupInstances } from "../../aws/auto-scaling/auto-scaling.ts";
import { autoScaling } from "../../aws/auto-scaling/client.ts";
import { ec2 } from "../../aws/ec2/client.ts";
import { findInstances, isRunning } from "../../aws/ec2/compute.ts";
import { type VolumeState, volumeStates } from "../../aws/ec2/storage.ts";
import { masterGroupName, TAG } from "../../domain/cluster/naming.ts";
import {
  type ClusterRecord,
  interruptionOf,
  type MemberRecord,
  openMoveOf,
  ownerOf,
} from "../../domain/cluster/records.ts";
import { whyRenew } from "../../domain/host/certificates.ts";
import type { Heartbeat } from "../../domain/repair/heartbeats.ts";
import { isContradicted, type KubernetesDown, kubernetesDown } from "../../domain/repair/kubernetes-health.ts";
import type { MemberFacts } from "../../domain/repair/member-facts.ts";
import { silent } from "../../domain/repair/member-report.ts";
import type { MemberAnswer } from "../../domain/repair/quorum.ts";
import { isEtcdDown } from "../../domain/repair/reconcile.ts";
import { explainDetached, whyWithoutData } from "../../domain/repair/served-data.ts";
import { evaluateMove } from "../../domain/repair/zone-move.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { askMembers, observeCalls } from "./observe.ts";

export const readMembersCalls = {
  ...observeCalls,
  ...bind(ec2, { findInstances, volumeStates }),
  ...bind(autoScaling, { listGroupInstances }),
};

type Collaborators = Deps<typeof readMembersCalls>;

/**
 * Pause before a member in doubt is queried again: longer than a garbage collection, an election or a lagging read.
 */
const SECOND_LOOK_MS = 3_000;
const TRIES = 2;

const ASK_WITHIN_MS = 8_000;

const LOST = new Set(["error", "deleting", "deleted"]);

/** What was read, and whether that is all that is known: etcd was asked. */
export interface Reading {
  readonly facts: readonly MemberFacts[];
  readonly asked: boolean;
}

/**
 * Everything that a repair decides by, read now: instances and volumes from EC2, health from each member's own etcd.
 * What would lead to harm (a volume that is not there, an etcd that does not answer) is believed only at the second
 * look. Where a member only needs an instance for what it has, that comes first whatever etcd says (planRepair), and
 * etcd is not asked.
 */
export const readMembers = async (deps: Collaborators, cluster: ClusterRecord, document: string): Promise<Reading> => {
  const first = await readAwsFacts(deps, cluster);
  if (someCanBePlaced(first)) return { facts: assessMembers(deps, first, first.members.map(asSilent)), asked: false };
  let facts = assessMembers(deps, first, await askMembers(deps, document, cluster, askable(first), ASK_WITHIN_MS));
  for (let tried = 1; tried < TRIES && facts.some(isInDoubt); tried++) {
    await deps.clock.sleep(SECOND_LOOK_MS);
    const again = await readAwsFacts(deps, cluster);
    facts = assessMembers(deps, again, await askMembers(deps, document, cluster, askable(again), ASK_WITHIN_MS));
  }
  return { facts, asked: true };
};

/** A member whose instance is gone is not in doubt: replacing it harms nothing. */
const isInDoubt = ({ instance, volume, inDoubt, answer }: MemberFacts): boolean =>
  volume === "lost" || inDoubt === true || (instance === "running" && !answer.healthy && answer.isLearner !== true);

const asSilent = ({ member }: MemberRecord): MemberAnswer => silent(member);

/** What is known of a cluster's members without a word of etcd. */
interface AwsFacts {
  readonly members: readonly MemberRecord[];
  readonly running: ReadonlySet<string>;
  readonly volumes: ReadonlyMap<string, VolumeState>;
  /** Of instances that have a member's volume and are not the cluster's: those that live. */
  readonly strangers: ReadonlySet<string>;
  readonly heartbeats: readonly Heartbeat[];
  readonly homes: ReadonlyMap<string, Pick<MemberFacts, "moveTo" | "moving">>;
}

const readAwsFacts = async (deps: Collaborators, cluster: ClusterRecord): Promise<AwsFacts> => {
  const members = await deps.store.listMembers(cluster.name);
  const present = (ids: readonly (string | null)[]) => ids.filter((id) => id !== null);
  const named = members.map((member) => ({ ...member, uid: cluster.uid }));
  const [instances, volumes, heartbeats] = await Promise.all([
    deps.aws.findInstances(present(members.map(({ instanceId }) => instanceId))),
    deps.aws.volumeStates(present(members.map(({ volumeId }) => volumeId))),
    deps.store.readHeartbeats(named),
  ]);
  const running = new Set(instances.filter(({ state }) => isRunning(state)).map(({ instanceId }) => instanceId));
  const [homes, strangers] = await Promise.all([
    findHomes(deps, { cluster, members }, (member) => !runs(running, member)),
    findStrangers(deps, cluster, members, volumes),
  ]);
  return { members, running, volumes, strangers, heartbeats, homes };
};

/** A former master, too, is the cluster's: it lets go of its volume as it ends. */
const findStrangers = async (
  deps: Collaborators,
  { uid }: ClusterRecord,
  members: readonly MemberRecord[],
  volumes: ReadonlyMap<string, VolumeState>,
): Promise<Set<string>> => {
  const own = new Set(members.map(({ instanceId }) => instanceId));
  const holders = [...volumes.values()].flatMap(({ attachedTo }) => attachedTo ?? []);
  const found = await deps.aws.findInstances(holders.filter((holder) => !own.has(holder)));
  const live = found.filter(({ state, tags }) => !ENDING.has(state) && tags[TAG.uid] !== uid);
  return new Set(live.map(({ instanceId }) => instanceId));
};

const ENDING = new Set(["shutting-down", "terminated"]);

const volumeOf = ({ volumes }: AwsFacts, { volumeId }: MemberRecord): VolumeState | undefined =>
  volumeId === null ? undefined : volumes.get(volumeId);

/**
 * Why the member's running instance cannot have its volume, by EC2; undefined if it has it, or there is none of the
 * two.
 */
const detachedOf = (readAwsFacts: AwsFacts, member: MemberRecord): string | undefined => {
  const volume = volumeOf(readAwsFacts, member);
  if (!volume || LOST.has(volume.state) || !runs(readAwsFacts.running, member)) return undefined;
  return explainDetached({ ...member, attachedTo: volume.attachedTo });
};

const runs = (running: ReadonlySet<string>, { instanceId }: MemberRecord): boolean =>
  instanceId !== null && running.has(instanceId);

const askable = ({ members, running }: AwsFacts): MemberRecord[] =>
  members.map((member) => (runs(running, member) ? member : { ...member, instanceId: null }));

/**
 * Some have no instance, and all of those have their volume, undamaged, and stay in their zone; the others have theirs.
 */
const someCanBePlaced = (readAwsFacts: AwsFacts): boolean => {
  const { members, running, strangers, homes } = readAwsFacts;
  const gone = members.filter((member) => !runs(running, member));
  const isSound = (member: MemberRecord) => {
    const volume = volumeOf(readAwsFacts, member);
    const { volumeId, damage } = member;
    return volume !== undefined && !LOST.has(volume.state) && damage?.volumeId !== volumeId;
  };
  const allAttached = members.every((member) => detachedOf(readAwsFacts, member) === undefined);
  return gone.length > 0 && gone.every(isSound) && homes.size === 0 && allAttached && strangers.size === 0;
};

const assessMembers = (
  deps: Collaborators,
  readAwsFacts: AwsFacts,
  answers: readonly MemberAnswer[],
): MemberFacts[] => {
  const { members, running, strangers, heartbeats, homes } = readAwsFacts;
  const now = Math.floor(deps.clock.now().getTime() / 1000);
  return members.map((member, index): MemberFacts => {
    const volume = volumeOf(readAwsFacts, member);
    const answer = answers[index];
    if (!answer) throw new Error(`no answer about member ${member.member}`);
    const heartbeat = heartbeats.find((each) => each.member === member.member && each.instanceId === member.instanceId);
    const damage = damageOf(member, answer);
    const detached = detachedOf(readAwsFacts, member);
    const down = heartbeat === undefined || isEtcdDown(heartbeat, now);
    const withoutData = whyWithoutData({ detached, answer, down });
    const holder = volume?.attachedTo ?? undefined;
    return {
      member: member.member,
      instance: runs(running, member) ? "running" : "gone",
      volume: volume === undefined || LOST.has(volume.state) ? "lost" : damage === undefined ? "intact" : "damaged",
      ...(damage === undefined ? {} : { damage }),
      pausing: (member.damage?.retryAt ?? 0) > deps.clock.now().getTime(),
      kubernetes: heartbeat && whyKubernetes(member, { heartbeat, answer, nowSeconds: now }),
      withoutData,
      ...(holder !== undefined && strangers.has(holder) ? { heldBy: holder } : {}),
      // Healthy, though EC2 says that it has no volume: one of the two is about to change.
      inDoubt:
        runs(running, member) &&
        withoutData === undefined &&
        ((detached !== undefined && answer.healthy) || (mayPass(answer) && !down)),
      ...homes.get(member.member),
      formerResources: (member.formerResources ?? []).some(({ retryAt }) => retryAt <= deps.clock.now().getTime()),
      answer,
      interruption: interruptionOf(member)?.detectedBy,
      expiring: whyRenew(heartbeat?.certificatesUntil, { nowSeconds: now, masters: members.length }),
    };
  });
};

/** Two viewpoints: what the host wrote by itself over time, and what it answers now. */
const whyKubernetes = (
  { unfinishedBoots: unfinished }: MemberRecord,
  {
    heartbeat,
    answer,
    nowSeconds,
  }: { readonly heartbeat: Heartbeat; readonly answer: MemberAnswer; readonly nowSeconds: number },
): KubernetesDown | undefined => {
  const down = kubernetesDown(heartbeat, { unfinished, nowSeconds });
  return down && answer.reachable && !isContradicted(down, answer) ? down : undefined;
};

/**
 * Where members without an instance may move, or were to move when that was decided. One whose group has launched an
 * instance after all has no reason to.
 */
const findHomes = async (
  deps: Collaborators,
  { cluster, members }: { readonly cluster: ClusterRecord; readonly members: readonly MemberRecord[] },
  isGone: (member: MemberRecord) => boolean,
): Promise<Map<string, Pick<MemberFacts, "moveTo" | "moving">>> => {
  const homes = new Map<string, Pick<MemberFacts, "moveTo" | "moving">>();
  for (const record of members.filter(isGone)) {
    const { member } = record;
    const open = openMoveOf(record);
    if (open) homes.set(member, { moveTo: open.move.to, moving: true });
    const moveResult = evaluateMove(cluster, members, member, deps.clock.now().getTime());
    if (open || moveResult.kind !== "move") continue;
    const group = masterGroupName(ownerOf(cluster), member);
    const launched = (await deps.aws.listGroupInstances([group])).get(group)?.some(isUsable);
    if (launched !== true) homes.set(member, { moveTo: moveResult.zone });
  }
  return homes;
};

/** A volume that was found damaged stays so for as long as its etcd is not healthy: that would prove the contrary. */
const damageOf = ({ volumeId, damage }: MemberRecord, answer: MemberAnswer): string | undefined => {
  if (answer.healthy) return undefined;
  if (answer.trouble?.kind === "refused") return answer.trouble.detail;
  return damage && damage.volumeId === volumeId ? `${damage.volumeId}: ${damage.reason}` : undefined;
};

/** It does not answer, and that may pass: a refused volume and out of space do not. */
const mayPass = ({ healthy, isLearner, trouble }: MemberAnswer): boolean =>
  !healthy && isLearner !== true && trouble?.kind !== "refused" && trouble?.kind !== "full";
