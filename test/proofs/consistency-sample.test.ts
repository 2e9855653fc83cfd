import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { migrate } from "../support/consistency/migrations.ts";
import { strike } from "../support/consistency/nemesis.ts";
import { render, runConsistency } from "../support/consistency/run.ts";
import { CREATE } from "../support/create.ts";
import { type Scenario, startScenario } from "../support/scenario.ts";

const NAME = "sample.example.com";
/** One fault of the many that `npm run consistency` tries: the leader's power is cut. */
const POWER_CUT = { action: "crash", places: [0], holdMs: 0, pauseMs: 0 } as const;
const OPTIONS = { seed: 1, seconds: 0, clients: 4, say: console.log };
/** The migration takes its backup first; then masters are made. */
const MAKES_MASTERS_AFTER_MS = 12_000;

let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario();
  expect(await scenario.holdfast(...CREATE, NAME, "--yes", "--wait")).toMatchObject({ code: 0 });
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});

test("through one power cut of the leader, what clients saw is linearizable and every invariant holds", async () => {
  const report = await runConsistency(scenario, NAME, OPTIONS, async (arena) => [await strike(arena, POWER_CUT)]);

  console.log(render(report));
  expect(report.operations).toBeGreaterThan(100);
  expect(report.result).toEqual({ kind: "linearizable" });
  expect(report.violations).toEqual([]);
  expect(report.healthy).toBe(3);
});

test("18: the same while three masters become five: a migration and a repair at once", async () => {
  const report = await runConsistency(scenario, NAME, OPTIONS, async (arena) => {
    await migrate(arena, OPTIONS.say);
    await delay(MAKES_MASTERS_AFTER_MS);
    return [await strike(arena, POWER_CUT)];
  });

  console.log(render(report));
  expect(report.operations).toBeGreaterThan(100);
  expect(report.result).toEqual({ kind: "linearizable" });
  expect(report.violations).toEqual([]);
  expect(report.healthy).toBe(5);
});
