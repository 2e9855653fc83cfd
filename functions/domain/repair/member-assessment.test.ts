import { expect, test } from "vitest";
import { says } from "../../../test/support/member-facts.ts";
import { memberRecord } from "../../../test/support/steps/records.ts";
import type { MemberRecord } from "../cluster/records.ts";
import { type AwsFacts, askable, assessMembers, isInDoubt, someCanBePlaced } from "./member-assessment.ts";
import { silent } from "./member-report.ts";
import type { MemberAnswer } from "./quorum.ts";

const NOW = Date.parse("2026-11-29T12:00:00Z");
const NOW_S = NOW / 1000;

function heartbeat(member: string, change = {}) {
  return {
    uid: "u",
    member,
    instanceId: `i-${member}`,
    healthy: true,
    since: NOW_S - 3_600,
    at: NOW_S - 5,
    ...change,
  };
}

/** Three masters that run with their volumes; `change` is what is otherwise of `a`. */
function factsOf(change: Partial<MemberRecord> = {}, more: Partial<AwsFacts> = {}): AwsFacts {
  const members = [memberRecord("a", change), memberRecord("b"), memberRecord("c")];
  return {
    members,
    running: new Set(["i-a", "i-b", "i-c"]),
    volumes: new Map(["a", "b", "c"].map((each) => [`vol-${each}`, { state: "in-use", attachedTo: `i-${each}` }])),
    strangers: new Set(),
    heartbeats: ["a", "b", "c"].map((member) => heartbeat(member)),
    homes: new Map(),
    ...more,
  };
}

function volumes(state: string, attachedTo: string | null) {
  const known = factsOf().volumes;
  return new Map([...known, ["vol-a", { state, attachedTo }]]);
}

const without = new Map([...factsOf().volumes].filter(([id]) => id !== "vol-a"));
function assess(facts: AwsFacts, answer: MemberAnswer = says("a")) {
  return assessMembers(facts, [answer, says("b"), says("c")], NOW)[0];
}

test.each([
  ["in use", volumes("in-use", "i-a"), "intact"],
  ["being made", volumes("creating", null), "intact"],
  ["in state error", volumes("error", null), "lost"],
  ["being deleted", volumes("deleting", null), "lost"],
  ["not there", without, "lost"],
] as const)("what counts as lost: a volume that is %s is %s", (_, found, volume) => {
  expect(assess(factsOf({}, { volumes: found }))?.volume).toBe(volume);
});

test.each([
  [
    "etcd refuses it",
    {},
    says("a", { healthy: false, trouble: { kind: "refused", detail: "crc mismatch" } }),
    "damaged",
  ],
  [
    "it was found damaged, and etcd is silent",
    { damage: { volumeId: "vol-a", reason: "crc" } },
    silent("a"),
    "damaged",
  ],
  ["it was found damaged, and etcd serves it", { damage: { volumeId: "vol-a", reason: "crc" } }, says("a"), "intact"],
  ["a former volume was damaged", { damage: { volumeId: "vol-old", reason: "crc" } }, silent("a"), "intact"],
] as const)("a damaged volume: %s", (_, change, answer, volume) => {
  expect(assess(factsOf(change), answer)?.volume).toBe(volume);
});

test.each([
  ["is lost", factsOf({}, { volumes: without }), says("a"), true],
  ["answers and has its volume", factsOf(), says("a"), false],
  [
    "is healthy, though EC2 says it has no volume",
    factsOf({}, { volumes: volumes("available", null) }),
    says("a"),
    true,
  ],
  ["is silent on a running instance", factsOf(), silent("a"), true],
  ["learns", factsOf(), says("a", { healthy: false, isLearner: true }), false],
  ["is gone", factsOf({}, { running: new Set(["i-b", "i-c"]) }), silent("a"), false],
] as const)("looked at again before it is believed: a member that %s", (_, facts, answer, doubtful) => {
  const [fact] = assessMembers(facts, [answer, says("b"), says("c")], NOW);

  expect(fact && isInDoubt(fact)).toBe(doubtful);
});

test.each([
  ["its heartbeats are fresh", [heartbeat("a")], undefined],
  ["its heartbeats have stopped", [heartbeat("a", { at: NOW_S - 600 })], "the volume is not mounted"],
  ["it has sent none", [], "the volume is not mounted"],
] as const)("a volume that the host does not find is no reason while %s", (_, heartbeats, why) => {
  const answer = says("a", { healthy: false, trouble: { kind: "volume", detail: "the volume is not mounted" } });

  expect(assess(factsOf({}, { heartbeats }), answer)?.withoutData).toBe(why);
});

test("a volume that a stranger's live instance has is named by its holder", () => {
  const found = { volumes: volumes("in-use", "i-x"), strangers: new Set(["i-x"]) };

  expect(assess(factsOf({}, found), silent("a"))?.heldBy).toBe("i-x");
});

test("a pause, former resources and a move are as the record and the hour say", () => {
  const damage = { volumeId: "vol-old", reason: "its learner never caught up", retryAt: NOW + 1 };
  const former = { zone: "us-west-2d", volumeId: "vol-old", interfaceId: null, retryAt: NOW };
  const homes = new Map([["a", { moveTo: "us-west-2d", moving: true }]]);

  expect(assess(factsOf({ damage, formerResources: [former] }, { homes }))).toMatchObject({
    pausing: true,
    formerResources: true,
    moveTo: "us-west-2d",
    moving: true,
  });
  expect(assess(factsOf({ damage: { ...damage, retryAt: NOW } }))).toMatchObject({
    pausing: false,
    formerResources: false,
  });
});

test.each([
  ["all run", factsOf(), false],
  ["one has ended, with its volume at hand", factsOf({}, { running: new Set(["i-b", "i-c"]) }), true],
  ["its volume is gone", factsOf({}, { running: new Set(["i-b", "i-c"]), volumes: without }), false],
  [
    "its volume is damaged",
    factsOf({ damage: { volumeId: "vol-a", reason: "crc" } }, { running: new Set(["i-b", "i-c"]) }),
    false,
  ],
  [
    "it is to move",
    factsOf({}, { running: new Set(["i-b", "i-c"]), homes: new Map([["a", { moveTo: "us-west-2d" }]]) }),
    false,
  ],
  ["a stranger has a volume", factsOf({}, { running: new Set(["i-b", "i-c"]), strangers: new Set(["i-x"]) }), false],
] as const)("only an instance is missing: %s", (_, facts, placeable) => {
  expect(someCanBePlaced(facts)).toBe(placeable);
});

test("only instances that run are asked", () => {
  const asked = askable(factsOf({}, { running: new Set(["i-b"]) }));

  expect(asked.map(({ instanceId }) => instanceId)).toEqual([null, "i-b", null]);
});
