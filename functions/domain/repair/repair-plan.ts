import type { MemberFacts } from "./member-facts.ts";
import { evaluateDisruption, evaluateQuorum, quorumOf } from "./quorum.ts";
import type { RepairAction } from "./repair-action.ts";
import {
  explainFull,
  explainHeld,
  explainHung,
  explainKubernetes,
  explainLost,
  explainStuck,
  explainWithoutData,
  list,
} from "./repair-reasons.ts";

/**
 * Chooses the next action (docs/architecture.md). First, members that only need an instance get one. Then, with a
 * healthy majority, a member that hangs is replaced, or one whose data is lost is renewed. Neither takes away a vote
 * that still counts, so five members recover from two such losses, one after the other. Without that majority nothing
 * is removed. A new instance does not help a member that is out of space. A member moves when its zone has launched
 * nothing for long. A move that has begun is completed before any other action that needs a majority.
 */
export function planRepair(facts: readonly MemberFacts[]): RepairAction {
  const lost = facts.filter(({ volume }) => volume !== "intact");
  const learners = facts.filter(({ answer, volume }) => volume === "intact" && answer.isLearner === true);
  // Of a learner evaluateQuorum counts no vote.
  const intact = facts.filter(({ volume }) => volume === "intact").map(({ answer }) => answer);
  const { healthy, reason } = evaluateQuorum(intact);
  const needed = quorumOf(facts.length);
  const placement = planPlacement(facts, healthy, needed);
  if (placement) return placement;
  const full = facts.filter(({ answer }) => answer.trouble?.kind === "full");
  if (full.length > 0) return { kind: "stuck", error: "SpaceExhausted", reason: explainFull(full) };
  // If a member does not answer and its volume is lost, there is nothing to wait for.
  const inDoubt = facts.filter((fact) => fact.inDoubt === true && fact.volume === "intact" && !isHeld(fact));
  if (inDoubt.length > 0) return { kind: "wait", reason: `${list(inDoubt)} does not answer for a moment` };
  const held = facts.filter(isHeld);
  const hung = facts.filter(
    (fact) =>
      fact.volume === "intact" &&
      !fact.answer.healthy &&
      !learners.includes(fact) &&
      !held.includes(fact) &&
      fact.moving !== true,
  );
  if (healthy < needed) {
    if (held.length > 0) return { kind: "stuck", error: "VolumeHeld", reason: explainHeld(held) };
    const size = facts.length;
    const explained = explainStuck({ lost, hung, healthy, needed, size, disagreement: reason });
    return { kind: "stuck", error: "QuorumAtRisk", reason: explained };
  }
  const open = facts.find(({ moving }) => moving === true);
  if (open?.moveTo !== undefined) {
    const reason = `the move of ${open.member} was begun`;
    return { kind: "move", member: open.member, zone: open.moveTo, reason };
  }
  const [hanging] = hung;
  if (hanging) return { kind: "replace", member: hanging.member, reason: explainHung(hanging) };
  const [gone] = lost.filter(({ pausing }) => pausing !== true);
  if (gone) return { kind: "renew", member: gone.member, reason: explainLost(gone) };
  const [learner] = learners;
  if (learner) return { kind: "promote", member: learner.member, reason: `${learner.member} is still a learner` };
  const [pausing] = lost;
  if (pausing) return { kind: "stuck", error: "CatchUpFailed", reason: explainLost(pausing) };
  if (held.length > 0) return { kind: "stuck", error: "VolumeHeld", reason: explainHeld(held) };
  if (healthy < facts.length) return { kind: "verify", reason };
  return planKubernetes(facts, needed) ?? planRetirement(facts) ?? planCleanUp(facts) ?? { kind: "whole" };
}

/** What needs no majority: members that only lack an instance, or whose instance lacks its data. */
function planPlacement(facts: readonly MemberFacts[], healthy: number, needed: number): RepairAction | undefined {
  // A damaged volume gets an instance only while there is no majority to renew its member from.
  const missing = facts
    .filter(
      ({ instance, volume, moving }) =>
        instance === "gone" && (volume === "intact" || (volume === "damaged" && healthy < needed)) && moving !== true,
    )
    .filter(({ heldBy }) => heldBy === undefined);
  const stranded = findStranded(facts, missing, healthy);
  if (stranded) return { kind: "move", ...stranded, reason: `the zone of ${stranded.member} launches no instance` };
  const dataless = facts.filter(isWithoutData);
  if (dataless.length > 0) {
    const members = [...missing, ...dataless].map(({ member }) => member);
    return { kind: "reattach", members, reason: explainWithoutData(dataless) };
  }
  if (missing.length > 0) {
    const members = missing.map(({ member }) => member);
    return { kind: "place", members, reason: `${list(missing)} without an instance` };
  }
  return undefined;
}

function isHeld({ heldBy, answer }: MemberFacts): boolean {
  return heldBy !== undefined && !answer.healthy;
}

/** Its data is available to its next instance. A member that moves leaves it behind. */
function isWithoutData({ instance, volume, withoutData, heldBy, moving }: MemberFacts): boolean {
  return (
    instance === "running" &&
    volume === "intact" &&
    withoutData !== undefined &&
    heldBy === undefined &&
    moving !== true
  );
}

/**
 * The first member that may move. Every member with an instance must be healthy, these must be a majority, and nothing
 * else may be pending: a move changes etcd's membership.
 */
function findStranded(
  facts: readonly MemberFacts[],
  missing: readonly MemberFacts[],
  healthy: number,
): { member: string; zone: string } | undefined {
  const [first] = missing;
  if (first?.moveTo === undefined || facts.some(({ moving }) => moving === true)) return undefined;
  const others = facts.length - missing.length;
  const allMayMove = missing.every(({ moveTo }) => moveTo !== undefined);
  if (!allMayMove || healthy < others || others < quorumOf(facts.length)) return undefined;
  return { member: first.member, zone: first.moveTo };
}

function planCleanUp(facts: readonly MemberFacts[]): RepairAction | undefined {
  const moved = facts.find(({ formerResources }) => formerResources === true);
  return (
    moved && { kind: "clean-up", member: moved.member, reason: `${moved.member} has former resources in another zone` }
  );
}

/** All members are healthy. A master without a working API may be replaced if the others are a majority without it. */
function planKubernetes(facts: readonly MemberFacts[], needed: number): RepairAction | undefined {
  const first = facts.find(({ kubernetes }) => kubernetes !== undefined);
  if (!first) return undefined;
  const why = explainKubernetes(facts);
  const unfinished = first.kubernetes?.problem === "boot" ? { unfinished: true as const } : {};
  if (facts.length - 1 >= needed) return { kind: "replace", member: first.member, reason: why, ...unfinished };
  return { kind: "stuck", error: "QuorumAtRisk", reason: `${why}, and no other member could continue without it` };
}

/**
 * A planned replacement removes a vote for a while, so every other member must be healthy. The only member is replaced
 * when its certificates are about to expire.
 */
function planRetirement(facts: readonly MemberFacts[]): RepairAction | undefined {
  const answers = facts.map(({ answer }) => answer);
  const mayGo = facts.filter(({ member }) => evaluateDisruption(answers, member).allowed);
  const [interrupted] = mayGo.flatMap(({ member, interruption }) => retire(member, "interruption", interruption));
  const worn = facts.length === 1 ? facts : mayGo;
  const [expiring] = worn.flatMap((fact) => retire(fact.member, "certificates", fact.expiring));
  return interrupted ?? expiring;
}

function retire(member: string, cause: "interruption" | "certificates", reason: string | undefined): RepairAction[] {
  return reason === undefined ? [] : [{ kind: "retire", member, cause, reason }];
}

/** More masters are without their data than a majority allows: nobody could use the API. */
export function losesQuorum(action: RepairAction, size: number): boolean {
  return (action.kind === "place" || action.kind === "reattach") && size - action.members.length < quorumOf(size);
}

/** Members with an interruption that `action` does not handle yet, each with what it waits for. */
export function waitingInterruptions(
  facts: readonly MemberFacts[],
  action: RepairAction,
): { readonly member: string; readonly reason: string }[] {
  const answers = facts.map(({ answer }) => answer);
  return facts
    .filter(
      ({ member, interruption, instance }) =>
        interruption !== undefined && instance === "running" && !acts(action, member),
    )
    .map(({ member }) => {
      if (action.kind === "retire") return { member, reason: `${action.member} is replaced first` };
      return { member, reason: action.kind === "whole" ? evaluateDisruption(answers, member).reason : action.reason };
    });
}

function acts(action: RepairAction, member: string): boolean {
  return ("member" in action && action.member === member) || ("members" in action && action.members.includes(member));
}
