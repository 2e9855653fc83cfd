import { randomUUID } from "node:crypto";
import {
  DescribeExecutionCommand,
  ListStateMachinesCommand,
  SFNClient,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import { ApiRefused } from "../../client/api-errors.ts";
import { type ClusterView, ClusterViewSchema, OperationViewSchema } from "../../functions/domain/api/views.ts";
import { eventually, memberOf, type Scenario, startScenario } from "../support/scenario.ts";

/** Lambda's concurrent executions; AWS gives a new account ten. */
const CONCURRENCY = { "L-B99A9384": 10 };
const CLUSTERS = Array.from({ length: 10 }, (_, index) => `c${index}.example.com`);
const ZONES = ["us-west-2a", "us-west-2b", "us-west-2c"];
/** Half of them have one master, and cannot serve while it is gone. */
function mastersOf(name: string) {
  return Number(name[1]) % 2 === 0 ? ZONES : ["us-west-2a"];
}

let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario({ hosts: "simulated", quotas: CONCURRENCY });
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});

const Line = z.object({ status: z.string(), integrationError: z.string() });

/**
 * How often the API gave which answer, and how often that was API Gateway's own, without a free function.
 */
function answers() {
  const lines = scenario.cloud.accessLog.map((line) => Line.parse(JSON.parse(line)));
  return Object.groupBy(lines, ({ status }) => status);
}

function counts() {
  return JSON.stringify(Object.entries(answers()).map(([status, lines = []]) => [status, lines.length]));
}

/** All clusters, as one person asks who waits for them. */
async function all(holds: (cluster: ClusterView) => boolean): Promise<ClusterView[]> {
  const clusters = await eventually(
    () => scenario.api.list("/clusters", ClusterViewSchema).catch(whileBusy),
    (found) => {
      const failed = found.find(({ status }) => status === "FAILED");
      if (failed) throw new Error(`${failed.name} FAILED: ${failed.reason}`);
      return found.length === CLUSTERS.length && found.every(holds);
    },
    240_000,
  );
  return clusters.toSorted((one, other) => one.name.localeCompare(other.name));
}

function whileBusy(error: unknown): ClusterView[] {
  if (error instanceof ApiRefused && error.status === 500) return [];
  throw error;
}

function isWhole({ status, operation, quorum }: ClusterView): boolean {
  return status === "ACTIVE" && operation === null && quorum.healthy === quorum.size;
}

test("1: ten creations at once in a new account all end ACTIVE by themselves", async () => {
  const begun = Date.now();
  await Promise.all(
    CLUSTERS.map((name) =>
      scenario.api.post(
        "/clusters",
        { spec: { name, zones: ZONES, masterZones: mastersOf(name), nodeCount: 1 } },
        z.unknown(),
      ),
    ),
  );
  const made = await all(isWhole);
  console.log(`10 creations: ${Date.now() - begun} ms, answers ${counts()}`);

  expect(made.map(({ status, nodes }) => [status, nodes.length])).toEqual(CLUSTERS.map(() => ["ACTIVE", 1]));
  expect(scenario.cloud.services.lambda.maxAtOnce()).toBe(10);
});

test("1: ten masters lost at once all come back, one operation a cluster", async () => {
  const begun = Date.now();
  const lost = (await all(isWhole)).map((cluster) => memberOf(cluster, "a"));
  const instances = new Set(lost.map(({ instanceId }) => instanceId));

  await Promise.all(lost.map(({ instanceId }) => scenario.terminate(instanceId ?? "")));
  const after = await all((cluster) => isWhole(cluster) && !instances.has(memberOf(cluster, "a").instanceId));
  console.log(`10 losses: ${Date.now() - begun} ms, answers ${counts()}`);

  expect(after.map((cluster) => memberOf(cluster, "a").volumeId)).toEqual(lost.map(({ volumeId }) => volumeId));
});

/** Starts a repair as the reconcile does that read its facts at this time, and waits for the execution's end. */
async function reconcileOf(name: string, foundAt: Date): Promise<string> {
  const { aws: endpoint, region } = scenario.cloud.endpoints;
  const sfn = new SFNClient({
    endpoint,
    region,
    credentials: { accessKeyId: "holdfast", secretAccessKey: "holdfast" },
  });
  const { stateMachines = [] } = await sfn.send(new ListStateMachinesCommand({}));
  const stateMachineArn = stateMachines.find(({ name: own = "" }) => own.includes("Repair"))?.stateMachineArn;
  const input = { cluster: name, detectedBy: "reconcile: a test", thorough: true, foundAt: foundAt.toISOString() };
  const begin = new StartExecutionCommand({ stateMachineArn, name: randomUUID(), input: JSON.stringify(input) });
  const { executionArn } = await sfn.send(begin);
  const { status } = await eventually(
    () => sfn.send(new DescribeExecutionCommand({ executionArn })),
    (execution) => execution.status !== "RUNNING",
    60_000,
  );
  return status ?? "";
}

async function repairsOf(name: string): Promise<number> {
  const operations = await scenario.api.list(`/clusters/${name}/operations`, OperationViewSchema);
  return operations.filter(({ kind }) => kind === "repair").length;
}

test("U8: what a reconcile found before a repair ended starts no second one; what it finds afterwards does", async () => {
  const [name = ""] = CLUSTERS;
  const before = await repairsOf(name);

  expect(await reconcileOf(name, new Date(Date.now() - 3_600_000))).toBe("SUCCEEDED");
  expect(await repairsOf(name)).toBe(before);
  expect(await reconcileOf(name, new Date())).toBe("SUCCEEDED");
  expect(await repairsOf(name)).toBe(before + 1);
});
