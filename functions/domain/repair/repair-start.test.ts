import { describe, expect, test } from "vitest";
import { memberRecord, operationRecord } from "../../../test/support/steps/records.ts";
import type { MemberRecord } from "../cluster/records.ts";
import {
  explainRepair,
  findLost,
  findReasons,
  isBudgetSpent,
  isPlaced,
  isSettled,
  lossOf,
  REPAIRS_PER_HOUR,
  type RepairReasons,
  whyNoRepair,
} from "./repair-start.ts";

const NOW = new Date("2026-11-29T12:00:00Z");
const MEMBERS = ["a", "b", "c"].map((member) => memberRecord(member));
const NONE: RepairReasons = { lost: [], interrupted: [], detached: [] };
function failing(minutes: number): Partial<MemberRecord> {
  return {
    bootFailures: { operation: "repair-0", count: 3, givenUp: 1, retryAt: NOW.getTime() + minutes * 60_000 },
  };
}

test.each([
  ["every instance runs", ["i-a", "i-b", "i-c"], []],
  ["one has ended", ["i-a", "i-c"], ["b"]],
  ["none runs", [], ["a", "b", "c"]],
] as const)("lost masters: %s", (_, running, lost) => {
  expect(findLost(MEMBERS, new Set(running)).map(({ member }) => member)).toEqual(lost);
});

test("a master without an instance on record is lost", () => {
  expect(findLost([memberRecord("a", { instanceId: null })], new Set(["i-a"]))).toHaveLength(1);
});

describe("reasons of masters that run", () => {
  const interruption = { kind: "rebalance", detectedBy: "EC2", receivedAt: "2026-11-29T11:59:00Z" } as const;

  test("AWS will take away the instance that the member has now", () => {
    const now = memberRecord("a", { interruption: { ...interruption, instanceId: "i-a" } });
    const before = memberRecord("b", { interruption: { ...interruption, instanceId: "i-old" } });

    expect(findReasons([now, before], [], new Map()).interrupted).toEqual([now]);
  });

  test.each([
    ["attached to its instance", "i-a", 0],
    ["attached to nothing", null, 1],
    ["attached to another", "i-x", 1],
  ] as const)("its volume is %s", (_, attachedTo, count) => {
    const found = findReasons([memberRecord("a")], [], new Map([["vol-a", { attachedTo }]]));

    expect(found.detached).toHaveLength(count);
  });

  test("a volume that is not there is no detached one, nor is that of a lost master", () => {
    expect(findReasons(MEMBERS, MEMBERS, new Map([["vol-a", { attachedTo: null }]])).detached).toEqual([]);
    expect(findReasons(MEMBERS, [], new Map()).detached).toEqual([]);
  });
});

test.each([
  ["nothing is found after an event", NONE, { thorough: false, holds: false }, /^every master runs: a on i-a/],
  ["nothing is found, and all is to be looked at", NONE, { thorough: true, holds: false }, undefined],
  ["a master is lost", { ...NONE, lost: [memberRecord("a")] }, { thorough: false, holds: false }, undefined],
  [
    "its instances do not boot",
    { ...NONE, lost: [memberRecord("a", failing(5))] },
    { thorough: true, holds: false },
    /boots/,
  ],
  [
    "the pause is over",
    { ...NONE, lost: [memberRecord("a", failing(-1))] },
    { thorough: true, holds: false },
    undefined,
  ],
  [
    "another is lost besides",
    { ...NONE, lost: [memberRecord("a", failing(5)), memberRecord("b")] },
    { thorough: false, holds: false },
    undefined,
  ],
  ["it holds the cluster already", NONE, { thorough: false, holds: true }, undefined],
] as const)("no repair begins: %s", (_, reasons, request, why) => {
  const said = whyNoRepair(reasons, request, MEMBERS, NOW);

  if (why === undefined) expect(said).toBeUndefined();
  else expect(said).toMatch(why);
});

describe("what a reconcile found", () => {
  const ended = [
    operationRecord("repair", { id: "repair-0", status: "SUCCEEDED", finishedAt: "2026-11-29T11:59:30Z" }),
  ];

  test("is history once an operation has ended since", () => {
    expect(isSettled(NONE, "2026-11-29T11:59:00Z", ended, "repair-1")).toBe(true);
    expect(isSettled(NONE, "2026-11-29T11:59:59Z", ended, "repair-1")).toBe(false);
  });

  test("is not while EC2 itself says that a master is lost", () => {
    expect(isSettled({ ...NONE, lost: [memberRecord("a")] }, "2026-11-29T11:59:00Z", ended, "repair-1")).toBe(false);
  });
});

test.each([
  [REPAIRS_PER_HOUR - 1, 59, false],
  [REPAIRS_PER_HOUR, 59, true],
  [REPAIRS_PER_HOUR, 61, false],
] as const)("the budget after %i repairs, %i minutes ago", (count, minutes, spent) => {
  const startedAt = new Date(NOW.getTime() - minutes * 60_000).toISOString();
  const latest = Array.from({ length: count }, (_, index) =>
    operationRecord("repair", { id: `repair-0${index}`, startedAt }),
  );

  expect(isBudgetSpent(latest, "repair-1", NOW)).toBe(spent);
  expect(isBudgetSpent([...latest.slice(1), operationRecord("update", { startedAt })], "repair-1", NOW)).toBe(false);
});

test("an instance is placed once it is a healthy member's", () => {
  expect(isPlaced(MEMBERS, "i-b")).toBe(true);
  expect(isPlaced(MEMBERS, "i-x")).toBe(false);
  expect(isPlaced([memberRecord("b", { health: "pending" })], "i-b")).toBe(false);
});

test.each([
  [{ ...NONE, lost: MEMBERS.slice(0, 2) }, "Masters a, b were lost and are being replaced."],
  [{ ...NONE, detached: [{ record: memberRecord("a"), why: "the volume is detached" }] }, "The volume is detached."],
  [{ ...NONE, interrupted: MEMBERS.slice(2) }, "AWS will take away the instance of master c; it is replaced before."],
  [NONE, "Being looked after: somebody said so."],
] as const)("the reason that people read: %#", (reasons, words) => {
  expect(explainRepair(reasons, "somebody said so")).toBe(words);
});

describe("when a master was lost", () => {
  const lost = [memberRecord("a")];
  const heartbeat = { uid: "u", member: "a", instanceId: "i-a", since: 0, at: NOW.getTime() / 1000 - 40 };

  test("is what was reported", () => {
    expect(lossOf(lost, "2026-11-29T11:59:01Z", [], NOW)).toEqual({
      members: ["a"],
      at: "2026-11-29T11:59:01Z",
      exact: true,
    });
  });

  test("or the last time that it reported itself healthy", () => {
    const heartbeats = [{ ...heartbeat, healthy: true }];
    expect(lossOf(lost, undefined, heartbeats, NOW)).toMatchObject({ at: "2026-11-29T11:59:20.000Z", exact: false });
  });

  test("or now, if it never did", () => {
    const heartbeats = [{ ...heartbeat, healthy: false }];
    expect(lossOf(lost, undefined, heartbeats, NOW)).toMatchObject({ at: "2026-11-29T12:00:00.000Z", exact: false });
  });
});
