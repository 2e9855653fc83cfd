import { expect, test } from "vitest";
import type { OperationRecord } from "../../functions/domain/records.ts";
import { restorationOf } from "../../functions/domain/restoration.ts";

const at = (second: number) => new Date(Date.UTC(2026, 10, 25, 3, 0, second));

const repairOf = (members: readonly string[], back: Readonly<Record<string, number>>) => {
  const steps: OperationRecord["steps"] = Object.fromEntries(
    Object.entries(back).map(([member, second]) => {
      const times = { startedAt: at(3).toISOString(), finishedAt: at(second).toISOString() };
      return [`Await member ${member}`, { name: "Await member", member, status: "DONE", message: null, ...times }];
    }),
  );
  return { startedAt: at(2).toISOString(), steps, loss: { members, at: at(0).toISOString() } };
};

test("one of three lost: seen and restored in the time since the loss, quorum never gone", () => {
  expect(restorationOf(repairOf(["b"], { b: 9 }), 3, at(10))).toEqual({
    detectSeconds: 2,
    restoreSeconds: 10,
    withoutQuorumSeconds: null,
  });
});

test("a single master: without a quorum until its member is back", () => {
  expect(restorationOf(repairOf(["a"], { a: 7 }), 1, at(10))).toMatchObject({ withoutQuorumSeconds: 7 });
});

test("all of three lost: the quorum is back with the second member", () => {
  expect(restorationOf(repairOf(["a", "b", "c"], { a: 9, b: 5, c: 6 }), 3, at(10))).toMatchObject({
    withoutQuorumSeconds: 6,
  });
});

test("quorum gone and no word of when a member came back counts until the cluster is whole", () => {
  expect(restorationOf(repairOf(["a", "b"], {}), 3, at(10))).toMatchObject({ withoutQuorumSeconds: 10 });
});

test("a repair that was told of its loss before it happened by another clock waited no negative time", () => {
  const repair = {
    ...repairOf(["b"], { b: 9 }),
    startedAt: at(0).toISOString(),
    loss: { members: ["b"], at: at(1).toISOString() },
  };

  expect(restorationOf(repair, 3, at(10))).toMatchObject({ detectSeconds: 0, restoreSeconds: 9 });
});

test("a repair that lost nothing restored nothing", () => {
  expect(restorationOf({ startedAt: at(0).toISOString(), steps: {} }, 3, at(10))).toBeUndefined();
});
