import { judgeDisruption, judgeQuorum, type MemberAnswer, quorumOf } from "./quorum.ts";

/** What was just read about one member, from EC2 and from etcd itself. */
export interface MemberFacts {
  readonly member: string;
  /** Its instance: there and running (or about to), or not. */
  readonly instance: "running" | "gone";
  /** Its volume: usable, or lost (deleted, or in state `error`): its data will not come back. */
  readonly volume: "intact" | "lost";
  readonly answer: MemberAnswer;
  /** AWS will take the instance away: who said so. */
  readonly notice?: string | undefined;
}

/** The next thing that a repair does. It does one, then reads the facts again. */
export type RepairAction =
  /** Nothing is wrong. */
  | { readonly kind: "whole" }
  /** Every member answers, but not yet with one voice: an election, most likely. Wait for them. */
  | { readonly kind: "settle"; readonly reason: string }
  /** Instances are gone, identities are not: all of these come back as they were, at once. */
  | { readonly kind: "place"; readonly members: readonly string[]; readonly reason: string }
  /** The instance runs, its etcd does not answer: end the instance, place another. One at a time, never without quorum. */
  | { readonly kind: "replace"; readonly member: string; readonly reason: string }
  /** All is well, but AWS will take this instance away: replace it before. One at a time, only while all members are well. */
  | { readonly kind: "retire"; readonly member: string; readonly reason: string }
  /** The member's data is lost: remove the member, add it anew with a fresh volume. One at a time, never without quorum. */
  | { readonly kind: "renew"; readonly member: string; readonly reason: string }
  /** The member joined as a learner with a fresh volume: make it a voter once it has caught up. */
  | { readonly kind: "promote"; readonly member: string; readonly reason: string }
  /** Nothing harmless is left to do; a person decides. */
  | { readonly kind: "stuck"; readonly reason: string };

/**
 * What comes next (design §1.3, §4): bring back what only needs an instance; then, if the members that are well are a
 * majority of all, replace one that hangs, or renew one whose data is lost. Neither takes a vote away that still counts,
 * so five members heal from two such losses, one after the other; without that majority nothing is touched.
 */
export const planRepair = (facts: readonly MemberFacts[]): RepairAction => {
  const missing = facts.filter(({ instance, volume }) => instance === "gone" && volume === "intact");
  if (missing.length > 0) {
    return {
      kind: "place",
      members: missing.map(({ member }) => member),
      reason: `${list(missing)} without an instance`,
    };
  }
  const lost = facts.filter(({ volume }) => volume === "lost");
  const learners = facts.filter(({ answer, volume }) => volume === "intact" && answer.isLearner === true);
  const hung = facts.filter((fact) => fact.volume === "intact" && !fact.answer.healthy && !learners.includes(fact));
  const well = facts.filter((fact) => !lost.includes(fact) && !learners.includes(fact)).map(({ answer }) => answer);
  const { healthy, reason } = judgeQuorum(well);
  const needed = quorumOf(facts.length);
  if (healthy < needed) {
    return {
      kind: "stuck",
      reason: explainStuck({ lost, hung, healthy, needed, size: facts.length, disagreement: reason }),
    };
  }
  const [hanging] = hung;
  if (hanging) {
    const why = `etcd of ${hanging.member} does not answer on its running instance`;
    return { kind: "replace", member: hanging.member, reason: why };
  }
  const [gone] = lost;
  if (gone) return { kind: "renew", member: gone.member, reason: `the volume of ${gone.member} is lost` };
  const [learner] = learners;
  if (learner) return { kind: "promote", member: learner.member, reason: `${learner.member} is still a learner` };
  return healthy === facts.length ? (planRetirement(facts) ?? { kind: "whole" }) : { kind: "settle", reason };
};

/** A planned replacement costs a vote for a while, so every other one must be there. */
const planRetirement = (facts: readonly MemberFacts[]): RepairAction | undefined => {
  const answers = facts.map(({ answer }) => answer);
  const leaving = facts.find(({ member, notice }) => notice !== undefined && judgeDisruption(answers, member).allowed);
  return leaving && { kind: "retire", member: leaving.member, reason: leaving.notice ?? "" };
};

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

const acts = (action: RepairAction, member: string): boolean => "member" in action && action.member === member;

interface Stuck {
  readonly lost: readonly MemberFacts[];
  readonly hung: readonly MemberFacts[];
  readonly healthy: number;
  readonly needed: number;
  readonly size: number;
  readonly disagreement: string;
}

const explainStuck = ({ lost, hung, healthy, needed, size, disagreement }: Stuck): string => {
  const count = `${healthy} of ${size} members are healthy and of one mind, ${needed} are needed`;
  if (lost.length > 0) {
    return (
      `the data of ${list(lost)} is lost and ${count}: etcd's membership is not changed without a majority. ` +
      "Bring the other members back, or restore the cluster from a backup"
    );
  }
  if (hung.length > 0) {
    return `${list(hung)} not healthy on running instances and ${count}: ending one could cost what is left. Look at etcd on these hosts`;
  }
  return `every member is healthy by itself, but they do not agree: ${disagreement}`;
};

const list = (facts: readonly MemberFacts[]): string => facts.map(({ member }) => member).join(", ");
