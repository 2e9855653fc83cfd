import type { MemberFacts } from "../../functions/domain/repair/member-facts.ts";
import type { MemberAnswer } from "../../functions/domain/repair/quorum.ts";

/** Members in the conditions that repairs deal with. */
const IDS: Record<string, string> = { a: "11", b: "22", c: "33", d: "44", e: "55" };

export function says(member: string, change: Partial<MemberAnswer> = {}): MemberAnswer {
  return {
    member,
    reachable: true,
    healthy: true,
    clusterId: "1",
    memberId: IDS[member] ?? "0",
    leaderId: "11",
    term: 2,
    ...change,
  };
}

const silent = { reachable: false, healthy: false, clusterId: null, memberId: null, leaderId: null, term: null };
export function healthy(member: string): MemberFacts {
  return {
    member,
    instance: "running",
    volume: "intact",
    answer: says(member),
  };
}

export function gone(member: string): MemberFacts {
  return {
    ...healthy(member),
    instance: "gone",
    answer: says(member, silent),
  };
}

export function hung(member: string): MemberFacts {
  return { ...healthy(member), answer: says(member, silent) };
}

export function leaving(member: string): MemberFacts {
  return {
    ...healthy(member),
    interruption: "EC2 Spot Instance Interruption Warning",
  };
}

export function full(member: string): MemberFacts {
  return {
    ...healthy(member),
    answer: says(member, { healthy: false, trouble: { kind: "full", detail: "etcd raised its alarm NOSPACE" } }),
  };
}

export function damaged(member: string): MemberFacts {
  return {
    ...hung(member),
    volume: "damaged",
    damage: `vol-${member}: crc mismatch`,
  };
}

export function inDoubt(member: string): MemberFacts {
  return { ...hung(member), inDoubt: true };
}

export function kubeletDead(member: string): MemberFacts {
  return {
    ...healthy(member),
    kubernetes: { problem: "kubelet", reason: "kubelet does not answer, for 61 s" },
  };
}

export function stranded(member: string): MemberFacts {
  return { ...gone(member), moveTo: "us-west-2d" };
}

export function moving(member: string): MemberFacts {
  return { ...stranded(member), moving: true };
}

export function expiring(member: string): MemberFacts {
  return {
    ...healthy(member),
    expiring: "its certificates are good until …",
  };
}

export function detached(member: string): MemberFacts {
  return {
    ...hung(member),
    withoutData: `vol-${member} was detached`,
  };
}

export function held(member: string): MemberFacts {
  return { ...detached(member), heldBy: "i-forensics" };
}

export function foreign(member: string): MemberFacts {
  return {
    ...healthy(member),
    withoutData: "it serves other data",
    answer: says(member, {
      healthy: false,
      clusterId: "9",
      trouble: { kind: "foreign", detail: "it serves other data" },
    }),
  };
}

export function lost(member: string): MemberFacts {
  return { ...hung(member), volume: "lost" };
}

export function learner(member: string): MemberFacts {
  return {
    ...healthy(member),
    answer: says(member, { healthy: false, isLearner: true }),
  };
}
