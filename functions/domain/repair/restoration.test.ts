import { expect, test } from "vitest";
import type { OperationRecord } from "../cluster/records.ts";
import { explainRestoration, restorationOf } from "./restoration.ts";

function at(second: number) {
  return new Date(Date.UTC(2026, 10, 25, 3, 0, second));
}

function repairOf(members: readonly string[], back: Readonly<Record<string, number>>) {
  const steps: OperationRecord["steps"] = Object.fromEntries(
    Object.entries(back).map(([member, second]) => {
      const times = { startedAt: at(3).toISOString(), finishedAt: at(second).toISOString() };
      return [`Await member ${member}`, { name: "Await member", member, status: "DONE", message: null, ...times }];
    }),
  );
  return { startedAt: at(2).toISOString(), steps, loss: { members, at: at(0).toISOString(), exact: true } };
}

test("one of three lost: seen and restored in the time since the loss, quorum never gone", () => {
  expect(restorationOf(repairOf(["b"], { b: 9 }), 3, at(10))).toEqual({
    exact: true,
    detectSeconds: 2,
    restoreSeconds: 10,
    withoutQuorumSeconds: null,
    lostLater: false,
    withoutApiSeconds: null,
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

test("a repair whose loss was reported with a time in the future waited no negative time", () => {
  const repair = {
    ...repairOf(["b"], { b: 9 }),
    startedAt: at(0).toISOString(),
    loss: { members: ["b"], at: at(1).toISOString(), exact: true },
  };

  expect(restorationOf(repair, 3, at(10))).toMatchObject({ detectSeconds: 0, restoreSeconds: 9 });
});

test("a repair that lost nothing restored nothing", () => {
  expect(restorationOf({ startedAt: at(0).toISOString(), steps: {} }, 3, at(10))).toBeUndefined();
});

test("U6: of a loss without a reported time, times count from its detection", () => {
  const repair = { ...repairOf(["a"], { a: 7 }), loss: { members: ["a"], at: at(0).toISOString(), exact: false } };

  expect(restorationOf(repair, 1, at(10))).toEqual({
    exact: false,
    detectSeconds: 2,
    restoreSeconds: 8,
    withoutQuorumSeconds: 5,
    lostLater: false,
    withoutApiSeconds: null,
  });
});

test("C1: of a majority that was lost after the repair had begun nobody knows for how long", () => {
  const repair = repairOf(["b"], { b: 9 });
  const verified = { ...Object.values(repair.steps)[0], name: "Verify API", finishedAt: at(11).toISOString() };
  const steps = { ...repair.steps, verified } as typeof repair.steps;

  const restoration = restorationOf({ ...repair, steps }, 3, at(12));

  expect(restoration && explainRestoration(restoration, 3)).toBe(
    "Whole again: 3 of 3 members healthy, 12 s after the loss, which was seen after 2 s. " +
      "More masters were lost meanwhile, and etcd had no quorum for a time. The API answered again after 11 s.",
  );
});

test("F5: how long etcd had no quorum and how long the API did not answer are two things", () => {
  const repair = repairOf(["a", "b", "c"], { a: 7, b: 8, c: 9 });
  const verified = { ...Object.values(repair.steps)[0], name: "Verify API", finishedAt: at(11).toISOString() };
  const steps = { ...repair.steps, verified } as typeof repair.steps;

  const restoration = restorationOf({ ...repair, steps }, 3, at(12));

  expect(restoration).toMatchObject({ restoreSeconds: 12, withoutQuorumSeconds: 8, withoutApiSeconds: 11 });
  expect(restoration && explainRestoration(restoration, 3)).toBe(
    "Whole again: 3 of 3 members healthy, 12 s after the loss, which was seen after 2 s. " +
      "etcd had no quorum for 8 s. The API answered again after 11 s.",
  );
});

test.each([
  [
    true,
    "Whole again: 1 of 1 member healthy, 8 s after the loss, which was seen after 2 s. etcd had no quorum for 5 s.",
  ],
  [
    false,
    "Whole again: 1 of 1 member healthy, 8 s after the loss was seen. The last sign of life was 2 s before that. etcd had no quorum for at least 5 s.",
  ],
])("U6: the known time of a loss is reported (exact: %s)", (exact, reported) => {
  const restoration = {
    exact,
    detectSeconds: 2,
    restoreSeconds: 8,
    withoutQuorumSeconds: 5,
    lostLater: false,
    withoutApiSeconds: null,
  };

  expect(explainRestoration(restoration, 1)).toBe(reported);
});
