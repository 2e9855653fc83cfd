import type { MemberFacts } from "../../functions/domain/repair/member-facts.ts";
import type { MemberAnswer } from "../../functions/domain/repair/quorum.ts";

/** Members in the conditions that repairs deal with. */
const IDS: Record<string, string> = { a: "11", b: "22", c: "33", d: "44", e: "55" };

export const says = (member: string, change: Partial<MemberAnswer> = {}): MemberAnswer => ({
  member,
  reachable: true,
  healthy: true,
  clusterId: "1",
  memberId: IDS[member] ?? "0",
  leaderId: "11",
  term: 2,
  ...change,
});
const silent = { reachable: false, healthy: false, clusterId: null, memberId: null, leaderId: null, term: null };
export const healthy = (member: string): MemberFacts => ({
  member,
  instance: "running",
  volume: "intact",
  answer: says(member),
});
export const gone = (member: string): MemberFacts => ({
  ...healthy(member),
  instance: "gone",
  answer: says(member, silent),
});
export const hung = (member: string): MemberFacts => ({ ...healthy(member), answer: says(member, silent) });
export const leaving = (member: string): MemberFacts => ({
  ...healthy(member),
  interruption: "EC2 Spot Instance Interruption Warning",
});
export const full = (member: string): MemberFacts => ({
  ...healthy(member),
  answer: says(member, { healthy: false, trouble: { kind: "full", detail: "etcd raised its alarm NOSPACE" } }),
});
export const damaged = (member: string): MemberFacts => ({
  ...hung(member),
  volume: "damaged",
  damage: `vol-${member}: crc mismatch`,
});
export const inDoubt = (member: string): MemberFacts => ({ ...hung(member), inDoubt: true });
export const kubeletDead = (member: string): MemberFacts => ({
  ...healthy(member),
  kubernetes: { problem: "kubelet", reason: "kubelet does not answer, for 61 s" },
});
export const stranded = (member: string): MemberFacts => ({ ...gone(member), moveTo: "us-west-2d" });
export const moving = (member: string): MemberFacts => ({ ...stranded(member), moving: true });
export const expiring = (member: string): MemberFacts => ({
  ...healthy(member),
  expiring: "its certificates are good until …",
});
export const detached = (member: string): MemberFacts => ({
  ...hung(member),
  withoutData: `vol-${member} was detached`,
});
export const held = (member: string): MemberFacts => ({ ...detached(member), heldBy: "i-forensics" });
export const foreign = (member: string): MemberFacts => ({
  ...healthy(member),
  withoutData: "it serves other data",
  answer: says(member, {
    healthy: false,
    clusterId: "9",
    trouble: { kind: "foreign", detail: "it serves other data" },
  }),
});
export const lost = (member: string): MemberFacts => ({ ...hung(member), volume: "lost" });
export const learner = (member: string): MemberFacts => ({
  ...healthy(member),
  answer: says(member, { healthy: false, isLearner: true }),
});
