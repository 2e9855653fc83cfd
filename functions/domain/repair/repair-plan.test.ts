import { expect, test } from "vitest";
import {
  damaged,
  detached,
  expiring,
  foreign,
  full,
  gone,
  healthy,
  held,
  hung,
  inDoubt,
  kubeletDead,
  learner,
  leaving,
  lost,
  moving,
  says,
  stranded,
} from "../../../test/support/member-facts.ts";
import type { MemberFacts } from "./member-facts.ts";
import { losesQuorum, planRepair, waitingInterruptions } from "./repair-plan.ts";

test.each<[string, MemberFacts[], object]>([
  ["all healthy", [healthy("a"), healthy("b"), healthy("c")], { kind: "whole" }],
  ["one gone", [healthy("a"), gone("b"), healthy("c")], { kind: "place", members: ["b"] }],
  ["all gone, volumes intact", [gone("a"), gone("b"), gone("c")], { kind: "place", members: ["a", "b", "c"] }],
  ["a single master gone", [gone("a")], { kind: "place", members: ["a"] }],
  [
    "one gone and one hung: first what does no harm",
    [gone("a"), hung("b"), healthy("c")],
    { kind: "place", members: ["a"] },
  ],
  ["U1: a single master without its volume", [detached("a")], { kind: "reattach", members: ["a"] }],
  ["U1: a single master that serves other data", [foreign("a")], { kind: "reattach", members: ["a"] }],
  [
    "U7: one of three without its volume",
    [healthy("a"), detached("b"), healthy("c")],
    { kind: "reattach", members: ["b"] },
  ],
  [
    "U7: two of three without their volumes: both at once, since neither votes",
    [detached("a"), healthy("b"), detached("c")],
    { kind: "reattach", members: ["a", "c"] },
  ],
  [
    "U7: one without its volume, another without an instance: they may need each other",
    [gone("a"), detached("b"), healthy("c")],
    { kind: "reattach", members: ["a", "b"] },
  ],
  [
    "U7: one without its volume, another hung: first what does no harm",
    [healthy("a"), detached("b"), hung("c")],
    { kind: "reattach", members: ["b"] },
  ],
  [
    "U7: without its volume, which is lost as well",
    [healthy("a"), { ...detached("b"), volume: "lost" }, healthy("c")],
    { kind: "renew", member: "b" },
  ],
  [
    "U7: a person's instance holds the volume",
    [healthy("a"), held("b"), healthy("c")],
    { kind: "stuck", error: "VolumeHeld" },
  ],
  ["U7: a person's instance holds the only volume", [held("a")], { kind: "stuck", error: "VolumeHeld" }],
  [
    "U7: a person's instance holds the volume, no instance is there",
    [healthy("a"), { ...held("b"), instance: "gone" }, healthy("c")],
    { kind: "stuck", error: "VolumeHeld" },
  ],
  [
    "U7: a person's instance holds one volume, another instance is gone",
    [gone("a"), held("b"), healthy("c")],
    { kind: "place", members: ["a"] },
  ],
  [
    "U7: EC2 says that it has no volume, and etcd that it is healthy",
    [healthy("a"), { ...healthy("b"), inDoubt: true }, healthy("c")],
    { kind: "wait" },
  ],
  ["one hung", [healthy("a"), healthy("b"), hung("c")], { kind: "replace", member: "c" }],
  ["two of three hung", [healthy("a"), hung("b"), hung("c")], { kind: "stuck" }],
  [
    "two of five hung: one after the other",
    [healthy("a"), healthy("b"), healthy("c"), hung("d"), hung("e")],
    { kind: "replace", member: "d" },
  ],
  ["a single master hung", [hung("a")], { kind: "stuck" }],
  ["one volume lost", [healthy("a"), lost("b"), healthy("c")], { kind: "renew", member: "b" }],
  [
    "one volume lost with its instance",
    [healthy("a"), { ...lost("b"), instance: "gone" }, healthy("c")],
    { kind: "renew", member: "b" },
  ],
  ["two volumes of three lost", [healthy("a"), lost("b"), lost("c")], { kind: "stuck" }],
  [
    "two volumes of five lost: one after the other",
    [healthy("a"), healthy("b"), healthy("c"), lost("d"), lost("e")],
    { kind: "renew", member: "d" },
  ],
  ["one volume lost, another member hung", [healthy("a"), lost("b"), hung("c")], { kind: "stuck" }],
  [
    "one volume lost, another instance gone: first the instance",
    [healthy("a"), lost("b"), gone("c")],
    { kind: "place", members: ["c"] },
  ],
  [
    "one volume of five lost, another hung",
    [healthy("a"), healthy("b"), healthy("c"), hung("d"), lost("e")],
    { kind: "replace", member: "d" },
  ],
  ["three of five hung", [healthy("a"), healthy("b"), hung("c"), hung("d"), hung("e")], { kind: "stuck" }],
  [
    "E8: all healthy, one will lose its instance",
    [healthy("a"), leaving("b"), healthy("c")],
    { kind: "retire", member: "b" },
  ],
  [
    "E9: two will lose their instances: one after the other",
    [leaving("a"), leaving("b"), healthy("c")],
    { kind: "retire", member: "a" },
  ],
  ["E8: the only master will lose its instance", [leaving("a")], { kind: "whole" }],
  [
    "certificates of two expire: one after the other",
    [expiring("a"), expiring("b"), healthy("c")],
    { kind: "retire", member: "a", cause: "certificates" },
  ],
  [
    "certificates of one expire, another will lose its instance sooner",
    [expiring("a"), leaving("b"), healthy("c")],
    { kind: "retire", member: "b", cause: "interruption" },
  ],
  [
    "certificates of one expire, another hangs",
    [expiring("a"), hung("b"), healthy("c")],
    { kind: "replace", member: "b" },
  ],
  ["certificates of the only master expire", [expiring("a")], { kind: "retire", member: "a", cause: "certificates" }],
  [
    "E8: one will lose its instance, another hangs",
    [healthy("a"), leaving("b"), hung("c")],
    { kind: "replace", member: "c" },
  ],
  [
    "E8: one will lose its instance, another is gone",
    [healthy("a"), leaving("b"), gone("c")],
    { kind: "place", members: ["c"] },
  ],
  [
    "E8: the one that hangs would lose its instance anyway",
    [healthy("a"), { ...hung("b"), interruption: "x" }, healthy("c")],
    { kind: "replace", member: "b" },
  ],
  ["the only volume lost", [lost("a")], { kind: "stuck" }],
  ["a learner that was never promoted", [healthy("a"), learner("b"), healthy("c")], { kind: "promote", member: "b" }],
  ["one volume damaged", [healthy("a"), damaged("b"), healthy("c")], { kind: "renew", member: "b" }],
  [
    "one volume damaged, its instance gone: no instance for what is renewed anyway",
    [healthy("a"), { ...damaged("b"), instance: "gone" }, healthy("c")],
    { kind: "renew", member: "b" },
  ],
  [
    "one whose learner was given up a moment ago",
    [healthy("a"), { ...damaged("b"), pausing: true }, healthy("c")],
    { kind: "stuck", error: "CatchUpFailed" },
  ],
  [
    "one whose learner was given up, another lost: that one first",
    [healthy("a"), { ...damaged("b"), pausing: true }, lost("c"), healthy("d"), healthy("e")],
    { kind: "renew", member: "c" },
  ],
  ["two of three damaged", [healthy("a"), damaged("b"), damaged("c")], { kind: "stuck", error: "QuorumAtRisk" }],
  [
    "no majority, a damaged one without an instance: it gets one, nothing is harmed by that",
    [{ ...damaged("a"), instance: "gone" }, gone("b"), healthy("c")],
    { kind: "place", members: ["a", "b"] },
  ],
  ["all without space", [full("a"), full("b"), full("c")], { kind: "stuck", error: "SpaceExhausted" }],
  ["one without space", [healthy("a"), full("b"), healthy("c")], { kind: "stuck", error: "SpaceExhausted" }],
  ["without space, one gone", [full("a"), full("b"), gone("c")], { kind: "place", members: ["c"] }],
  ["one silent for a moment", [healthy("a"), inDoubt("b"), healthy("c")], { kind: "wait" }],
  ["one lost, one silent for a moment", [healthy("a"), inDoubt("b"), lost("c")], { kind: "wait" }],
  [
    "one lost, though it fell silent a moment ago",
    [healthy("a"), healthy("b"), { ...lost("c"), inDoubt: true }],
    { kind: "renew", member: "c" },
  ],
  ["one gone, one silent for a moment", [gone("a"), inDoubt("b"), healthy("c")], { kind: "place", members: ["a"] }],
  [
    "two without a kubelet: one after the other",
    [kubeletDead("a"), kubeletDead("b"), healthy("c")],
    { kind: "replace", member: "a" },
  ],
  [
    "one without a kubelet, another gone",
    [kubeletDead("a"), gone("b"), healthy("c")],
    { kind: "place", members: ["b"] },
  ],
  [
    "one whose zone launches nothing",
    [stranded("a"), healthy("b"), healthy("c")],
    { kind: "move", member: "a", zone: "us-west-2d" },
  ],
  [
    "one whose zone launches nothing, another gone: that one comes back first",
    [stranded("a"), gone("b"), healthy("c")],
    { kind: "place", members: ["a", "b"] },
  ],
  [
    "one whose zone launches nothing, another hung",
    [stranded("a"), hung("b"), healthy("c")],
    { kind: "place", members: ["a"] },
  ],
  [
    "one whose zone launches nothing, another learns",
    [stranded("a"), learner("b"), healthy("c")],
    { kind: "place", members: ["a"] },
  ],
  [
    "two of three whose zones launch nothing",
    [stranded("a"), stranded("b"), healthy("c")],
    { kind: "place", members: ["a", "b"] },
  ],
  [
    "two of five whose zones launch nothing: one after the other",
    [stranded("a"), stranded("b"), healthy("c"), healthy("d"), healthy("e")],
    { kind: "move", member: "a" },
  ],
  [
    "a move that was begun continues",
    [moving("a"), healthy("b"), healthy("c")],
    { kind: "move", member: "a", zone: "us-west-2d" },
  ],
  [
    "a move that was begun, another gone: that one comes back first",
    [moving("a"), gone("b"), healthy("c")],
    { kind: "place", members: ["b"] },
  ],
  [
    "a move that was begun, another whose zone launches nothing: never two at once",
    [moving("a"), stranded("b"), healthy("c"), healthy("d"), healthy("e")],
    { kind: "place", members: ["b"] },
  ],
  [
    "a move that was begun, no majority",
    [moving("a"), hung("b"), healthy("c")],
    { kind: "stuck", error: "QuorumAtRisk" },
  ],
  [
    "a move that was begun, its volume lost",
    [{ ...moving("a"), volume: "lost" }, healthy("b"), healthy("c")],
    { kind: "move" },
  ],
  [
    "all healthy, one has moved",
    [{ ...healthy("a"), formerResources: true }, healthy("b"), healthy("c")],
    { kind: "clean-up", member: "a" },
  ],
  [
    "one has moved, another gone",
    [{ ...healthy("a"), formerResources: true }, gone("b"), healthy("c")],
    { kind: "place", members: ["b"] },
  ],
  [
    "a learner that says it is healthy has no vote",
    [healthy("a"), { ...healthy("b"), answer: says("b", { isLearner: true }) }, hung("c")],
    { kind: "stuck", error: "QuorumAtRisk" },
  ],
  [
    "a member whose volume is lost has no vote, though its etcd still answers healthy",
    [healthy("a"), { ...healthy("b"), volume: "lost" }, hung("c")],
    { kind: "stuck", error: "QuorumAtRisk" },
  ],
  [
    "a member whose volume is damaged has no vote, though its etcd still answers healthy",
    [healthy("a"), { ...healthy("b"), volume: "damaged" }, hung("c")],
    { kind: "stuck", error: "QuorumAtRisk" },
  ],
  [
    "no majority, a lost one without an instance: an instance would not bring its data back",
    [{ ...lost("a"), instance: "gone" }, hung("b"), healthy("c")],
    { kind: "stuck", error: "QuorumAtRisk" },
  ],
  [
    "a learner whose volume was lost, and that was given up a moment ago",
    [healthy("a"), healthy("b"), { ...learner("c"), volume: "lost", pausing: true }],
    { kind: "stuck", error: "CatchUpFailed" },
  ],
  [
    "U7: without its volume and without an instance: it only needs one",
    [healthy("a"), { ...detached("b"), instance: "gone" }, healthy("c")],
    { kind: "place", members: ["b"] },
  ],
  [
    "U7: without its volume, and on its way to another zone, where it gets a fresh one",
    [healthy("a"), { ...detached("b"), moving: true, moveTo: "us-west-2d" }, healthy("c")],
    { kind: "move", member: "b", zone: "us-west-2d" },
  ],
  [
    "U7: a person's instance holds the volume, and the member is silent for a moment",
    [healthy("a"), { ...held("b"), inDoubt: true }, healthy("c")],
    { kind: "stuck", error: "VolumeHeld" },
  ],
  [
    "U7: another instance seems to hold the volume of a member that is healthy on it",
    [healthy("a"), { ...healthy("b"), heldBy: "i-forensics" }, healthy("c")],
    { kind: "whole" },
  ],
  [
    "two of five whose zones launch nothing, the second only for a moment: both come back there",
    [stranded("a"), gone("b"), healthy("c"), healthy("d"), healthy("e")],
    { kind: "place", members: ["a", "b"] },
  ],
  [
    "two of five whose zones launch nothing, the first only for a moment: both come back there",
    [gone("a"), stranded("b"), healthy("c"), healthy("d"), healthy("e")],
    { kind: "place", members: ["a", "b"] },
  ],
  [
    "a move that was begun, of one that still answers: never two at once",
    [{ ...healthy("a"), moving: true, moveTo: "us-west-2d" }, stranded("b"), healthy("c"), healthy("d"), healthy("e")],
    { kind: "place", members: ["b"] },
  ],
  [
    "a move that was begun, whose zone nobody knows",
    [{ ...gone("a"), moving: true }, healthy("b"), healthy("c")],
    { kind: "verify" },
  ],
  ["certificates of one of two expire", [expiring("a"), healthy("b")], { kind: "whole" }],
  ["the only master without a kubelet", [kubeletDead("a")], { kind: "stuck", error: "QuorumAtRisk" }],
])("%s", (_, facts, expected) => {
  expect(planRepair(facts)).toMatchObject(expected);
});

test("a split view is no whole cluster, though every member is healthy by itself", () => {
  const facts = [
    healthy("a"),
    { ...healthy("b"), answer: says("b", { leaderId: "22", term: 3 }) },
    { ...healthy("c"), answer: says("c", { leaderId: "33", term: 4 }) },
  ];

  expect(planRepair(facts)).toMatchObject({ kind: "stuck", reason: expect.stringContaining("do not agree") });
});

test("one member that sees another leader is given time, not touched", () => {
  const facts = [healthy("a"), healthy("b"), { ...healthy("c"), answer: says("c", { leaderId: "33", term: 4 }) }];

  expect(planRepair(facts)).toMatchObject({ kind: "verify", reason: expect.stringContaining("c see another leader") });
});

test.each<[string, MemberFacts[], object[]]>([
  ["nothing is said of what is done", [healthy("a"), leaving("b"), healthy("c")], []],
  [
    "E9: the second of two waits for the first",
    [leaving("a"), leaving("b"), healthy("c")],
    [{ member: "b", reason: "a is replaced first" }],
  ],
  [
    "E8: it waits for a lost one",
    [healthy("a"), leaving("b"), gone("c")],
    [{ member: "b", reason: "c without an instance" }],
  ],
  [
    "E8: the only master is never ended on purpose",
    [leaving("a")],
    [{ member: "a", reason: "without a only 0 of 1 would be left, and 1 is needed" }],
  ],
  [
    "nothing is said of what is replaced because it hangs",
    [healthy("a"), { ...hung("b"), interruption: "Scheduled change" }, healthy("c")],
    [],
  ],
  [
    "nothing is said of what gets its volume back",
    [healthy("a"), { ...detached("b"), interruption: "Scheduled change" }, healthy("c")],
    [],
  ],
  [
    "nothing is said of an instance that is gone",
    [held("a"), { ...held("b"), instance: "gone", interruption: "x" }],
    [],
  ],
])("what an interruption waits for: %s", (_, facts, expected) => {
  expect(waitingInterruptions(facts, planRepair(facts))).toEqual(expected);
});

test("MINOR 13: the replacement of a master whose boot does not end is marked, to be counted", () => {
  const kubernetes = { problem: "boot", reason: "the boot is not finished" } as const;

  expect(planRepair([{ ...healthy("a"), kubernetes }, healthy("b"), healthy("c")])).toEqual({
    kind: "replace",
    member: "a",
    reason: "a: the boot is not finished",
    unfinished: true,
  });
});

test.each<[string, Parameters<typeof planRepair>[0], boolean]>([
  ["one of three", [gone("a"), healthy("b"), healthy("c")], false],
  ["two of three", [gone("a"), gone("b"), healthy("c")], true],
  ["the only one", [gone("a")], true],
  ["two of five", [gone("a"), gone("b"), healthy("c"), healthy("d"), healthy("e")], false],
])("F5: without %s the API had a quorum, or not", (_, facts, lost) => {
  expect(losesQuorum(planRepair(facts), facts.length)).toBe(lost);
});
