import { readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import * as z from "zod";
import { FleetViewSchema } from "../../functions/domain/api/fleet-views.ts";
import { type RolloutView, RolloutViewSchema } from "../../functions/domain/api/rollout-views.ts";
import { EventViewSchema } from "../../functions/domain/api/views.ts";
import { eventually, type Scenario, startScenario } from "../support/scenario.ts";

const CLUSTERS = ["eu.example.com", "us.example.com", "dev.example.com"];

let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario({ hosts: "simulated" });
  const made = CLUSTERS.map((name) => {
    const labels = ["--labels", name.startsWith("dev") ? "env=dev" : "env=prod,ring=rest"];
    const small = ["--zones", "us-west-2a", "--node-count", "0", "--backup-interval", "0"];
    return scenario.holdfast("create", "cluster", name, ...small, ...labels, "--yes", "--wait");
  });
  for (const { code, stderr } of await Promise.all(made)) if (code !== 0) throw new Error(stderr);
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});

/** What the clock does each minute, now. */
async function tick(): Promise<void> {
  const { lambda } = scenario.cloud.services;
  const name = lambda.list().find((each) => each.name.toLowerCase().replaceAll("-", "").includes("tickrollouts"))?.name;
  const { functionError, payload } = await lambda.invoke(name ?? "", "{}");
  if (functionError !== undefined) throw new Error(payload);
}

async function rolloutOf(fleet: string) {
  const { stdout } = await scenario.holdfast("get", "rollouts", fleet, "-o", "json");
  const [newest] = z.object({ items: z.array(RolloutViewSchema) }).parse(JSON.parse(stdout)).items;
  if (!newest) throw new Error(`${fleet} has no roll-out`);
  return newest;
}

function until(state: string, also: (rollout: RolloutView) => boolean = () => true) {
  return eventually(
    async () => {
      await tick();
      return rolloutOf("prod");
    },
    (rollout) => rollout.state === state && also(rollout),
    120_000,
  );
}

test("labels change at any time, touch nothing in AWS, and select clusters", async () => {
  const before = scenario.calls.filter(
    ({ operation }) => !/^(Get|Query|Put|Update|Transact|Batch|Describe|List)/.test(operation),
  );
  const changed = await scenario.holdfast("update", "cluster", "us.example.com", "--labels", "ring=first", "--yes");
  const after = scenario.calls.filter(
    ({ operation }) => !/^(Get|Query|Put|Update|Transact|Batch|Describe|List)/.test(operation),
  );

  expect({ code: changed.code, stdout: changed.stdout }).toEqual({
    code: 0,
    stdout: expect.stringContaining("--labels  env=prod,ring=rest → env=prod,ring=first"),
  });
  expect(after.length).toBe(before.length);
  const selected = await scenario.holdfast("get", "clusters", "--selector", "env=prod,ring in (first)", "-o", "json");
  expect(JSON.parse(selected.stdout).items.map(({ name }: { name: string }) => name)).toEqual(["us.example.com"]);
  const wrong = await scenario.holdfast("get", "clusters", "--selector", "env=");
  const worse = await scenario.holdfast("get", "clusters", "--selector", "env prod,_a");
  expect([wrong.code, worse.code]).toEqual([0, 2]);
});

test("a fleet has its clusters, one status and its violations, and one exit code", async () => {
  const policy = ["--minimum-masters", "3", "--minimum-version", "1.30"];
  const preview = await scenario.holdfast("fleet", "create", "prod", "--selector", "env=prod", ...policy);
  expect(preview).toMatchObject({ code: 0, stderr: expect.stringContaining("Nothing was changed") });
  expect((await scenario.holdfast("fleet", "get", "prod")).code).toBe(3);

  const words = ["fleet", "create", "prod", "--selector", "env=prod", ...policy, "--yes", "-o", "json"];
  const fleet = FleetViewSchema.parse(JSON.parse((await scenario.holdfast(...words)).stdout));
  expect(fleet.clusters.map(({ name, status, violations }) => [name, status, violations])).toEqual([
    ["eu.example.com", "ACTIVE", ["1 master, and 3 are asked for"]],
    ["us.example.com", "ACTIVE", ["1 master, and 3 are asked for"]],
  ]);
  expect((await scenario.holdfast("validate", "fleet", "prod")).code).toBe(1);
  await scenario.holdfast("fleet", "update", "prod", "--minimum-masters", "1", "--yes");
  const valid = await scenario.holdfast("validate", "fleet", "prod");
  expect({ code: valid.code, stdout: valid.stdout }).toMatchObject({ code: 0, stdout: /prod is valid/ });
});

test("5.8.5: a roll-out goes by stages, waits for an approval, and has changed each cluster once", async () => {
  const stages = [
    { name: "first", selector: "ring=first" },
    {
      name: "rest",
      before: [{ gate: "approval", by: "admin" }],
      // Nobody may have Holdfast ask an address of this machine.
      after: [{ gate: "checks", name: "smoke", url: "https://127.0.0.1/" }],
    },
  ];
  const api = `${scenario.cloud.endpoints.api}`;
  const { stdout: token } = await scenario.holdfast("local", "token", "--role", "viewer");
  const file = join(tmpdir(), `strategy-${process.pid}.json`);
  await writeFile(file, JSON.stringify({ stages }));
  const words = ["fleet", "rollout", "prod", "--node-size", "t3.large", "--strategy", file];
  expect((await scenario.holdfast(...words)).stdout).toContain("Stage       rest: 1 cluster, 1 at once");
  const started = await scenario.holdfast(...words, "--yes", "-o", "json");
  await rm(file);
  const { id } = RolloutViewSchema.parse(JSON.parse(started.stdout));
  expect((await scenario.holdfast("fleet", "rollout", "prod", "--node-size", "t3.small", "--yes")).code).toBe(4);

  const waiting = await until("waiting-approval");
  expect(waiting.clusters.map(({ name, state }) => [name, state])).toEqual([
    ["eu.example.com", "waiting"],
    ["us.example.com", "ok"],
  ]);
  const forged = await fetch(`${api}/token/rollouts/${id}`, {
    method: "PATCH",
    headers: { authorization: `Bearer ${token.trim()}`, "content-type": "application/json" },
    body: JSON.stringify({ action: "approve", stage: "rest" }),
  });
  expect(forged.status).toBe(403);
  for (const _ of [1, 2])
    expect((await scenario.holdfast("fleet", "rollout", "approve", "prod", "--yes")).code).toBe(0);
  const checked = await until("waiting-check", ({ pendingCheck }) => pendingCheck?.answer != null);
  expect(checked.pendingCheck).toMatchObject({ name: "smoke", answer: "its address is not a public one" });
  const check = ["fleet", "rollout", "check", "prod", "--name", "smoke", "--passed", "--yes"];
  expect((await scenario.holdfast(...check)).stdout).toContain("Check       smoke passed, by ");
  expect((await until("done")).approvals).toHaveLength(1);
  const specs = await Promise.all(CLUSTERS.map(async (name) => (await scenario.cluster(name)).spec.nodeSize));
  expect(specs).toEqual(["t3.large", "t3.large", "t3.medium"]);

  expect((await scenario.holdfast("fleet", "rollout", "rollback", "prod", "--yes")).code).toBe(0);
  await until("waiting-approval");
  await scenario.holdfast("fleet", "rollout", "approve", "prod", "--yes");
  await until("done");
  expect((await scenario.cluster("eu.example.com")).spec.nodeSize).toBe("t3.medium");
});

test("5.3: a policy that enforces backups changes those settings, and events say for whom", async () => {
  const policy = ["--backup-interval", "1h", "--enforce", "backup"];
  const words = ["fleet", "create", "lax", "--clusters", "dev.example.com", ...policy, "--yes"];
  expect((await scenario.holdfast(...words)).stdout).toContain("enforced: backup");

  const changed = await eventually(
    async () => {
      await tick();
      return scenario.cluster("dev.example.com");
    },
    ({ spec, status, operation }) => spec.backupIntervalMinutes === 60 && status === "ACTIVE" && operation === null,
    120_000,
  );
  expect(changed.spec.kubernetesVersion).toBe((await scenario.cluster("eu.example.com")).spec.kubernetesVersion);
  const { stdout } = await scenario.holdfast("get", "events", "dev.example.com", "-o", "json");
  const events = z.object({ items: z.array(EventViewSchema) }).parse(JSON.parse(stdout)).items;
  const asked = events.filter(({ by }) => by?.userAgent === "policy of fleet lax");
  expect(asked.map(({ type }) => type)).toEqual(["change-requested"]);
  expect((await scenario.holdfast("validate", "fleet", "lax", "-o", "json")).stdout).toContain('"violations": []');
  expect((await scenario.holdfast("fleet", "delete", "lax", "--yes")).code).toBe(0);
});

test("one kubeconfig has a context for each cluster of the fleet", async () => {
  const file = join(tmpdir(), `fleet-${process.pid}.yaml`);
  const { code } = await scenario.holdfast("export", "kubeconfig", "--fleet", "prod", "--kubeconfig", file);
  const config = parse(await readFile(file, "utf8"));
  await rm(file);

  expect({ code, contexts: config.contexts.map(({ name }: { name: string }) => name) }).toEqual({
    code: 0,
    contexts: ["holdfast/local/eu.example.com", "holdfast/local/us.example.com"],
  });
});

test("a fleet that is deleted leaves its clusters", async () => {
  expect((await scenario.holdfast("fleet", "delete", "prod")).stderr).toContain("Nothing was changed");
  expect((await scenario.holdfast("fleet", "delete", "prod", "--yes")).code).toBe(0);
  expect((await scenario.holdfast("fleet", "get", "prod")).code).toBe(3);
  expect((await scenario.cluster("eu.example.com")).status).toBe("ACTIVE");
});
