import { expect, test } from "vitest";
import { type Look, readProgress, whyNotPromoted } from "./catch-up.ts";

const LEARNER = "172.20.64.11";

function member(id: number, endpoint: string, applied: number, isLearner = false) {
  return {
    Endpoint: `https://${endpoint}:2379`,
    Status: { header: { member_id: id }, leader: 1, raftAppliedIndex: applied, isLearner },
  };
}

function look(leader: number, learner: number): Look {
  return [member(1, "172.20.64.10", leader), member(2, "172.20.128.10", leader - 1), member(3, LEARNER, learner, true)];
}

test("F10: a learner votes once it has been within 100 entries of the leader for some seconds", () => {
  expect(whyNotPromoted([look(10_000, 9_900), look(10_050, 10_000), look(10_100, 10_100)], LEARNER)).toBeUndefined();
});

test("F10: nine tenths of the leader's entries, with which etcd would promote, are not enough", () => {
  const far = look(10_000_000, 9_100_000);

  expect(whyNotPromoted([far, far, far], LEARNER)).toBe("the learner has applied 9100000 of 10000000 entries");
  expect(whyNotPromoted([look(500, 500), look(700, 599), look(700, 700)], LEARNER)).toBe(
    "the learner has applied 599 of 700 entries",
  );
});

test.each([
  ["two looks", [look(5, 5), look(5, 5)], "etcd answered 2 times, 3 are needed"],
  ["a learner that is silent once", [look(5, 5), look(5, 5).slice(0, 2), look(5, 5)], "does not say how far it is"],
  ["a moment without a leader", [look(5, 5), look(5, 5).slice(1), look(5, 5)], "no leader says how far it is"],
])("F10: %s do not prove it", (_, looks, why) => {
  expect(whyNotPromoted(looks, LEARNER)).toContain(why);
});

test("F10: who votes already, because an earlier run died after it, is not measured", () => {
  const voter = [member(1, "172.20.64.10", 900), member(3, LEARNER, 10)];

  expect(whyNotPromoted([voter, voter, voter], LEARNER)).toBeUndefined();
});

test("what etcdctl prints is read with ids of 64 bits, and with what it leaves out", () => {
  const line =
    '[{"Endpoint":"https://172.20.64.11:2379","Status":{"header":{"cluster_id":17237436991929493444,"member_id":9372538179322589801,"revision":1,"raft_term":2},"version":"3.4.23","dbSize":20480,"leader":9372538179322589801,"raftIndex":8,"raftTerm":2,"raftAppliedIndex":8}}]';

  expect(readProgress(`${line}\n\n${line}\n`)).toMatchObject([
    [{ Endpoint: "https://172.20.64.11:2379", Status: { raftAppliedIndex: 8, isLearner: false } }],
    [{ Status: { raftAppliedIndex: 8 } }],
  ]);
});
