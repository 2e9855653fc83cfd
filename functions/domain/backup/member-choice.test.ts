import { expect, test } from "vitest";
import { type Candidate, chooseMember, readCandidate } from "./member-choice.ts";

function candidate(member: string, change: Partial<Candidate> = {}): Candidate {
  return {
    member,
    healthy: true,
    isLearner: false,
    isLeader: false,
    hasAlarm: false,
    appliedIndex: 1000,
    raftTerm: 2,
    dbSize: 1024 * 1024,
    etcdVersion: "3.6.14",
    clusterId: "77",
    rootFreeKiB: 1_000_000,
    ...change,
  };
}

function chosen(candidates: readonly Candidate[], ...avoided: string[]): string {
  const choice = chooseMember(candidates, new Set(avoided));
  return choice.ok ? choice.candidate.member : choice.why;
}

test.each<[string, Candidate[], string]>([
  ["not the leader", [candidate("a", { isLeader: true }), candidate("b"), candidate("c")], "b"],
  [
    "the leader, if the others are more than 100 entries behind",
    [candidate("a", { isLeader: true }), candidate("b", { appliedIndex: 899 }), candidate("c", { appliedIndex: 0 })],
    "a",
  ],
  [
    "a follower that is less behind",
    [candidate("a", { isLeader: true }), candidate("b", { appliedIndex: 950 }), candidate("c", { appliedIndex: 960 })],
    "c",
  ],
  ["no learner", [candidate("a", { isLeader: true }), candidate("b", { isLearner: true })], "a"],
  ["none that is not healthy", [candidate("a", { healthy: false }), candidate("b", { isLeader: true })], "b"],
  ["none that has an alarm", [candidate("a", { hasAlarm: true }), candidate("b", { isLeader: true })], "b"],
  ["none without room on its root volume", [candidate("a", { rootFreeKiB: 1535 }), candidate("b")], "b"],
  ["one that has just enough", [candidate("a", { rootFreeKiB: 1536 })], "a"],
  ["the only master, which leads", [candidate("a", { isLeader: true })], "a"],
])("%s", (_, candidates, member) => {
  expect(chosen(candidates)).toBe(member);
});

test("a master whose instance AWS will take away is asked last", () => {
  expect(chosen([candidate("a"), candidate("b", { isLeader: true })], "a")).toBe("b");
  expect(chosen([candidate("a")], "a")).toBe("a");
});

test("why there is none is said of each member", () => {
  expect(chosen([candidate("a", { isLearner: true }), candidate("b", { rootFreeKiB: 10 })])).toBe(
    "a is a learner, b has 10 KiB free on its root volume, and 1536 are needed",
  );
  expect(chosen([])).toBe("no master answers");
});

test("a report is read with its ids as they are, beyond what a number holds", () => {
  const status =
    '{"Endpoint":"127.0.0.1:2379","Status":{"header":{"cluster_id":17237436991929493444,"member_id":9372538179322589801,"revision":7,"raft_term":2},' +
    '"version":"3.5.16","dbSize":20480,"leader":9372538179322589801,"raftIndex":9,"raftTerm":2,"raftAppliedIndex":8}}';
  const output = `{"member":"a","generation":1,"healthy":true,"status":[${status}],"boot":"done","rootFreeKiB":4096}\n`;

  expect(readCandidate("a", output)).toEqual(
    candidate("a", {
      isLeader: true,
      appliedIndex: 8,
      dbSize: 20_480,
      etcdVersion: "3.5.16",
      clusterId: "17237436991929493444",
      rootFreeKiB: 4096,
    }),
  );
});

test.each(["", "no json", '{"member":"b","healthy":true,"status":[]}', '{"member":"a","healthy":false,"status":null}'])(
  "what says nothing of this member's etcd is no candidate: %s",
  (output) => {
    expect(readCandidate("a", output)).toBeUndefined();
  },
);
