import { expect, test } from "vitest";
import { strike } from "../support/consistency/nemesis.ts";
import { render, runConsistency } from "../support/consistency/run.ts";
import { CREATE } from "../support/create.ts";
import { startScenario } from "../support/scenario.ts";

const NAME = "sample.example.com";
/** One fault of the many that `npm run consistency` tries: the leader's power is cut. */
const POWER_CUT = { action: "crash", places: [0], holdMs: 0, pauseMs: 0 } as const;

test("through one power cut of the leader, what clients saw is linearizable and every invariant holds", async () => {
  await using scenario = await startScenario();
  expect(await scenario.holdfast(...CREATE, NAME, "--yes", "--wait")).toMatchObject({ code: 0 });
  const options = { seed: 1, seconds: 0, clients: 4, say: () => {} };

  const report = await runConsistency(scenario, NAME, options, async (arena) => [await strike(arena, POWER_CUT)]);

  console.log(render(report));
  expect(report.operations).toBeGreaterThan(100);
  expect(report.result).toEqual({ kind: "linearizable" });
  expect(report.violations).toEqual([]);
  expect(report.healthy).toBe(3);
});
