import type { MemberFacts } from "./member-facts.ts";
import { judgeDisruption, judgeQuorum, quorumOf } from "./quorum.ts";
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

/** The next thing that a repair does. It does one, then reads the facts again. */
export type RepairAction =
  /** Nothing is wrong. */
  | { readonly kind: "whole" }
  /** Every member answers, but not yet with one voice: an election, most likely. Wait for them. */
  | { readonly kind: "settle"; readonly reason: string }
  /** A member fails to answer for a moment: nothing is taken away before it is clear whether it comes back (faults Q1). */
  | { readonly kind: "wait"; readonly reason: string }
  /** Instances are gone, identities are not: all of these come back as they were, at once. */
  | { readonly kind: "place"; readonly members: readonly string[]; readonly reason: string }
  /**
   * These run without their data, which is there: their instances end, and all of them get instances that have it. Members
   * without an instance come back with them, since they may need each other for a majority.
   */
  | { readonly kind: "reattach"; readonly members: readonly string[]; readonly reason: string }
  /** The instance runs, its etcd does not answer: end the instance, place another. One at a time, never without quorum. */
  | {
      readonly kind: "replace";
      readonly member: string;
      readonly reason: string;
      /** Its boot does not end: to be counted, since the next one's may not either. */
      readonly unfinished?: true;
    }
  /**
   * All is well, but AWS will take this instance away, or its certificates expire: replace it before. One at a time, only while
   * all members are well.
   */
  | {
      readonly kind: "retire";
      readonly member: string;
      readonly cause: "notice" | "certificates";
      readonly reason: string;
    }
  /** The member's data is lost: remove the member, add it anew with a fresh volume. One at a time, never without quorum. */
  | { readonly kind: "renew"; readonly member: string; readonly reason: string }
  /** The member's zone launches nothing: remove the member, add it anew in another zone. One at a time, never without quorum. */
  | { readonly kind: "move"; readonly member: string; readonly zone: string; readonly reason: string }
  /** All is well; what a member had in a zone that it has moved away from is removed. */
  | { readonly kind: "discard"; readonly member: string; readonly reason: string }
  /** The member joined as a learner with a fresh volume: make it a voter once it has caught up. */
  | { readonly kind: "promote"; readonly member: string; readonly reason: string }
  /** Nothing harmless is left to do; a person decides. `error` names the remedy. */
  | {
      readonly kind: "stuck";
      readonly error: "QuorumAtRisk" | "SpaceExhausted" | "CatchUpFailed" | "VolumeHeld";
      readonly reason: string;
    };

/**
 * What comes next (design §1.3, §4): bring back what only needs an instance, or another one, since its etcd cannot serve its data on
 * the one that it has; then, if the members that are well are a
 * majority of all, replace one that hangs, or renew one whose data is lost. Neither takes a vote away that still counts,
 * so five members heal from two such losses, one after the other; without that majority nothing is touched. Want of
 * space is nothing that an instance would mend. A member moves to another zone instead of waiting for an instance when its
 * zone has launched none for long, and a move that was begun is carried out before anything else that needs a majority.
 */
export const planRepair = (facts: readonly MemberFacts[]): RepairAction => {
  const lost = facts.filter(({ volume }) => volume !== "intact");
  const learners = facts.filter(({ answer, volume }) => volume === "intact" && answer.isLearner === true);
  // Of a learner judgeQuorum counts no vote.
  const intact = facts.filter(({ volume }) => volume === "intact").map(({ answer }) => answer);
  const { healthy, reason } = judgeQuorum(intact);
  const needed = quorumOf(facts.length);
  // A damaged volume gets an instance only while there is no majority that its member could be renewed from.
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
  const full = facts.filter(({ answer }) => answer.trouble?.kind === "full");
  if (full.length > 0) return { kind: "stuck", error: "SpaceExhausted", reason: explainFull(full) };
  // Silence of a member whose data is gone is no doubt: it has nothing to come back with.
  const doubted = facts.filter((fact) => fact.doubted === true && fact.volume === "intact" && !isHeld(fact));
  if (doubted.length > 0) return { kind: "wait", reason: `${list(doubted)} does not answer for a moment` };
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
  if (healthy < facts.length) return { kind: "settle", reason };
  return planKubernetes(facts, needed) ?? planRetirement(facts) ?? planDiscard(facts) ?? { kind: "whole" };
};

const isHeld = ({ heldBy, answer }: MemberFacts): boolean => heldBy !== undefined && !answer.healthy;

/** Its data is there for its next instance; a member that moves leaves it behind. */
const isWithoutData = ({ instance, volume, withoutData, heldBy, moving }: MemberFacts): boolean =>
  instance === "running" && volume === "intact" && withoutData !== undefined && heldBy === undefined && moving !== true;

/**
 * The first that may move. Only while every member that has an instance is healthy and they are a majority, and nobody
 * waits for anything else: moving changes etcd's membership.
 */
const findStranded = (
  facts: readonly MemberFacts[],
  missing: readonly MemberFacts[],
  healthy: number,
): { member: string; zone: string } | undefined => {
  const [first] = missing;
  if (first?.moveTo === undefined || facts.some(({ moving }) => moving === true)) return undefined;
  const others = facts.length - missing.length;
  const allMayMove = missing.every(({ moveTo }) => moveTo !== undefined);
  if (!allMayMove || healthy < others || others < quorumOf(facts.length)) return undefined;
  return { member: first.member, zone: first.moveTo };
};

const planDiscard = (facts: readonly MemberFacts[]): RepairAction | undefined => {
  const moved = facts.find(({ remains }) => remains === true);
  return (
    moved && { kind: "discard", member: moved.member, reason: `${moved.member} has left things in its former zone` }
  );
};

/** All members are well. A master that serves no API may go if the others are a majority without it. */
const planKubernetes = (facts: readonly MemberFacts[], needed: number): RepairAction | undefined => {
  const first = facts.find(({ kubernetes }) => kubernetes !== undefined);
  if (!first) return undefined;
  const why = explainKubernetes(facts);
  const unfinished = first.kubernetes?.problem === "boot" ? { unfinished: true as const } : {};
  if (facts.length - 1 >= needed) return { kind: "replace", member: first.member, reason: why, ...unfinished };
  return { kind: "stuck", error: "QuorumAtRisk", reason: `${why}, and no other member could go on without it` };
};

/**
 * A planned replacement costs a vote for a while, so every other one must be there. The only member of a cluster has no other:
 * it is replaced when its certificates leave no choice.
 */
const planRetirement = (facts: readonly MemberFacts[]): RepairAction | undefined => {
  const answers = facts.map(({ answer }) => answer);
  const mayGo = facts.filter(({ member }) => judgeDisruption(answers, member).allowed);
  const [noticed] = mayGo.flatMap(({ member, notice }) => retire(member, "notice", notice));
  const worn = facts.length === 1 ? facts : mayGo;
  const [expiring] = worn.flatMap((fact) => retire(fact.member, "certificates", fact.expiring));
  return noticed ?? expiring;
};

const retire = (member: string, cause: "notice" | "certificates", reason: string | undefined): RepairAction[] =>
  reason === undefined ? [] : [{ kind: "retire", member, cause, reason }];

/** So many masters are without their data that the others were no majority: nobody could use the API. */
export const losesQuorum = (action: RepairAction, size: number): boolean =>
  (action.kind === "place" || action.kind === "reattach") && size - action.members.length < quorumOf(size);

/** Members that AWS gave notice of and that `action` does nothing about yet, each with what it waits for. */
export const waitingNotices = (
  facts: readonly MemberFacts[],
  action: RepairAction,
): { readonly member: string; readonly reason: string }[] => {
  const answers = facts.map(({ answer }) => answer);
  return facts
    .filter(({ member, notice, instance }) => notice !== undefined && instance === "running" && !acts(action, member))
    .map(({ member }) => {
      if (action.kind === "retire") return { member, reason: `${action.member} is replaced first` };
      return { member, reason: action.kind === "whole" ? judgeDisruption(answers, member).reason : action.reason };
    });
};

const acts = (action: RepairAction, member: string): boolean =>
  ("member" in action && action.member === member) || ("members" in action && action.members.includes(member));
