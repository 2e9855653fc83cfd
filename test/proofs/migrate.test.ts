import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateVolumeCommand, DescribeSnapshotsCommand, DescribeVolumesCommand } from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type ClusterView, type MemberView, OperationViewSchema } from "../../functions/domain/api/views.ts";
import { etcdEndpoints } from "../support/consistency/endpoints.ts";
import { watchData } from "../support/data-watch.ts";
import { createHealing, type Healing } from "../support/healing.ts";
import { takeInventory } from "../support/inventory.ts";
import { kubectlOf, useApi } from "../support/kubectl.ts";
import { beginMigration, migrated } from "../support/migration.ts";
import { eventually, memberOf, memberReplaced, type Scenario } from "../support/scenario.ts";
import { giveVolume, pullVolume } from "../support/volume-moves.ts";
import { startWriter } from "../support/voter-watch.ts";

const NAME = "migrate.example.com";
const [A, B, C] = ["us-west-2a", "us-west-2b", "us-west-2c"] as const;
const CREATE = ["create", "cluster", "--zones", [A, B, C].join(","), "--master-zones", A, "--node-count", "1"];
const LONG_MS = 900_000;

let scenario: Scenario;
let healing: Healing;
beforeAll(async () => {
  ({ scenario, healing } = await createHealing(CREATE, NAME));
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await healing.fault("clear");
  await healing.whole();
});

async function begin(...zones: string[]): Promise<string> {
  return await beginMigration(scenario, healing.table, NAME, zones);
}

/** A migration that must succeed. */
async function migrate(...zones: string[]) {
  const begun = Date.now();
  const { operation, cluster } = await migrated(scenario, NAME, await begin(...zones), LONG_MS);
  expect(operation).toMatchObject({ status: "SUCCEEDED", error: null });
  console.log(`to ${zones.join(", ")}: ${Math.round((Date.now() - begun) / 1_000)} s`);
  return cluster;
}

/** The API and etcd know the same members. */
async function expectSlots(...slots: string[]): Promise<void> {
  expect((await scenario.cluster(NAME)).members.map(({ name }) => name)).toEqual(slots);
  expect(Object.keys(await healing.memberIds()).toSorted()).toEqual(slots.toSorted());
}

/** What is there of masters in the account, without backups and snapshots of former data. */
function ofMasters(): string[] {
  return takeInventory(scenario.cloud)
    .filter((line) => /master|volume\/|interface\/|MEMBER/.test(line))
    .toSorted();
}

async function untilStep(operation: string, name: string): Promise<void> {
  await eventually(
    () => scenario.api.get(`/operations/${operation}`, OperationViewSchema),
    ({ steps }) => steps.some((step) => step.name === name),
    120_000,
  );
}

test("4.5.4: no capacity in the third zone: it ends with one master, untouched, and says which zone", {
  timeout: LONG_MS,
}, async () => {
  const before = await scenario.cluster(NAME);
  const inventory = ofMasters();
  await healing.fault("capacity", "exhaust", C);

  const { operation, cluster } = await migrated(scenario, NAME, await begin(A, B, C), LONG_MS);

  expect(operation).toMatchObject({ status: "FAILED", error: { name: "ZoneUnavailable" } });
  expect(operation.error?.message).toContain(`${C} launches no`);
  expect(cluster).toMatchObject({ status: "ACTIVE", quorum: { size: 1, healthy: 1 } });
  expect(memberOf(cluster, "a").instanceId).toBe(memberOf(before, "a").instanceId);
  await expectSlots("a");
  expect(ofMasters()).toEqual(inventory);
});

test("4.5.3: a new instance never boots: it is given up, and the cluster is as before", {
  timeout: 3 * LONG_MS,
}, async () => {
  const inventory = ofMasters();
  const operation = await begin(A, B, C);
  await untilStep(operation, "Prepare member");
  // Hosts cannot read what they are to be.
  await healing.fault("api", "error", "ssm:GetParameters", "--json", '{"code":"InternalServerError"}');

  const ended = await migrated(scenario, NAME, operation, 2 * LONG_MS);

  expect(ended.operation.status).toBe("FAILED");
  expect(ended.cluster).toMatchObject({ status: "ACTIVE", quorum: { size: 1, healthy: 1 } });
  await expectSlots("a");
  expect(ofMasters()).toEqual(inventory);
});

test("4.5.2: the power of the old master is cut between the two votes: the cluster waits for its data, and is whole again", {
  timeout: LONG_MS,
}, async () => {
  await scenario.etcdctl(NAME, "put", "before", "kept");
  const endpoints = await etcdEndpoints(scenario, await scenario.cluster(NAME));
  const client = endpoints.connect("a");
  const operation = await begin(A, B, C);
  await eventually(
    () => client.members(1_000).catch(() => ({ voters: [], learners: [] })),
    ({ voters }) => voters.length === 2,
    300_000,
  ).finally(() => client.close());
  await healing.fault("host", "crash", `${NAME}/a`);

  const { operation: ended, cluster } = await migrated(scenario, NAME, operation, LONG_MS);

  expect(ended).toMatchObject({ status: "SUCCEEDED", error: null });
  expect(cluster).toMatchObject({ status: "ACTIVE", quorum: { size: 3, healthy: 3 } });
  expect(await scenario.etcdctl(NAME, "get", "--print-value-only", "before")).toBe("kept");
});

function masterIn({ members }: ClusterView, zone: string): MemberView {
  const found = members.find((member) => member.zone === zone);
  if (!found) throw new Error(`no master is in ${zone}`);
  return found;
}

/** A volume with the data that a master had when its slot was removed. */
async function formerVolume(member: string, zone: string): Promise<string> {
  const ofMember = [
    { Name: "tag-key", Values: ["holdfast:kept"] },
    { Name: "tag:holdfast:member", Values: [member] },
  ];
  const { Snapshots = [] } = await scenario.ec2.send(new DescribeSnapshotsCommand({ Filters: ofMember }));
  const asked = { SnapshotId: Snapshots[0]?.SnapshotId, AvailabilityZone: zone, VolumeType: "gp3" } as const;
  const { VolumeId = "" } = await scenario.ec2.send(new CreateVolumeCommand(asked));
  await eventually(
    async () => (await scenario.ec2.send(new DescribeVolumesCommand({ VolumeIds: [VolumeId] }))).Volumes?.[0]?.State,
    (state) => state === "available",
    60_000,
  );
  return VolumeId;
}

test("4.5.8: the old volume of a removed slot, attached by hand to a new instance of its zone, is refused", {
  timeout: 3 * LONG_MS,
}, async () => {
  const before = await migrate(A, B, C);
  await migrate(A);
  const cluster = await migrate(A, B, C);
  const former = await formerVolume(masterIn(before, B).name, B);
  const taker = masterIn(cluster, B);
  await using data = await watchData(await etcdEndpoints(scenario, cluster));

  await pullVolume(scenario, taker.volumeId);
  await giveVolume(scenario, former, taker.instanceId ?? "");
  const healed = await memberReplaced(scenario, NAME, taker, 240_000);

  // The former data does not have the watch's witness, and its member was removed permanently.
  expect(data.foreign).toEqual([]);
  expect(data.answers).toBeGreaterThan(10);
  expect(memberOf(healed, taker.name).volumeId).toBe(taker.volumeId);
  await expectSlots(...cluster.members.map(({ name }) => name));
});

/** Ten rounds are done on simulated hosts (migrate-rounds.test.ts): here they would take most of an hour. */
const ROUNDS = 2;

test(`4.5.5, 4.5.9: ${ROUNDS} rounds 3 → 1 → 3 → 5 → 3 with a kubeconfig from before: etcd has exactly the members, no error of TLS`, {
  timeout: 6 * LONG_MS,
}, async () => {
  const directory = await mkdtemp(join(tmpdir(), "holdfast-migrate-"));
  try {
    const kubectl = await kubectlOf(scenario, NAME, directory);
    const client = useApi(kubectl);
    await migrate(A, B, C);
    const ids = new Set(Object.values(await healing.memberIds()));
    for (let round = 0; round < ROUNDS; round++)
      for (const zones of [[A], [A, B, C], [A, B, C, A, B], [A, B, C]]) {
        const { members } = await migrate(...zones);
        await expectSlots(...members.map(({ name }) => name));
        for (const id of Object.values(await healing.memberIds())) ids.add(id);
        expect(await kubectl("get", "nodes", "-o", "name")).toContain("node/");
      }
    await client.stop();

    expect(client.ofTls()).toEqual([]);
    expect(client.answers()).toBeGreaterThan(50);
    // Two new members for three, and two for five: each has an id of its own.
    expect(ids.size).toBe(3 + 4 * ROUNDS);
    expect(takeInventory(scenario.cloud).filter((line) => / volume\/[a-z]/.test(line))).toHaveLength(3);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});

test("4.5.9: a single master goes to another zone under writes: another member has its data, and its kubeconfigs go on", {
  timeout: 2 * LONG_MS,
}, async () => {
  const directory = await mkdtemp(join(tmpdir(), "holdfast-migrate-"));
  try {
    const single = await migrate(A);
    const kubectl = await kubectlOf(scenario, NAME, directory);
    const [former] = single.members;
    const writer = startWriter([(await etcdEndpoints(scenario, single)).connect(former?.name ?? "")], "moved");

    const after = await migrate(B);
    await writer.stop();

    const [member] = after.members;
    expect(after).toMatchObject({ status: "ACTIVE", quorum: { size: 1, healthy: 1 }, spec: { masterZones: [B] } });
    expect(member).toMatchObject({ zone: B });
    expect(member?.name).not.toBe(former?.name);
    await expectSlots(member?.name ?? "");
    const client = (await etcdEndpoints(scenario, after)).connect(member?.name ?? "");
    const found = await client.getAll("moved/", 10_000);
    client.close();
    expect(writer.acknowledged.size).toBeGreaterThan(20);
    expect([...writer.acknowledged].filter(([key, value]) => found.get(key) !== value)).toEqual([]);
    expect(await kubectl("get", "nodes", "-o", "name")).toContain("node/");
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
