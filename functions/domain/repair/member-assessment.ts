import { interruptionOf, type MemberRecord } from "../cluster/records.ts";
import { whyRenew } from "../host/certificates.ts";
import type { Heartbeat } from "./heartbeats.ts";
import { isContradicted, type KubernetesDown, kubernetesDown } from "./kubernetes-health.ts";
import type { MemberFacts } from "./member-facts.ts";
import type { MemberAnswer } from "./quorum.ts";
import { isEtcdDown } from "./reconcile.ts";
import { explainDetached, whyWithoutData } from "./served-data.ts";

export interface VolumeState {
  readonly state: string;
  /** The instance that has it or is being given it; null for none. */
  readonly attachedTo: string | null;
}

const LOST = new Set(["error", "deleting", "deleted"]);

/** What is known of a cluster's members without a word of etcd. */
export interface AwsFacts {
  readonly members: readonly MemberRecord[];
  readonly running: ReadonlySet<string>;
  readonly volumes: ReadonlyMap<string, VolumeState>;
  /** Of instances that have a member's volume and are not the cluster's: those that live. */
  readonly strangers: ReadonlySet<string>;
  readonly heartbeats: readonly Heartbeat[];
  readonly homes: ReadonlyMap<string, Pick<MemberFacts, "moveTo" | "moving">>;
}

/** A member whose instance is gone is not in doubt: replacing it harms nothing. */
export function isInDoubt({ instance, volume, inDoubt, answer }: MemberFacts): boolean {
  return (
    volume === "lost" || inDoubt === true || (instance === "running" && !answer.healthy && answer.isLearner !== true)
  );
}

function volumeOf({ volumes }: AwsFacts, { volumeId }: MemberRecord): VolumeState | undefined {
  return volumeId === null ? undefined : volumes.get(volumeId);
}

/**
 * Why the member's running instance cannot have its volume, by EC2; undefined if it has it, or there is none of the
 * two.
 */
function detachedOf(facts: AwsFacts, member: MemberRecord): string | undefined {
  const volume = volumeOf(facts, member);
  if (!volume || LOST.has(volume.state) || !runs(facts.running, member)) return undefined;
  return explainDetached({ ...member, attachedTo: volume.attachedTo });
}

export function runs(running: ReadonlySet<string>, { instanceId }: MemberRecord): boolean {
  return instanceId !== null && running.has(instanceId);
}

export function askable({ members, running }: AwsFacts): MemberRecord[] {
  return members.map((member) => (runs(running, member) ? member : { ...member, instanceId: null }));
}

/**
 * Some have no instance, and all of those have their volume, undamaged, and stay in their zone; the others have theirs.
 */
export function someCanBePlaced(facts: AwsFacts): boolean {
  const { members, running, strangers, homes } = facts;
  const gone = members.filter((member) => !runs(running, member));
  const isSound = (member: MemberRecord) => {
    const volume = volumeOf(facts, member);
    const { volumeId, damage } = member;
    return volume !== undefined && !LOST.has(volume.state) && damage?.volumeId !== volumeId;
  };
  const allAttached = members.every((member) => detachedOf(facts, member) === undefined);
  return gone.length > 0 && gone.every(isSound) && homes.size === 0 && allAttached && strangers.size === 0;
}

export function assessMembers(facts: AwsFacts, answers: readonly MemberAnswer[], nowMs: number): MemberFacts[] {
  const { members, running, strangers, heartbeats, homes } = facts;
  const now = Math.floor(nowMs / 1000);
  return members.map((member, index): MemberFacts => {
    const volume = volumeOf(facts, member);
    const answer = answers[index];
    if (!answer) throw new Error(`no answer about member ${member.member}`);
    const heartbeat = heartbeats.find((each) => each.member === member.member && each.instanceId === member.instanceId);
    const damage = damageOf(member, answer);
    const detached = detachedOf(facts, member);
    const down = heartbeat === undefined || isEtcdDown(heartbeat, now);
    const withoutData = whyWithoutData({ detached, answer, down });
    const holder = volume?.attachedTo ?? undefined;
    return {
      member: member.member,
      instance: runs(running, member) ? "running" : "gone",
      volume: volume === undefined || LOST.has(volume.state) ? "lost" : damage === undefined ? "intact" : "damaged",
      ...(damage === undefined ? {} : { damage }),
      pausing: (member.damage?.retryAt ?? 0) > nowMs,
      kubernetes: heartbeat && whyKubernetes(member, { heartbeat, answer, nowSeconds: now }),
      withoutData,
      ...(holder !== undefined && strangers.has(holder) ? { heldBy: holder } : {}),
      // Healthy, though EC2 says that it has no volume: one of the two is about to change.
      inDoubt:
        runs(running, member) &&
        withoutData === undefined &&
        ((detached !== undefined && answer.healthy) || (mayPass(answer) && !down)),
      ...homes.get(member.member),
      formerResources: (member.formerResources ?? []).some(({ retryAt }) => retryAt <= nowMs),
      answer,
      interruption: interruptionOf(member)?.detectedBy,
      expiring: whyRenew(heartbeat?.certificatesUntil, { nowSeconds: now, masters: members.length }),
    };
  });
}

/** Two viewpoints: what the host wrote by itself over time, and what it answers now. */
function whyKubernetes(
  { unfinishedBoots: unfinished }: MemberRecord,
  {
    heartbeat,
    answer,
    nowSeconds,
  }: { readonly heartbeat: Heartbeat; readonly answer: MemberAnswer; readonly nowSeconds: number },
): KubernetesDown | undefined {
  const down = kubernetesDown(heartbeat, { unfinished, nowSeconds });
  return down && answer.reachable && !isContradicted(down, answer) ? down : undefined;
}

/** A volume that was found damaged stays so for as long as its etcd is not healthy: that would prove the contrary. */
function damageOf({ volumeId, damage }: MemberRecord, answer: MemberAnswer): string | undefined {
  if (answer.healthy) return undefined;
  if (answer.trouble?.kind === "refused") return answer.trouble.detail;
  return damage && damage.volumeId === volumeId ? `${damage.volumeId}: ${damage.reason}` : undefined;
}

/** It does not answer, and that may pass: a refused volume and out of space do not. */
function mayPass({ healthy, isLearner, trouble }: MemberAnswer): boolean {
  return !healthy && isLearner !== true && trouble?.kind !== "refused" && trouble?.kind !== "full";
}
