import { expect, test } from "vitest";
import type { CheckName } from "./cases.ts";
import { abandoned, nextAction } from "./next.ts";
import { runName, startOf } from "./run-name.ts";
import { newState, type Result, type RunState } from "./state.ts";

const NOW = new Date("2026-11-30T01:23:45Z");
const choice = {
  region: "us-west-2",
  yes: true,
  size: "t3.medium",
  image: null,
  api: null,
  resume: null,
  directory: ".",
};

function stateWith(change: Partial<RunState>): RunState {
  return { ...newState({ ...choice, cases: ["private"] }, "smoke-20261130-0123-ab12", NOW), ...change };
}

function results(...of: readonly (readonly [check: CheckName, status: Result["status"]])[]): Result[] {
  return of.map(([check, status]) => ({ check, status, message: "", startedAt: "", seconds: 0, evidence: {} }));
}

test("checks run in order, of the chosen clusters alone", () => {
  expect(nextAction(stateWith({}))).toEqual({ kind: "run", check: "account" });
  const state = stateWith({ results: results(["account", "passed"], ["stack", "passed"]) });

  expect(nextAction(state)).toEqual({ kind: "run", check: "create-private" });
  expect(nextAction({ ...state, cases: ["ha"] })).toEqual({ kind: "run", check: "create-ha" });
});

test("a check whose need did not pass is skipped, and a cluster that was begun is deleted all the same", () => {
  const state = stateWith({
    results: results(["account", "passed"], ["stack", "passed"], ["create-private", "failed"]),
    begun: ["private"],
  });
  const why = '"create-private" did not pass';

  expect(nextAction(state)).toEqual({ kind: "skip", check: "disks-private", why });
  const rest = results(["disks-private", "skipped"], ["console-private", "skipped"], ["authority-private", "skipped"]);
  expect(nextAction({ ...state, results: [...state.results, ...rest] })).toEqual({
    kind: "run",
    check: "delete-private",
  });
});

test("a run that stops begins nothing, deletes what it began, sweeps, and removes the stack that it made", () => {
  const stopped = stateWith({ stopping: "the run was stopped", begun: ["private"], stack: "made" });
  expect(nextAction(stopped)).toEqual({ kind: "skip", check: "account", why: "the run was stopped" });
  const all = (
    ["account", "stack", "create-private", "disks-private", "console-private", "authority-private"] as const
  ).map((check) => [check, "skipped"] as const);

  expect(nextAction({ ...stopped, results: results(...all) })).toEqual({ kind: "run", check: "delete-private" });
  const swept = { ...stopped, results: results(...all, ["delete-private", "failed"]) };
  expect(nextAction(swept)).toEqual({ kind: "sweep" });
  expect(nextAction({ ...swept, left: ["volume vol-1"] })).toEqual({ kind: "sweep" });
  expect(nextAction({ ...swept, left: [] })).toEqual({ kind: "remove-stack" });
  expect(nextAction({ ...swept, left: [], stack: "removed" })).toEqual({ kind: "finished" });
});

test("a stack that was found or given is never removed", () => {
  const done = stateWith({ cases: [], results: results(["account", "passed"], ["stack", "passed"]), left: [] });

  expect(nextAction({ ...done, stack: "found" })).toEqual({ kind: "finished" });
  expect(nextAction({ ...done, stack: "given" })).toEqual({ kind: "finished" });
});

test("a check that was under way when the run ended is run again", () => {
  const state = stateWith({ results: results(["account", "passed"], ["stack", "passed"]), running: "create-private" });

  expect(nextAction(state)).toEqual({ kind: "run", check: "create-private" });
});

test("a run's name says when it began, and only old ones are given up", () => {
  expect(runName(NOW, "ab12")).toBe("smoke-20261130-0123-ab12");
  expect(startOf("smoke-20261130-0123-ab12")).toEqual(new Date("2026-11-30T01:23:00Z"));
  expect(startOf("team-a")).toBeUndefined();
  const runs = [
    { run: "old", startedAt: new Date("2026-11-29T20:00:00Z") },
    { run: "young", startedAt: new Date("2026-11-30T00:00:00Z") },
  ];

  expect(abandoned(runs, NOW)).toEqual(["old"]);
});
