import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import * as z from "zod";
import { type RolloutView, RolloutViewSchema } from "../../functions/domain/api/rollout-views.ts";
import { ClusterViewSchema } from "../../functions/domain/api/views.ts";
import { Internet } from "../../local/cloud/internet.ts";
import { type Joined, outputOf, startHub, startMember, tick } from "../support/fleets/joined.ts";
import { eventually, type Scenario } from "../support/scenario.ts";

/** Each in an account and a Region of its own. */
const ENDPOINTS = [
  { name: "dublin", accountId: "222222222222", region: "eu-west-1" },
  { name: "frankfurt", accountId: "333333333333", region: "eu-central-1" },
  { name: "ohio", accountId: "444444444444", region: "us-east-2" },
  { name: "tokyo", accountId: "555555555555", region: "ap-northeast-1" },
] as const;
/** Of each endpoint. */
const CLUSTERS = 50;
const AT_ONCE = 5;
const BETWEEN_MS = 4_000;
const LONG_MS = 2_400_000;
/** The hub may change clusters in Tokyo, but give them no node: every change of those is refused. */
const NO_NODES = {
  principals: {
    "iam:arn:aws:sts::*:assumed-role/*HubAccess*/*": [{ role: "operator", limits: { nodes: 0 } }],
    "iam:arn:aws:iam::*:user/holdfast": [{ role: "admin" }],
    "jwt:sub=root": [{ role: "admin" }],
  },
};
const STRATEGY = `stages:
  - {name: one, selector: ring=one}
  - {name: two, selector: ring=two}
  - {name: rest, maxConcurrent: "10%", maxFailures: 100}
`;

let hub: Scenario;
let members: readonly (Joined & { readonly name: string; readonly region: string })[] = [];
beforeAll(async () => {
  const internet = new Internet();
  hub = await startHub(internet);
  for (const { name, ...place } of ENDPOINTS) {
    const access: Record<string, string> = name === "tokyo" ? { ApiAccess: JSON.stringify(NO_NODES) } : {};
    const parameters = { HubGrant: "operator", ...access };
    const member = await startMember(internet, hub, { ...place, organizationId: "o-ours", parameters });
    members = [...members, { ...member, name, region: place.region }];
  }
  await Promise.all(members.map(createAll));
  for (const { name, region, scenario, holdfast } of members) {
    const role = outputOf(scenario.cloud, "HubAccessRoleArn");
    const where = ["--hub", hub.cloud.endpoints.api, "--role", role, "--region", region];
    const { code, stderr } = await holdfast("fleet", "join", name, ...where, "--yes");
    if (code !== 0) throw new Error(stderr);
  }
}, LONG_MS);
afterAll(async () => {
  for (const { scenario } of members) await scenario[Symbol.asyncDispose]();
  await hub?.[Symbol.asyncDispose]();
});

function nameOf(index: number): string {
  return `c${String(index).padStart(2, "0")}.example.com`;
}

/** Tokyo has none of the first stage, so that its first one is the seventh of all. */
function ringOf(index: number, region: string): string {
  if (index === 0 && region !== "ap-northeast-1") return "one";
  return index === 1 ? "two" : "rest";
}

async function createAll({ api, region }: (typeof members)[number]): Promise<void> {
  for (let from = 0; from < CLUSTERS; from += AT_ONCE) {
    const batch = Array.from({ length: AT_ONCE }, (_, index) => from + index);
    for (const index of batch) {
      const labels = { fleet: "big", ring: ringOf(index, region) };
      const spec = { name: nameOf(index), zones: [`${region}a`], nodeCount: 0, backupIntervalMinutes: 0, labels };
      await api.post("/clusters", { spec }, z.unknown());
    }
    // All these clouds are one process, which may take longer than a client waits, and is slowed down by who asks.
    const active = async () => {
      await delay(BETWEEN_MS);
      const found = await api.list("/clusters", ClusterViewSchema).catch(() => []);
      return found.filter(({ status }) => status === "ACTIVE").length;
    };
    await eventually(active, (count) => count === from + AT_ONCE, LONG_MS);
  }
}

/** What the endpoints themselves say: clusters that have a node. */
async function changed(): Promise<string[]> {
  const lists = await Promise.all(
    members.map(async ({ name, api }) => {
      const clusters = await api.list("/clusters", ClusterViewSchema);
      expect(clusters).toHaveLength(CLUSTERS);
      return clusters.filter(({ spec }) => spec.nodeCount === 1).map((cluster) => `${name}/${cluster.name}`);
    }),
  );
  return lists.flat();
}

async function tickUntil(id: string, is: (rollout: RolloutView) => boolean): Promise<RolloutView> {
  const look = async () => {
    await tick(hub.cloud);
    return hub.api.get(`/rollouts/${id}`, RolloutViewSchema);
  };
  return eventually(look, is, 300_000);
}

test("5.8.1: of 200 clusters in 4 endpoints the 7th fails: 194 are untouched, the roll-out is stopped, and resumes", {
  timeout: LONG_MS,
}, async () => {
  const directory = await mkdtemp(join(tmpdir(), "holdfast-stages-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  await writeFile(join(directory, "stages.yaml"), STRATEGY);
  expect((await hub.holdfast("fleet", "create", "big", "--selector", "fleet=big", "--yes")).code).toBe(0);
  const change = ["--node-count", "1", "--strategy", join(directory, "stages.yaml"), "--yes", "-o", "json"];
  const begun = await hub.holdfast("fleet", "rollout", "big", ...change);
  const { id, clusters } = RolloutViewSchema.parse(JSON.parse(begun.stdout));
  expect(clusters).toHaveLength(200);

  const stopped = await tickUntil(id, ({ state }) => state === "stopped");

  const first = ["dublin/c00", "dublin/c01", "frankfurt/c00", "frankfurt/c01", "ohio/c00", "ohio/c01"];
  expect(await changed()).toEqual(first.map((name) => `${name}.example.com`));
  expect(stopped.reason).toMatch(/^1 cluster of stage two failed; c01\.example\.com: .*nodes/);
  const failed = stopped.clusters.filter(({ state }) => state === "failed");
  expect(failed.map(({ endpoint, name }) => `${endpoint}/${name}`)).toEqual(["tokyo/c01.example.com"]);
  expect(stopped.clusters.filter(({ state }) => state === "waiting")).toHaveLength(193);

  const resumed = await hub.holdfast("fleet", "rollout", "resume", id, "--skip", "tokyo/c01.example.com", "--yes");
  expect(resumed).toMatchObject({ code: 0, stderr: "" });
  await tickUntil(id, ({ clusters: all }) => all.filter(({ state }) => state === "ok").length >= 20);
  expect((await hub.holdfast("fleet", "rollout", "stop", id, "--yes")).code).toBe(0);
  const ended = await tickUntil(id, ({ clusters: all }) => !all.some(({ state }) => state === "running"));

  const ok = ended.clusters.filter(({ state }) => state === "ok").map((each) => `${each.endpoint}/${each.name}`);
  expect(await changed()).toEqual(ok.toSorted());
});
