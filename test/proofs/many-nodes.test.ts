import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import { ClusterViewSchema } from "../../functions/domain/api/views.ts";
import { type Scenario, startScenario } from "../support/scenario.ts";

const NAME = "many.example.com";
const ZONES = "us-west-2a,us-west-2b,us-west-2c";

let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario({ hosts: "simulated" });
  // vCPUs, and gigabytes of gp3, of an account that is allowed as much.
  const resources = [
    { kind: "quota", code: "L-1216C47A", value: 8_000 },
    { kind: "quota", code: "L-7A658B76", value: 500 },
  ];
  await scenario.api.post("/_seed", { resources }, z.unknown());
});
afterAll(async () => await scenario[Symbol.asyncDispose]());

function fresh() {
  return scenario.api.get(`/clusters/${NAME}?fresh=true`, ClusterViewSchema);
}

test("M9: a cluster of a thousand nodes is created, verified and shown whole", async () => {
  const create = ["create", "cluster", "--zones", ZONES, "--master-zones", ZONES, "--node-count", "1000", NAME];

  const { code, stderr } = await scenario.holdfast(...create, "--yes", "--wait");
  const { status, nodes } = await fresh();

  expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
  expect(status).toBe("ACTIVE");
  expect(nodes.filter(({ ready }) => ready)).toHaveLength(1_000);
});

test("scale 5: 980 nodes at once are ended and forgotten, in few commands", async () => {
  const calls = scenario.calls.length;

  const { code } = await scenario.holdfast("scale", "nodes", NAME, "--count", "20", "--yes", "--wait");
  const { nodes } = await fresh();

  expect(code).toBe(0);
  expect(nodes.map(({ ready }) => ready)).toEqual(Array.from({ length: 20 }, () => true));
  const commands = scenario.calls.slice(calls).filter(({ operation }) => operation === "SendCommand");
  console.log(`${commands.length} commands`);
  expect(commands.length).toBeLessThanOrEqual(25);
});
