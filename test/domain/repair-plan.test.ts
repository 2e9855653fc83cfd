import { expect, test } from "vitest";
import type { MemberAnswer } from "../../functions/domain/quorum.ts";
import { type MemberFacts, planRepair, waitingNotices } from "../../functions/domain/repair-plan.ts";

const IDS: Record<string, string> = { a: "11", b: "22", c: "33", d: "44", e: "55" };

const says = (member: string, change: Partial<MemberAnswer> = {}): MemberAnswer => ({
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
const well = (member: string): MemberFacts => ({ member, instance: "running", volume: "intact", answer: says(member) });
const gone = (member: string): MemberFacts => ({ ...well(member), instance: "gone", answer: says(member, silent) });
const hung = (member: string): MemberFacts => ({ ...well(member), answer: says(member, silent) });
const leaving = (member: string): MemberFacts => ({
  ...well(member),
  notice: "EC2 Spot Instance Interruption Warning",
});
const full = (member: string): MemberFacts => ({
  ...well(member),
  answer: says(member, { healthy: false, trouble: { kind: "full", detail: "etcd raised its alarm NOSPACE" } }),
});
const damaged = (member: string): MemberFacts => ({
  ...hung(member),
  volume: "damaged",
  damage: `vol-${member}: crc mismatch`,
});
const doubted = (member: string): MemberFacts => ({ ...hung(member), doubted: true });
const kubeletDead = (member: string): MemberFacts => ({ ...well(member), kubeletDead: true });
const stranded = (member: string): MemberFacts => ({ ...gone(member), moveTo: "us-west-2d" });
const moving = (member: string): MemberFacts => ({ ...stranded(member), moving: true });
const expiring = (member: string): MemberFacts => ({ ...well(member), expiring: "its certificates are good until …" });
const detached = (member: string): MemberFacts => ({ ...hung(member), withoutData: `vol-${member} was detached` });
const held = (member: string): MemberFacts => ({ ...detached(member), heldBy: "i-forensics" });
const foreign = (member: string): MemberFacts => ({
  ...well(member),
  withoutData: "it serves other data",
  answer: says(member, {
    healthy: false,
    clusterId: "9",
    trouble: { kind: "foreign", detail: "it serves other data" },
  }),
});
const lost = (member: string): MemberFacts => ({ ...hung(member), volume: "lost" });

test.each<[string, MemberFacts[], object]>([
  ["all well", [well("a"), well("b"), well("c")], { kind: "whole" }],
  ["one gone", [well("a"), gone("b"), well("c")], { kind: "place", members: ["b"] }],
  ["all gone, volumes intact", [gone("a"), gone("b"), gone("c")], { kind: "place", members: ["a", "b", "c"] }],
  ["a single master gone", [gone("a")], { kind: "place", members: ["a"] }],
  [
    "one gone and one hung: first what does no harm",
    [gone("a"), hung("b"), well("c")],
    { kind: "place", members: ["a"] },
  ],
  ["U1: a single master without its volume", [detached("a")], { kind: "reattach", members: ["a"] }],
  ["U1: a single master that serves other data", [foreign("a")], { kind: "reattach", members: ["a"] }],
  ["U7: one of three without its volume", [well("a"), detached("b"), well("c")], { kind: "reattach", members: ["b"] }],
  [
    "U7: two of three without their volumes: both at once, since neither votes",
    [detached("a"), well("b"), detached("c")],
    { kind: "reattach", members: ["a", "c"] },
  ],
  [
    "U7: one without its volume, another without an instance: they may need each other",
    [gone("a"), detached("b"), well("c")],
    { kind: "reattach", members: ["a", "b"] },
  ],
  [
    "U7: one without its volume, another hung: first what does no harm",
    [well("a"), detached("b"), hung("c")],
    { kind: "reattach", members: ["b"] },
  ],
  [
    "U7: without its volume, which is lost as well",
    [well("a"), { ...detached("b"), volume: "lost" }, well("c")],
    { kind: "renew", member: "b" },
  ],
  [
    "U7: a person's instance holds the volume",
    [well("a"), held("b"), well("c")],
    { kind: "stuck", error: "VolumeHeld" },
  ],
  ["U7: a person's instance holds the only volume", [held("a")], { kind: "stuck", error: "VolumeHeld" }],
  [
    "U7: a person's instance holds the volume, no instance is there",
    [well("a"), { ...held("b"), instance: "gone" }, well("c")],
    { kind: "stuck", error: "VolumeHeld" },
  ],
  [
    "U7: a person's instance holds one volume, another instance is gone",
    [gone("a"), held("b"), well("c")],
    { kind: "place", members: ["a"] },
  ],
  [
    "U7: EC2 says that it has no volume, and etcd that it is healthy",
    [well("a"), { ...well("b"), doubted: true }, well("c")],
    { kind: "wait" },
  ],
  ["one hung", [well("a"), well("b"), hung("c")], { kind: "replace", member: "c" }],
  ["two of three hung", [well("a"), hung("b"), hung("c")], { kind: "stuck" }],
  [
    "two of five hung: one after the other",
    [well("a"), well("b"), well("c"), hung("d"), hung("e")],
    { kind: "replace", member: "d" },
  ],
  ["a single master hung", [hung("a")], { kind: "stuck" }],
  ["one volume lost", [well("a"), lost("b"), well("c")], { kind: "renew", member: "b" }],
  [
    "one volume lost with its instance",
    [well("a"), { ...lost("b"), instance: "gone" }, well("c")],
    { kind: "renew", member: "b" },
  ],
  ["two volumes of three lost", [well("a"), lost("b"), lost("c")], { kind: "stuck" }],
  [
    "two volumes of five lost: one after the other",
    [well("a"), well("b"), well("c"), lost("d"), lost("e")],
    { kind: "renew", member: "d" },
  ],
  ["one volume lost, another member hung", [well("a"), lost("b"), hung("c")], { kind: "stuck" }],
  [
    "one volume lost, another instance gone: first the instance",
    [well("a"), lost("b"), gone("c")],
    { kind: "place", members: ["c"] },
  ],
  [
    "one volume of five lost, another hung",
    [well("a"), well("b"), well("c"), hung("d"), lost("e")],
    { kind: "replace", member: "d" },
  ],
  ["three of five hung", [well("a"), well("b"), hung("c"), hung("d"), hung("e")], { kind: "stuck" }],
  ["E8: all well, one will lose its instance", [well("a"), leaving("b"), well("c")], { kind: "retire", member: "b" }],
  [
    "E9: two will lose their instances: one after the other",
    [leaving("a"), leaving("b"), well("c")],
    { kind: "retire", member: "a" },
  ],
  ["E8: the only master will lose its instance", [leaving("a")], { kind: "whole" }],
  [
    "certificates of two expire: one after the other",
    [expiring("a"), expiring("b"), well("c")],
    { kind: "retire", member: "a", cause: "certificates" },
  ],
  [
    "certificates of one expire, another will lose its instance sooner",
    [expiring("a"), leaving("b"), well("c")],
    { kind: "retire", member: "b", cause: "notice" },
  ],
  [
    "certificates of one expire, another hangs",
    [expiring("a"), hung("b"), well("c")],
    { kind: "replace", member: "b" },
  ],
  ["certificates of the only master expire", [expiring("a")], { kind: "retire", member: "a", cause: "certificates" }],
  [
    "E8: one will lose its instance, another hangs",
    [well("a"), leaving("b"), hung("c")],
    { kind: "replace", member: "c" },
  ],
  [
    "E8: one will lose its instance, another is gone",
    [well("a"), leaving("b"), gone("c")],
    { kind: "place", members: ["c"] },
  ],
  [
    "E8: the one that hangs would lose its instance anyway",
    [well("a"), { ...hung("b"), notice: "x" }, well("c")],
    { kind: "replace", member: "b" },
  ],
  ["the only volume lost", [lost("a")], { kind: "stuck" }],
  [
    "a learner that was never promoted",
    [well("a"), { ...well("b"), answer: says("b", { healthy: false, isLearner: true }) }, well("c")],
    { kind: "promote", member: "b" },
  ],
  ["one volume damaged", [well("a"), damaged("b"), well("c")], { kind: "renew", member: "b" }],
  [
    "one volume damaged, its instance gone: no instance for what is renewed anyway",
    [well("a"), { ...damaged("b"), instance: "gone" }, well("c")],
    { kind: "renew", member: "b" },
  ],
  [
    "one whose learner was given up a moment ago",
    [well("a"), { ...damaged("b"), pausing: true }, well("c")],
    { kind: "stuck", error: "CatchUpFailed" },
  ],
  [
    "one whose learner was given up, another lost: that one first",
    [well("a"), { ...damaged("b"), pausing: true }, lost("c"), well("d"), well("e")],
    { kind: "renew", member: "c" },
  ],
  ["two of three damaged", [well("a"), damaged("b"), damaged("c")], { kind: "stuck", error: "QuorumAtRisk" }],
  [
    "no majority, a damaged one without an instance: it gets one, nothing is harmed by that",
    [{ ...damaged("a"), instance: "gone" }, gone("b"), well("c")],
    { kind: "place", members: ["a", "b"] },
  ],
  ["all without space", [full("a"), full("b"), full("c")], { kind: "stuck", error: "SpaceExhausted" }],
  ["one without space", [well("a"), full("b"), well("c")], { kind: "stuck", error: "SpaceExhausted" }],
  ["without space, one gone", [full("a"), full("b"), gone("c")], { kind: "place", members: ["c"] }],
  ["one silent for a moment", [well("a"), doubted("b"), well("c")], { kind: "wait" }],
  ["one lost, one silent for a moment", [well("a"), doubted("b"), lost("c")], { kind: "wait" }],
  [
    "one lost, though it fell silent a moment ago",
    [well("a"), well("b"), { ...lost("c"), doubted: true }],
    { kind: "renew", member: "c" },
  ],
  ["one gone, one silent for a moment", [gone("a"), doubted("b"), well("c")], { kind: "place", members: ["a"] }],
  [
    "two without a kubelet: one after the other",
    [kubeletDead("a"), kubeletDead("b"), well("c")],
    { kind: "replace", member: "a" },
  ],
  ["one without a kubelet, another gone", [kubeletDead("a"), gone("b"), well("c")], { kind: "place", members: ["b"] }],
  [
    "one whose zone launches nothing",
    [stranded("a"), well("b"), well("c")],
    { kind: "move", member: "a", zone: "us-west-2d" },
  ],
  [
    "one whose zone launches nothing, another gone: that one comes back first",
    [stranded("a"), gone("b"), well("c")],
    { kind: "place", members: ["a", "b"] },
  ],
  [
    "one whose zone launches nothing, another hung",
    [stranded("a"), hung("b"), well("c")],
    { kind: "place", members: ["a"] },
  ],
  [
    "one whose zone launches nothing, another learns",
    [stranded("a"), { ...well("b"), answer: says("b", { healthy: false, isLearner: true }) }, well("c")],
    { kind: "place", members: ["a"] },
  ],
  [
    "two of three whose zones launch nothing",
    [stranded("a"), stranded("b"), well("c")],
    { kind: "place", members: ["a", "b"] },
  ],
  [
    "two of five whose zones launch nothing: one after the other",
    [stranded("a"), stranded("b"), well("c"), well("d"), well("e")],
    { kind: "move", member: "a" },
  ],
  [
    "a move that was begun goes on",
    [moving("a"), well("b"), well("c")],
    { kind: "move", member: "a", zone: "us-west-2d" },
  ],
  [
    "a move that was begun, another gone: that one comes back first",
    [moving("a"), gone("b"), well("c")],
    { kind: "place", members: ["b"] },
  ],
  [
    "a move that was begun, another whose zone launches nothing: never two at once",
    [moving("a"), stranded("b"), well("c"), well("d"), well("e")],
    { kind: "place", members: ["b"] },
  ],
  ["a move that was begun, no majority", [moving("a"), hung("b"), well("c")], { kind: "stuck", error: "QuorumAtRisk" }],
  [
    "a move that was begun, its volume lost",
    [{ ...moving("a"), volume: "lost" }, well("b"), well("c")],
    { kind: "move" },
  ],
  [
    "all well, one has moved",
    [{ ...well("a"), remains: true }, well("b"), well("c")],
    { kind: "discard", member: "a" },
  ],
  [
    "one has moved, another gone",
    [{ ...well("a"), remains: true }, gone("b"), well("c")],
    { kind: "place", members: ["b"] },
  ],
  ["the only master without a kubelet", [kubeletDead("a")], { kind: "stuck", error: "QuorumAtRisk" }],
])("%s", (_, facts, expected) => {
  expect(planRepair(facts)).toMatchObject(expected);
});

test("a split view is no whole cluster, though every member is healthy by itself", () => {
  const facts = [
    well("a"),
    { ...well("b"), answer: says("b", { leaderId: "22", term: 3 }) },
    { ...well("c"), answer: says("c", { leaderId: "33", term: 4 }) },
  ];

  expect(planRepair(facts)).toMatchObject({ kind: "stuck", reason: expect.stringContaining("do not agree") });
});

test("one member that sees another leader is given time, not touched", () => {
  const facts = [well("a"), well("b"), { ...well("c"), answer: says("c", { leaderId: "33", term: 4 }) }];

  expect(planRepair(facts)).toMatchObject({ kind: "settle", reason: expect.stringContaining("c see another leader") });
});

test("what nothing is done about says what would help", () => {
  expect(planRepair([well("a"), lost("b"), lost("c")])).toMatchObject({
    reason: expect.stringContaining("restore the cluster from a backup"),
  });
  expect(planRepair([well("a"), lost("b"), damaged("c")])).toMatchObject({
    reason: expect.stringContaining("the data of b, c is lost (vol-c: crc mismatch)"),
  });
});

test.each<[string, MemberFacts[], object[]]>([
  ["nothing is said of what is done", [well("a"), leaving("b"), well("c")], []],
  [
    "E9: the second of two waits for the first",
    [leaving("a"), leaving("b"), well("c")],
    [{ member: "b", reason: "a is replaced first" }],
  ],
  [
    "E8: it waits for a lost one",
    [well("a"), leaving("b"), gone("c")],
    [{ member: "b", reason: "c without an instance" }],
  ],
  [
    "E8: the only master is never ended on purpose",
    [leaving("a")],
    [{ member: "a", reason: "without a only 0 of 1 would be left, and 1 are needed" }],
  ],
])("what a notice waits for: %s", (_, facts, expected) => {
  expect(waitingNotices(facts, planRepair(facts))).toEqual(expected);
});
