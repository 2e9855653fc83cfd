import { expect, test } from "vitest";
import { evaluateDisruption, evaluateQuorum, type MemberAnswer, quorumOf } from "./quorum.ts";

const IDS: Readonly<Record<string, string>> = { a: "10276657743932975437", b: "2", c: "3", d: "4", e: "5" };

/**
 * `a>b` follows b at term 7; `a>b@6` at term 6; `a>0` knows no leader; `a?` gave no answer; a final `!` is unhealthy,
 * `~` a learner, `*` of another cluster.
 */
function answers(text: string): MemberAnswer[] {
  return text.split(" ").map((word) => {
    const [, member = "", leader = "", term = "7", mark = ""] = /^(\w)(?:>(\w)(?:@(\d))?|\?)([!~*]?)$/.exec(word) ?? [];
    const reachable = leader !== "";
    return {
      member,
      reachable,
      healthy: reachable && leader !== "0" && mark !== "!",
      clusterId: reachable ? (mark === "*" ? "99" : "14841639068965178418") : null,
      memberId: reachable ? (IDS[member] ?? null) : null,
      leaderId: reachable ? (IDS[leader] ?? "0") : null,
      term: reachable ? Number(term) : null,
      ...(mark === "~" ? { isLearner: true } : {}),
    };
  });
}

test.each([
  [1, 1],
  [2, 2],
  [3, 2],
  [4, 3],
  [5, 3],
  [7, 4],
])("a quorum of %i is %i", (members, needed) => {
  expect(quorumOf(members)).toBe(needed);
});

test.each([
  ["one", "a>a", { size: 1, healthy: 1, needed: 1, leader: "a", ok: true }],
  ["one, silent", "a?", { size: 1, healthy: 0, needed: 1, leader: null, ok: false }],
  ["three of three", "a>b b>b c>b", { size: 3, healthy: 3, needed: 2, leader: "b", ok: true }],
  ["two of three", "a>b b>b c?", { size: 3, healthy: 2, needed: 2, leader: "b", ok: true }],
  ["one of three", "a>a b? c?", { size: 3, healthy: 1, needed: 2, leader: null, ok: false }],
  ["three of five", "a>a b>a c>a d? e?", { size: 5, healthy: 3, needed: 3, leader: "a", ok: true }],
  ["two of five", "a>a b>a c? d? e?", { size: 5, healthy: 2, needed: 3, leader: null, ok: false }],
  ["each its own leader", "a>a b>b c>c", { size: 3, healthy: 1, needed: 2, leader: null, ok: false }],
  ["an old leader at an old term", "a>a@6 b>b c>b", { size: 3, healthy: 2, needed: 2, leader: "b", ok: true }],
  ["one leader, three terms", "a>a@5 b>a@6 c>a", { size: 3, healthy: 1, needed: 2, leader: null, ok: false }],
  ["five, split 2-2", "a>a b>a c>c d>c e?", { size: 5, healthy: 2, needed: 3, leader: null, ok: false }],
  ["another cluster", "a>b* b>b c?", { size: 3, healthy: 1, needed: 2, leader: null, ok: false }],
  ["no leader", "a>0 b>0 c>0", { size: 3, healthy: 0, needed: 2, leader: null, ok: false }],
  ["the leader itself silent", "a? b>a c>a", { size: 3, healthy: 2, needed: 2, leader: null, ok: true }],
  ["a learner has no vote", "a>a b>a c>a~", { size: 2, healthy: 2, needed: 2, leader: "a", ok: true }],
  ["an alarm costs health, not quorum", "a>a! b>a! c>a!", { size: 3, healthy: 0, needed: 2, leader: "a", ok: true }],
])("quorum: %s", (_, text, expected) => {
  expect(evaluateQuorum(answers(text))).toMatchObject(expected);
});

test.each([
  ["a>a b>a c>a", "3 of 3 agree, 2 needed"],
  ["a>a b? c>c", "1 of 3 agree, 2 needed; no answer from b; c see another leader, term or cluster, or none"],
  ["a>a b>a! c>a!", "3 of 3 agree, 2 needed; b, c unhealthy"],
  ["a>a b>a c? d? e>e", "2 of 5 agree, 3 needed; no answer from c, d; e see another leader, term or cluster, or none"],
])("the reason for %s names who is missing, who disagrees and who is not healthy", (text, reason) => {
  expect(evaluateQuorum(answers(text)).reason).toBe(reason);
});

test("no answers are no quorum", () => {
  expect(evaluateQuorum([])).toEqual({
    size: 0,
    healthy: 0,
    needed: 1,
    leader: null,
    ok: false,
    reason: "0 of 0 agree, 1 needed",
  });
});

test.each<[string, Partial<MemberAnswer>]>([
  ["that did not answer", { reachable: false }],
  ["without a cluster id", { clusterId: null }],
  ["without a leader", { leaderId: null }],
  ["that knows no leader", { leaderId: "0" }],
])("members %s make no quorum, whatever else they say", (_, change) => {
  const given = answers("a>a b>a c>a").map((answer) => ({ ...answer, ...change }));

  expect(evaluateQuorum(given)).toMatchObject({ healthy: 0, leader: null, ok: false });
});

test.each([
  ["a>b b>b c>b", "z", "z is not a member"],
  ["a? b? c>c", "c", "already missing: a, b"],
  ["a>a", "a", "without a only 0 of 1 would be left, and 1 is needed"],
  ["a>b b>b c>b", "a", "b, c are healthy and are a quorum without a"],
])("of %s, the decision about %s says why", (text, target, reason) => {
  expect(evaluateDisruption(answers(text), target).reason).toBe(reason);
});

test.each([
  ["a>b b>b c>b", "a", true],
  ["a>b b>b c>b", "b", true],
  ["a? b>b c>b", "a", true],
  ["a? b>b c>b", "b", false],
  ["a>a", "a", false],
  ["a>a b>a", "a", false],
  ["a>a b>a c>a d>a e>a", "e", true],
  ["a>a b>a c>a d>a e?", "d", false],
  ["a>a b>b c>b", "b", false],
  ["a>a b>a! c>a", "c", false],
  ["a>a b>a c>a d>a~", "d", true],
  ["a>a b>a c>a~", "b", false],
  ["a>b b>b c>b", "z", false],
])("of %s, may %s be taken down? %s", (text, target, allowed) => {
  expect(evaluateDisruption(answers(text), target).allowed).toBe(allowed);
});
