import { expect, test } from "vitest";
import { factsOf, minutesAgo, NOW, rollout, stages, waiting } from "../../../test/support/fleets/rollout-records.ts";
import { withAnswer, withResult } from "./rollout-checks.ts";
import { pendingGate } from "./rollout-gates.ts";
import { planRollout } from "./rollout-plan.ts";
import type { RolloutRecord } from "./rollout-records.ts";

const REPORTED = { gate: "checks", name: "smoke", by: "operator" };
const ASKED = { gate: "checks", name: "probe", by: "admin", url: "https://probe.example.com/" };

function plan(record: RolloutRecord) {
  return planRollout(record, factsOf(record), NOW);
}

/** A roll-out of one cluster whose stage has this gate before it, or of one that has ended with it after it. */
function gated(when: "before" | "after", gate: object, change: Partial<RolloutRecord> = {}): RolloutRecord {
  const cluster = waiting("a", when === "after" ? { state: "ok" } : {});
  return rollout([cluster], { strategy: stages({ [when]: [gate] }), blockedSince: minutesAgo(5), ...change });
}

/** It waits for that check since so many minutes. */
function since(minutes: number, name: string, answer: string | null = null) {
  return { check: { stage: 0, when: "before", name, since: minutesAgo(minutes), answer } } as const;
}

test.each([
  ["before", "stage s0 waits for the check smoke, which an operator reports"],
  ["after", "stage s0 has ended, and waits for the check smoke, which an operator reports"],
] as const)("a check %s a stage is waited for, and nobody is asked where somebody reports it", (when, reason) => {
  const next = plan(gated(when, REPORTED));

  expect(next.rollout).toMatchObject({
    state: "waiting-check",
    reason,
    blockedSince: null,
    check: { stage: 0, when, name: "smoke", since: NOW.toISOString(), answer: null },
  });
  expect([next.send, next.ask]).toEqual([[], undefined]);
});

test("the address of a check is asked, and its last answer is in the reason", () => {
  const next = plan(gated("before", ASKED, since(3, "probe", "503 Service Unavailable")));

  expect(next.ask).toMatchObject({ stage: 0, when: "before", gate: { name: "probe" } });
  expect(next.rollout.reason).toBe(
    "stage s0 waits for the check probe by https://probe.example.com/; it last answered: 503 Service Unavailable",
  );
  expect(next.rollout.check?.since).toBe(minutesAgo(3));
});

test("an approval asks no address, and a paused roll-out asks none either", () => {
  const approval = { gate: "approval", by: "admin" };

  expect(plan(gated("before", approval)).ask).toBeUndefined();
  expect(plan(gated("before", ASKED, { state: "paused" })).ask).toBeUndefined();
});

test.each<[string, object, number, string | null, string | null]>([
  ["an address has an hour", ASKED, 59, null, null],
  ["and stops the roll-out then", ASKED, 60, null, "check probe of stage s0 did not pass within 60 minutes"],
  ["with what it last said", ASKED, 61, "404", "check probe of stage s0 did not pass within 60 minutes: 404"],
  [
    "its own time counts",
    { ...ASKED, withinMinutes: 1 },
    1,
    null,
    "check probe of stage s0 did not pass within 1 minute",
  ],
  ["what somebody reports has no limit", { ...REPORTED, name: "probe" }, 9_000, null, null],
])("%s", (_, gate, minutes, answer, stopped) => {
  const { rollout: next, ask } = plan(gated("before", gate, since(minutes, "probe", answer)));

  expect(next.state).toBe(stopped === null ? "waiting-check" : "stopped");
  if (stopped !== null) expect([next.reason, ask]).toEqual([stopped, undefined]);
});

test("another check has its own time", () => {
  const next = plan(gated("before", ASKED, since(90, "former")));

  expect(next.rollout).toMatchObject({ state: "waiting-check", check: { name: "probe", since: NOW.toISOString() } });
});

function pendingIn(record: RolloutRecord) {
  const gate = plan(record).ask;
  if (!gate) throw new Error("nobody is asked");
  return gate;
}

test("one that passes lets the stage begin; any other answer is kept, and asked for again", () => {
  const { rollout: waits } = plan(gated("before", ASKED));
  const pending = pendingIn(waits);

  const passed = withAnswer(waits, pending, { passed: true, answer: "204" }, NOW);
  expect(passed).toMatchObject({ state: "running", reason: null, check: null, checks: [{ passed: true, by: null }] });
  expect(plan(passed).send).toHaveLength(1);
  const failed = withAnswer(waits, pending, { passed: false, answer: "no route" }, NOW);
  expect(failed).toMatchObject({ state: "waiting-check", check: { answer: "no route" }, checks: [] });
  expect(pendingGate(failed)).toEqual(pending);
});

test("an answer that comes when nobody waits for it any more changes nothing", () => {
  const { rollout: waits } = plan(gated("before", ASKED));
  const pending = pendingIn(waits);

  for (const change of [{ state: "paused" }, { check: null }, since(1, "former")] as const) {
    const now: RolloutRecord = { ...waits, ...change };
    expect(withAnswer(now, pending, { passed: true, answer: "204" }, NOW)).toBe(now);
  }
});

test("a report that it failed stops the roll-out with its words; a later one that it passed counts", () => {
  const { rollout: waits } = plan(gated("before", REPORTED));
  const gate = pendingGate(waits);
  if (gate?.gate.gate !== "checks") throw new Error("no check is pending");
  const pending = { ...gate, gate: gate.gate };

  const failed = withResult(waits, pending, { passed: false, by: "iam:ci", message: "p99 is 2 s" }, NOW);
  expect(failed).toMatchObject({
    state: "stopped",
    reason: "check smoke of stage s0 failed, as iam:ci reported: p99 is 2 s",
  });
  const again: RolloutRecord = { ...failed, state: "running" };
  expect(plan(again).rollout.state).toBe("waiting-check");
  expect(plan(withResult(again, pending, { passed: true, by: "iam:ci", message: null }, NOW)).send).toHaveLength(1);
});
