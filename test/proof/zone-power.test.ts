import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { ClusterView } from "../../functions/domain/views.ts";
import { eventually, memberOf, type Scenario, startScenario } from "../support/scenario.ts";

const NAME = "power.example.com";
const ZONES = "us-west-2a,us-west-2b,us-west-2c";

let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario();
  const create = ["create", "cluster", "--zones", ZONES, "--master-zones", ZONES, "--node-count", "1", NAME];
  expect(await scenario.holdfast(...create, "--yes", "--wait")).toMatchObject({ code: 0 });
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await fault("clear");
});

async function fault(...words: string[]): Promise<void> {
  const { code, stderr } = await scenario.holdfast("local", "fault", ...words);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
}

/** Whole and free: the next test starts from here. */
const whole = (withinMs = 60_000): Promise<ClusterView> =>
  eventually(
    () => scenario.cluster(NAME),
    ({ status, quorum, operation }) => status === "ACTIVE" && quorum.healthy === 3 && operation === null,
    withinMs,
  );

/** Names of the members by etcd's own id. */
const memberIds = async (): Promise<Record<string, string>> => {
  const lines = (await scenario.etcdctl(NAME, "member", "list")).split("\n").map((line) => line.split(", "));
  return Object.fromEntries(lines.map(([id = "", , name = ""]) => [name, id]));
};

test("a zone without power: available throughout, degraded with the cause, whole again when it returns", async () => {
  const before = await whole();
  const ids = await memberIds();
  await fault("zone", "power", memberOf(before, "a").zone);

  const degraded = await eventually(
    () => scenario.cluster(NAME),
    ({ status }) => status === "DEGRADED",
    60_000,
  );
  await scenario.etcdctl(NAME, "put", "zone", "out");
  await fault("clear");
  const after = await whole();

  expect(degraded.reason).toContain("Master a cannot be launched");
  expect(degraded.reason).toContain("capacity");
  expect(await memberIds()).toEqual(ids);
  expect(memberOf(after, "a").volumeId).toBe(memberOf(before, "a").volumeId);
  expect(await scenario.etcdctl(NAME, "get", "--print-value-only", "zone")).toBe("out");
});
