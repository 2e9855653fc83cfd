import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EventViewSchema } from "../../functions/domain/api/views.ts";
import { watchClusterIds } from "../support/cluster-ids.ts";
import { type EtcdEndpoints, etcdEndpoints } from "../support/consistency/endpoints.ts";
import { CREATE } from "../support/create.ts";
import { startWriter, valuesOf } from "../support/etcd-writer.ts";
import { clusterIdOf, losePermanently } from "../support/permanent-loss.ts";
import { eventually, type Scenario, startScenario } from "../support/scenario.ts";
import { takeBackupOf } from "../support/take-backup.ts";

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

test("1.10.1: a majority of volumes is lost under a writer: the survivor's data comes back whole, as a new cluster", async () => {
  const before = await scenario.cluster(NAME);
  const formerId = await clusterIdOf(endpoints, "a");
  const writer = startWriter(endpoints, "a", "written");
  await eventually(
    async () => writer.acknowledged.size,
    (size) => size >= 20,
    30_000,
  );
  await losePermanently(scenario, before, "b", "c");
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
  const found = await valuesOf(endpoints, "b", "written/");
  expect([...writer.acknowledged].filter(([key, { value }]) => found.get(key) !== value)).toEqual([]);
  expect(await clusterIdOf(endpoints, "c")).not.toBe(formerId);
  expect((await scenario.etcdctl(NAME, "member", "list")).match(/, started, [abc], .*, false/g)).toHaveLength(3);
  expect(watch.forks()).toEqual([]);
  const types = (await scenario.api.list(`/clusters/${NAME}/events`, EventViewSchema)).map(({ type }) => type);
  expect(types).toEqual(expect.arrayContaining(["restore-requested", "survivor-chosen", "cluster-restored"]));
});

test("1.10.2: a backup restores exactly the keys of its revision, and a client that watched before learns that it missed some", async () => {
  await scenario.etcdctl(NAME, "put", "kept", "yes");
  await takeBackupOf(scenario, NAME);
  const keys = (await scenario.etcdctl(NAME, "get", "", "--prefix", "--keys-only"))
    .split("\n")
    .filter((key) => key !== "");
  await scenario.etcdctl(NAME, "put", "kept", "no");
  await scenario.etcdctl(NAME, "put", "later", "lost");
  const formerId = await clusterIdOf(endpoints, "a");
  const revision = Number(/"revision":(\d+)/.exec(await scenario.etcdctl(NAME, "get", "kept", "-w", "json"))?.[1]);
  await using watch = watchClusterIds(endpoints);

  const healthy = await scenario.holdfast("restore", "cluster", NAME, "--backup", "latest", "--yes");
  const plan = await scenario.holdfast("restore", "cluster", NAME, "--backup", "latest", "--even-though-healthy");
  const flags = ["--backup", "latest", "--even-though-healthy", "--yes", "--wait", "-o", "json"];
  const restored = await scenario.holdfast("restore", "cluster", NAME, ...flags);

  expect({ code: healthy.code, stderr: healthy.stderr }).toMatchObject({
    code: 4,
    stderr: expect.stringContaining("a majority. Add --even-though-healthy"),
  });
  expect(plan.stdout).toMatch(/Lost: \d+ revisions, everything since .* ago\)/);
  expect(restored.code === 0 ? "" : restored.stderr.slice(-900)).toBe("");
  expect(await scenario.etcdctl(NAME, "get", "kept", "--print-value-only")).toBe("yes");
  expect(await scenario.etcdctl(NAME, "get", "later")).toBe("");
  const after = (await scenario.etcdctl(NAME, "get", "", "--prefix", "--keys-only")).split("\n");
  expect(keys.filter((key) => !key.startsWith("/registry/") && !after.includes(key))).toEqual([]);
  await expect(scenario.etcdctl(NAME, "watch", "kept", "--rev", `${revision + 1}`)).rejects.toThrow("compacted");
  expect(await clusterIdOf(endpoints, "b")).not.toBe(formerId);
  expect(watch.forks()).toEqual([]);
});
