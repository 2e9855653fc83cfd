import { DescribeInstancesCommand, DescribeVolumesCommand } from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import { eventually, memberOf, memberReplaced, type Scenario, startScenario } from "../support/scenario.ts";

const NAME = "faults.example.com";
const ZONES = "us-west-2a,us-west-2b,us-west-2c";

let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario();
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});

const Health = z.array(z.object({ endpoint: z.string(), health: z.boolean() }));

/** Which members etcdctl calls healthy, by the last part of their endpoint's address. It exits with 1 if not all are. */
async function healthOf(member: string): Promise<boolean | undefined> {
  const { address } = memberOf(await scenario.cluster(NAME), member);
  const command = ["endpoint", "health", "-w", "json", "--command-timeout=2s"];
  const { stdout } = await scenario.holdfast("local", "etcdctl", NAME, "--", ...command);
  return Health.parse(JSON.parse(stdout)).find(({ endpoint }) => endpoint === `https://${address}:2379`)?.health;
}

function becomes(member: string, health: boolean) {
  return eventually(
    () => healthOf(member),
    (seen) => seen === health,
    20_000,
  );
}

async function fault(...words: string[]): Promise<void> {
  const { code, stderr } = await scenario.holdfast("local", "fault", ...words);
  expect(stderr).toBe("");
  expect(code).toBe(0);
}

test("CreateVolume that times out after its effect has it once: a cluster with three volumes", async () => {
  await fault("api", "timeout-after", "ec2:CreateVolume", "--json", '{"count":1}');

  const create = ["create", "cluster", "--zones", ZONES, "--master-zones", ZONES, "--node-count", "1", NAME];
  const { code, stderr } = await scenario.holdfast(...create, "--yes", "--wait");

  expect(stderr).not.toContain("FAILED");
  expect(code).toBe(0);
  const { Volumes = [] } = await scenario.ec2.send(new DescribeVolumesCommand());
  const { members } = await scenario.cluster(NAME);
  // Root volumes are tagged with their instances' resource, not with one of their own.
  const own = Volumes.filter(({ Tags = [] }) => Tags.some(({ Value }) => Value?.startsWith("volume/")));
  expect(own.map(({ VolumeId }) => VolumeId).toSorted()).toEqual(members.map(({ volumeId }) => volumeId).toSorted());
  expect(scenario.cloud.faults.list()).toMatchObject([{ state: "ended", reason: "count", strikes: 1 }]);
});

test("a frozen etcd is unhealthy to etcdctl while its instance runs on, and healthy again when it thaws", async () => {
  const { instanceId } = memberOf(await scenario.cluster(NAME), "c");

  await fault("host", "freeze-etcd", `${NAME}/c`);

  await becomes("c", false);
  const { Reservations } = await scenario.ec2.send(new DescribeInstancesCommand({ InstanceIds: [instanceId ?? ""] }));
  expect(Reservations?.[0]?.Instances?.[0]?.State?.Name).toBe("running");
  await fault("clear");
  await becomes("c", true);
});

test("a partitioned member rejoins after its link is healed", async () => {
  await fault("host", "partition", `${NAME}/c`);
  await becomes("c", false);

  await fault("host", "heal", `${NAME}/c`);

  await becomes("c", true);
});

test("a dropped event never reaches its target", async () => {
  await fault("events", "drop", "--json", '{"match":"i-0aaaaaaaaaaaaaaaa"}');

  for (const id of ["i-0aaaaaaaaaaaaaaaa", "i-0bbbbbbbbbbbbbbbb"])
    scenario.cloud.context.publish({
      source: "aws.ec2",
      detailType: "EC2 Instance State-change Notification",
      resources: [],
      detail: { "instance-id": id, state: "terminated" },
    });

  const printed = async () => scenario.cloud.services.lambda.logs().map(({ text }) => text);
  const lines = await eventually(printed, (seen) => seen.some((text) => text.includes("i-0bbbbbbbbbbbbbbbb")), 10_000);
  expect(lines.filter((text) => text.includes("i-0aaaaaaaaaaaaaaaa"))).toEqual([]);
  await fault("clear");
});

test("functions that end before or after a call to AWS are run again, and the master comes back", async () => {
  const before = memberOf(await scenario.cluster(NAME), "a");
  await fault("lambda", "crash-after-call", "attachvolume", "--json", '{"count":1,"operation":"AttachVolume"}');
  await fault("lambda", "crash-before-call", "completelaunch", "--json", '{"count":1}');

  await scenario.terminate(before.instanceId ?? "");
  const healed = await memberReplaced(scenario, NAME, before, 60_000);

  expect(memberOf(healed, "a")).toMatchObject({
    volumeId: before.volumeId,
    address: before.address,
    health: "healthy",
  });
  expect((await strikes()).filter(({ kind }) => kind === "lambda")).toMatchObject([{ strikes: 1 }, { strikes: 1 }]);
});

/** How often each fault struck. */
async function strikes() {
  const schema = z.object({
    faults: z.array(z.looseObject({ strikes: z.number(), request: z.looseObject({ kind: z.string() }) })),
  });
  const { faults } = await scenario.api.get("/_faults", schema);
  return faults.map(({ request, strikes: count }) => ({ kind: request.kind, strikes: count }));
}

test("a lost volume is not found by DescribeVolumes, and its member is gone from etcd's quorum", async () => {
  const { volumeId } = memberOf(await scenario.cluster(NAME), "b");

  await fault("volume", "lose", `${NAME}/b`);

  const describe = scenario.ec2.send(new DescribeVolumesCommand({ VolumeIds: [volumeId ?? ""] }));
  await expect(describe).rejects.toMatchObject({ name: "InvalidVolume.NotFound" });
  await becomes("b", false);
  const { stdout } = await scenario.holdfast("local", "fault", "list");
  expect(stdout).toContain(`lose ${volumeId} on i-`);
});
