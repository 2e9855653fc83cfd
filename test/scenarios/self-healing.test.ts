import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { ClusterView } from "../../functions/domain/views.ts";
import { eventually, memberOf, memberReplaced, type Scenario, startScenario } from "../support/scenario.ts";
import { sweep } from "../support/sweep.ts";

const NAME = "healing.example.com";
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

const repairs = async (): Promise<{ id: string; status: string }[]> => {
  const { stdout } = await scenario.holdfast("get", "operations", NAME, "-o", "json");
  return JSON.parse(stdout).items.filter(({ kind }: { kind: string }) => kind === "repair");
};

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

test("with every EC2 and Auto Scaling event lost, the sweep alone heals", async () => {
  const before = memberOf(await whole(), "a");
  await fault("events", "drop", "--json", '{"source":"aws.ec2"}');
  await fault("events", "drop", "--json", '{"source":"aws.autoscaling"}');
  await scenario.etcdctl(NAME, "put", "heard", "nothing");

  await scenario.terminate(before.instanceId ?? "");
  await sweep(scenario);
  const healed = await memberReplaced(scenario, NAME, before, 60_000);

  expect(memberOf(healed, "a").volumeId).toBe(before.volumeId);
  expect(await scenario.etcdctl(NAME, "get", "--print-value-only", "heard")).toBe("nothing");
  const { stdout } = await scenario.holdfast("get", "events", NAME);
  expect(stdout).toContain("sweep: master a has no running instance");
});

test("each event five times and out of order is still one repair", async () => {
  const before = memberOf(await whole(), "b");
  const known = (await repairs()).length;
  await fault("events", "duplicate", "--json", '{"source":"aws.ec2","copies":5,"delayMs":100}');
  await fault("events", "reorder", "--json", '{"delayMs":1500,"seed":7}');

  await scenario.terminate(before.instanceId ?? "");
  await memberReplaced(scenario, NAME, before, 60_000);
  await whole();

  expect((await repairs()).length).toBe(known + 1);
});

test("all three masters at once come back as they were, with all data", async () => {
  const before = await whole();
  const ids = await memberIds();
  await scenario.etcdctl(NAME, "put", "power", "cut");

  await Promise.all(before.members.map(({ instanceId }) => scenario.terminate(instanceId ?? "")));
  await eventually(
    () => scenario.cluster(NAME),
    (cluster) =>
      cluster.members.every(
        ({ name, instanceId, health }) => health === "healthy" && instanceId !== memberOf(before, name).instanceId,
      ),
    60_000,
  );
  const after = await whole();

  expect(after.members.map(({ volumeId }) => volumeId)).toEqual(before.members.map(({ volumeId }) => volumeId));
  expect(await memberIds()).toEqual(ids);
  expect(await scenario.etcdctl(NAME, "get", "--print-value-only", "power")).toBe("cut");
});

test("a master whose etcd hangs on a running instance is replaced, as the same member", async () => {
  const before = memberOf(await whole(), "c");
  const ids = await memberIds();
  await fault("host", "freeze-etcd", `${NAME}/c`);

  // Its own beat says so, and the sweep believes it after half a minute.
  const started = async () => {
    await sweep(scenario);
    return (await scenario.cluster(NAME)).status;
  };
  await eventually(started, (status) => status === "REPAIRING", 60_000);
  const healed = await memberReplaced(scenario, NAME, before, 60_000);

  expect(memberOf(healed, "c").volumeId).toBe(before.volumeId);
  expect(await memberIds()).toEqual(ids);
});

test("a lost volume is a new member in the old place; the others are not touched", async () => {
  const before = await whole();
  const ids = await memberIds();
  await scenario.etcdctl(NAME, "put", "volume", "lost");
  await fault("volume", "lose", `${NAME}/b`);

  await sweep(scenario);
  const healed = await memberReplaced(scenario, NAME, memberOf(before, "b"), 90_000);

  expect(memberOf(healed, "b").volumeId).not.toBe(memberOf(before, "b").volumeId);
  expect(memberOf(healed, "b").address).toBe(memberOf(before, "b").address);
  const now = await memberIds();
  expect(now).toMatchObject({ a: ids["a"], c: ids["c"] });
  expect(now["b"]).not.toBe(ids["b"]);
  expect([memberOf(healed, "a"), memberOf(healed, "c")].map(({ instanceId }) => instanceId)).toEqual(
    [memberOf(before, "a"), memberOf(before, "c")].map(({ instanceId }) => instanceId),
  );
  expect(await scenario.etcdctl(NAME, "get", "--print-value-only", "volume")).toBe("lost");
});

test("two lost volumes of three: nothing is touched, and the cluster says what would help", async () => {
  const before = await whole();
  await fault("volume", "lose", `${NAME}/a`);
  await fault("volume", "lose", `${NAME}/c`);

  await sweep(scenario);
  const stuck = await eventually(
    () => scenario.cluster(NAME),
    ({ status }) => status === "DEGRADED",
    60_000,
  );

  expect(stuck.reason).toContain("the data of a, c is lost");
  expect(stuck.reason).toContain("restore the cluster from a backup");
  expect(stuck.members.map(({ instanceId }) => instanceId)).toEqual(before.members.map(({ instanceId }) => instanceId));
});
