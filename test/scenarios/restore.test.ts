import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ClusterView, EventViewSchema } from "../../functions/domain/api/views.ts";
import { watchClusterIds } from "../support/cluster-ids.ts";
import { type EtcdEndpoints, etcdEndpoints } from "../support/consistency/endpoints.ts";
import { CREATE } from "../support/create.ts";
import { eventually, memberOf, type Scenario, startScenario } from "../support/scenario.ts";

const NAME = "restore.example.com";

let scenario: Scenario;
let endpoints: EtcdEndpoints;
beforeAll(async () => {
  scenario = await startScenario();
  const { code, stderr } = await scenario.holdfast(...CREATE, NAME, "--yes", "--wait");
  if (code !== 0) throw new Error(stderr);
  endpoints = await etcdEndpoints(scenario, await scenario.cluster(NAME));
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});

/** Writes twenty keys a second by one member, and knows which were acknowledged. */
function startWriter(member: string, prefix: string) {
  const client = endpoints.connect(member);
  const acknowledged = new Map<string, string>();
  let stopped = false;
  const write = async (): Promise<void> => {
    for (let number = 1; !stopped; number++) {
      const key = `${prefix}/${number}`;
      await client.put(key, `${number}`, 500).then(
        () => acknowledged.set(key, `${number}`),
        () => undefined,
      );
      await delay(50);
    }
  };
  const writing = write();
  return {
    acknowledged,
    stop: async () => {
      stopped = true;
      await writing;
      client.close();
    },
  };
}

/** Volumes and instances of these members are gone for good. */
async function loseForGood(cluster: ClusterView, ...members: string[]): Promise<void> {
  for (const name of members) {
    const { volumeId, instanceId } = memberOf(cluster, name);
    await scenario.cloud.faults.begin({ kind: "volume", action: "lose", volumeId });
    await scenario.cloud.faults.begin({ kind: "host", action: "terminate", instanceId });
  }
}

async function clusterIdOf(member: string): Promise<string> {
  const client = endpoints.connect(member);
  try {
    return (await client.status(5_000)).header.cluster_id;
  } finally {
    client.close();
  }
}

async function valuesOf(member: string, prefix: string): Promise<Map<string, string>> {
  const client = endpoints.connect(member);
  try {
    return await client.getAll(prefix, 10_000);
  } finally {
    client.close();
  }
}

test("17.4: a majority of volumes is lost under a writer: the survivor's data comes back whole, as a new cluster", async () => {
  const before = await scenario.cluster(NAME);
  const formerId = await clusterIdOf("a");
  const writer = startWriter("a", "written");
  await eventually(
    async () => writer.acknowledged.size,
    (size) => size >= 20,
    30_000,
  );
  await loseForGood(before, "b", "c");
  await delay(3_000);
  await writer.stop();
  await eventually(
    () => scenario.cluster(NAME),
    ({ status, operation }) => status === "DEGRADED" && operation === null,
    60_000,
  );
  await using watch = watchClusterIds(endpoints);

  const plan = await scenario.holdfast("restore", "cluster", NAME, "--from-survivor");
  const restored = await scenario.holdfast(
    "restore",
    "cluster",
    NAME,
    "--from-survivor",
    "--yes",
    "--wait",
    "-o",
    "json",
  );

  expect(restored.code === 0 ? "" : restored.stderr.slice(-900)).toBe("");
  expect(plan.stdout).toContain("Lost: what only the lost members had.");
  expect(JSON.parse(restored.stdout)).toMatchObject({ status: "ACTIVE", quorum: { healthy: 3 } });
  const found = await valuesOf("b", "written/");
  expect([...writer.acknowledged].filter(([key, value]) => found.get(key) !== value)).toEqual([]);
  expect(await clusterIdOf("c")).not.toBe(formerId);
  expect(watch.forks()).toEqual([]);
  const types = (await scenario.api.list(`/clusters/${NAME}/events`, EventViewSchema)).map(({ type }) => type);
  expect(types).toEqual(expect.arrayContaining(["restore-requested", "survivor-chosen", "cluster-restored"]));
});
