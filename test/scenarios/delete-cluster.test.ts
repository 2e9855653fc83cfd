import { afterAll, beforeAll, expect, test } from "vitest";
import { OperationViewSchema } from "../../functions/domain/api/views.ts";
import { compareInventories, takeInventory } from "../support/inventory.ts";
import { eventually, type Scenario, startScenario } from "../support/scenario.ts";

const ZONES = "us-west-2a,us-west-2b,us-west-2c";

let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario({ hosts: "simulated", workflowSpeed: 5 });
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});

/** What is there beyond what was there, once services have let go of what they hold for a moment longer. */
function differences(before: ReturnType<typeof takeInventory>) {
  return eventually(
    async () => compareInventories(before, takeInventory(scenario.cloud)),
    (found) => found.length === 0,
    5_000,
  );
}

test("a private cluster with three masters is deleted without a trace, and its name is free", async () => {
  const before = takeInventory(scenario.cloud);
  const shape = ["--zones", ZONES, "--master-zones", ZONES, "--topology", "private", "gone.example.com"];
  const created = await scenario.holdfast("create", "cluster", ...shape, "--yes", "--wait");
  expect(created.code).toBe(0);

  const preview = await scenario.holdfast("delete", "cluster", "gone.example.com", "-o", "json");
  const asked = takeInventory(scenario.cloud);
  const deleted = await scenario.holdfast("delete", "cluster", "gone.example.com", "--yes", "--wait", "-o", "json");

  expect(preview).toMatchObject({ code: 0 });
  const { removed, blockers } = JSON.parse(preview.stdout);
  expect(blockers).toEqual([]);
  expect(removed.filter(({ kind }: { kind: string }) => kind === "nat-gateway").length).toBe(3);
  expect(asked.filter((line) => line.startsWith("ec2/natGateways")).length).toBe(3);
  expect(deleted).toMatchObject({ code: 0, stdout: expect.stringContaining('"status": "DELETED"') });
  expect(await differences(before)).toEqual([]);
  expect(await scenario.holdfast("delete", "cluster", "gone.example.com", "--yes")).toMatchObject({ code: 3 });
  expect((await scenario.holdfast("get", "events", "gone.example.com")).stdout).toContain("cluster-deleted");
});

test("deleted in its first second, a cluster leaves nothing, and the creation knows that it was overruled", async () => {
  const before = takeInventory(scenario.cloud);
  const created = await scenario.holdfast(
    ...["create", "cluster", "--zones", "us-west-2a", "gone.example.com", "--yes", "-o", "json"],
  );

  const deleted = await scenario.holdfast("delete", "cluster", "gone.example.com", "--yes", "--wait");

  expect(deleted).toMatchObject({ code: 0 });
  expect(await differences(before)).toEqual([]);
  const creation = await scenario.api.get(`/operations/${JSON.parse(created.stdout).id}`, OperationViewSchema);
  expect(creation).toMatchObject({ status: "FAILED", error: { name: "LeaseLost" } });
});

test("two deletions in the middle of a creation are one operation", async () => {
  const before = takeInventory(scenario.cloud);
  const spec = ["--zones", "us-west-2a", "gone.example.com"];
  await scenario.holdfast("create", "cluster", ...spec, "--yes");
  await eventually(
    async () => takeInventory(scenario.cloud),
    (lines) => lines.some((line) => line.startsWith("autoscaling/groups")),
    20_000,
  );

  const answers = await Promise.all(
    ["1", "2"].map(() => scenario.api.delete("/clusters/gone.example.com", OperationViewSchema)),
  );

  expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
  await eventually(
    () => scenario.cluster("gone.example.com"),
    ({ status }) => status === "DELETED",
    30_000,
  );
  expect(await differences(before)).toEqual([]);
});
