import { afterAll, beforeAll, expect, test } from "vitest";
import { render, runConsistency } from "../support/consistency/run.ts";
import { CREATE } from "../support/create.ts";
import { type Scenario, startScenario } from "../support/scenario.ts";

const NAME = "consistency.example.com";
/** `HOLDFAST_SEED` and `HOLDFAST_SECONDS` replay another one. */
const SEED = Number(process.env["HOLDFAST_SEED"] ?? 20261125);
const SECONDS = Number(process.env["HOLDFAST_SECONDS"] ?? 120);

let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario();
  expect(await scenario.holdfast(...CREATE, NAME, "--yes", "--wait")).toMatchObject({ code: 0 });
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});

test("registers stay linearizable while masters are killed, hung, cut off and healed at random", async () => {
  const options = { seed: SEED, seconds: SECONDS, clients: 6, say: console.log };

  const report = await runConsistency(scenario, NAME, options);

  console.log(render(report));
  expect(report.steps.length).toBeGreaterThan(3);
  expect(report.operations).toBeGreaterThan(1_000);
  expect(report.result).toEqual({ kind: "linearizable" });
  expect(report.violations).toEqual([]);
  expect(report.healthy).toBe(3);
});
