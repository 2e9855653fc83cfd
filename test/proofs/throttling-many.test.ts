import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import { ClusterViewSchema } from "../../functions/domain/api/views.ts";
import { eventually, type Scenario, startScenario } from "../support/scenario.ts";

const CLUSTERS = Array.from({ length: 40 }, (_, index) => `t${index}.example.com`);
const ZONES = ["us-west-2a", "us-west-2b", "us-west-2c"];
function mastersOf(index: number) {
  return index % 2 === 0 ? ZONES : ["us-west-2a"];
}

let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario({ hosts: "simulated", rateLimits: "documented" });
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});

test("0: forty creations at once under AWS's documented rates all end ACTIVE by themselves, and nothing is made twice", async () => {
  const begun = Date.now();
  await Promise.all(
    CLUSTERS.map((name, index) => {
      const spec = { name, zones: ZONES, masterZones: mastersOf(index), nodeCount: 0 };
      return scenario.api.post("/clusters", { spec }, z.unknown());
    }),
  );

  const clusters = await eventually(
    () => scenario.api.list("/clusters", ClusterViewSchema),
    (found) => {
      const failed = found.find(({ status }) => status === "FAILED");
      if (failed) throw new Error(`${failed.name} FAILED: ${failed.reason}`);
      return found.length === CLUSTERS.length && found.every(({ status }) => status === "ACTIVE");
    },
    300_000,
  );
  const throttled = scenario.calls.filter(
    ({ operation, error }) => operation === "PutParameter" && error === "ThrottlingException",
  );
  console.log(
    `${clusters.length} clusters in ${Date.now() - begun} ms; PutParameter throttled ${throttled.length} times`,
  );

  expect(throttled.length).toBeGreaterThan(0);
  const made = scenario.calls.filter(({ operation, error }) => operation === "CreateVpc" && error === undefined);
  expect(made).toHaveLength(CLUSTERS.length);
  const repairs = clusters.filter(({ operation }) => operation !== null);
  expect(repairs).toEqual([]);
});
