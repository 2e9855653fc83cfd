import { afterAll, beforeAll, expect, test } from "vitest";
import { etcdEndpoints } from "../support/consistency/endpoints.ts";
import { createHealing, type Healing } from "../support/healing.ts";
import { beginMigration, migrated } from "../support/migration.ts";
import { eventually, type Scenario } from "../support/scenario.ts";

const NAME = "power.example.com";
const [A, B, C] = ["us-west-2a", "us-west-2b", "us-west-2c"] as const;
const CREATE = ["create", "cluster", "--zones", [A, B, C].join(","), "--master-zones", A, "--node-count", "0"];
const LONG_MS = 600_000;

let scenario: Scenario;
let healing: Healing;
beforeAll(async () => {
  ({ scenario, healing } = await createHealing(CREATE, NAME));
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});

// etcd 3.5, as Debian has it, takes one learner at a time, so the flow waits for it while two vote.
test("4.5.2: the power of the old master is cut while the second new one is awaited: it comes back first, by the migration itself", {
  timeout: 2 * LONG_MS,
}, async () => {
  await scenario.etcdctl(NAME, "put", "before", "kept");
  const endpoints = await etcdEndpoints(scenario, await scenario.cluster(NAME));
  const client = endpoints.connect("a");
  const begun = await beginMigration(scenario, healing.table, NAME, [A, B, C]);
  await eventually(
    () => client.members(1_000).catch(() => ({ voters: [], learners: [] })),
    ({ voters, learners }) => voters.length === 2 && learners.length === 1,
    LONG_MS,
  ).finally(() => client.close());
  await healing.fault("host", "crash", `${NAME}/a`);
  const since = Date.now();

  const { operation, cluster } = await migrated(scenario, NAME, begun, LONG_MS);

  console.log(`whole ${Math.round((Date.now() - since) / 1_000)} s after the power cut`);
  expect(operation).toMatchObject({ status: "SUCCEEDED", error: null });
  expect(cluster).toMatchObject({ status: "ACTIVE", quorum: { size: 3, healthy: 3 } });
  expect(await scenario.etcdctl(NAME, "get", "--print-value-only", "before")).toBe("kept");
});
