import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DescribeInstancesCommand } from "@aws-sdk/client-ec2";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type BackupView, BackupViewSchema, EventViewSchema } from "../../functions/domain/api/views.ts";
import { findCluster } from "../../functions/store/clusters.ts";
import type { Table } from "../../functions/store/keys.ts";
import { listMembers, updateMember } from "../../functions/store/members.ts";
import { SimulatedDriver } from "../../local/hosts/simulated/driver.ts";
import { workflowsOf } from "../crash-sweep/workflows.ts";
import { eventually, memberOf, type Scenario, startScenario } from "../support/scenario.ts";
import { tableName } from "../support/table-name.ts";
import { takeBackupOf } from "../support/take-backup.ts";

const NAME = "restores.example.com";
const ZONES = "us-west-2a,us-west-2b,us-west-2c";
const LATEST = ["--backup", "latest", "--even-though-healthy", "--yes", "--wait"];

let scenario: Scenario;
let hosts: SimulatedDriver;
let table: Table;
let ssm: SSMClient;
beforeAll(async () => {
  scenario = await startScenario({ hosts: "simulated", workflowSpeed: 20 });
  if (!(scenario.cloud.hosts instanceof SimulatedDriver)) throw new Error("these are no simulated hosts");
  hosts = scenario.cloud.hosts;
  const { aws: endpoint, region } = scenario.cloud.endpoints;
  const credentials = { accessKeyId: "holdfast", secretAccessKey: "holdfast" };
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({ endpoint, region, credentials }));
  ssm = new SSMClient({ endpoint, region, credentials });
  table = { name: tableName(scenario.cloud), client };
  const masters = ["--zones", ZONES, "--master-zones", ZONES, "--node-count", "0", "--backup-interval", "0"];
  const { code, stderr } = await scenario.holdfast("create", "cluster", NAME, ...masters, "--yes", "--wait");
  if (code !== 0) throw new Error(stderr);
});
afterAll(async () => {
  expect(hosts.forks()).toEqual([]);
  await scenario[Symbol.asyncDispose]();
});

async function backups(): Promise<readonly BackupView[]> {
  return scenario.api.list(`/clusters/${NAME}/backups`, BackupViewSchema);
}

async function eventTypes(): Promise<string[]> {
  return (await scenario.api.list(`/clusters/${NAME}/events`, EventViewSchema)).map(({ type }) => type);
}

/** A restore of the newest backup; the error of the command, or "". */
async function restore(...more: string[]): Promise<string> {
  const { code, stderr } = await scenario.holdfast("restore", "cluster", NAME, ...LATEST, ...more);
  return code === 0 ? "" : stderr.slice(-900);
}

test("1.10.14: restored twice: epochs 2 and 3; backups of before are offered, and marked; each is saved before and after", async () => {
  expect((await scenario.holdfast("backup", "cluster", NAME, "--wait")).code).toBe(0);

  expect(await restore()).toBe("");
  await eventually(backups, (all) => all.length === 3, 30_000);
  expect(await restore()).toBe("");
  const all = await eventually(backups, (found) => found.length === 5, 30_000);

  expect((await findCluster(table, NAME))?.epoch).toBe(3);
  expect(all.map(({ epoch, reason, history }) => [epoch, reason, history])).toEqual([
    [3, "after-restore", "current"],
    [2, "before-restore", "earlier"],
    [2, "after-restore", "earlier"],
    [1, "before-restore", "earlier"],
    [1, "manual", "earlier"],
  ]);
  const members = await listMembers(table, NAME);
  expect(members.map(({ generation, restoring }) => [generation, restoring ?? null])).toEqual([
    [3, null],
    [3, null],
    [3, null],
  ]);
});

test("1.10.7: a volume that is full: the restore is undone to the former data, and says why", async () => {
  const { volumeId } = memberOf(await scenario.cluster(NAME), "b");
  const { etcdClusterId } = (await findCluster(table, NAME)) ?? {};
  hosts.fillVolume(volumeId ?? "", true);

  const said = await restore();
  hosts.fillVolume(volumeId ?? "", false);
  // As the reconciler does, five minutes later.
  const looked = { cluster: NAME, detectedBy: "reconcile: it was degraded", thorough: true };
  (await workflowsOf(scenario.cloud)).start("repairmaster", looked);
  const cluster = await eventually(
    () => scenario.cluster(NAME),
    ({ status, operation, quorum }) => status === "ACTIVE" && operation === null && quorum.healthy === 3,
    60_000,
  );

  expect(said).toContain("no space: the volume has 10 KiB free");
  const record = await findCluster(table, NAME);
  expect(record).toMatchObject({ epoch: 3, restoration: null, etcdClusterId });
  expect(memberOf(cluster, "b").volumeId).toBe(volumeId);
  expect((await listMembers(table, NAME)).map(({ generation }) => generation)).toEqual([3, 3, 3]);
});

test("1.10.4: a master that Systems Manager does not reach is waited for, then terminated, before anything is restored", async () => {
  const { instanceId = null } = memberOf(await scenario.cluster(NAME), "b");
  await hosts.signalProgram(instanceId ?? "", "amazon-ssm-agent", "SIGSTOP");

  const restoring = restore();
  const silent = async () => (await listMembers(table, NAME)).find(({ member }) => member === "b");
  const record = await eventually(silent, (found) => found?.restoring?.silentSince != null, 60_000);
  const during = (await scenario.cluster(NAME)).members.map(({ instanceId: id }) => id);
  // Three minutes pass.
  if (record?.restoring)
    await updateMember(table, NAME, "b", { restoring: { ...record.restoring, silentSince: Date.now() - 180_000 } });

  expect(await restoring).toBe("");
  expect(during).toContain(instanceId);
  expect(memberOf(await scenario.cluster(NAME), "b").instanceId).not.toBe(instanceId);
  expect(await eventTypes()).toContain("master-silent");
  expect((await findCluster(table, NAME))?.epoch).toBe(4);
  expect(hosts.forks()).toEqual([]);
});

/** Says how the host of a member that boots from now on finds its volume. */
async function sayOfVolume(member: string, word: "hold" | "in-use"): Promise<void> {
  const { volumeId, generation } = (await listMembers(table, NAME)).find((each) => each.member === member) ?? {};
  const Name = `/holdfast/${NAME}/masters/${member}-volume`;
  await ssm.send(new PutParameterCommand({ Name, Value: `${volumeId} ${generation} ${word}`, Overwrite: true }));
}

/** Instances of a member that run and wait for its volume. */
async function waitingHosts(member: string): Promise<string[]> {
  const Filters = [
    { Name: "tag:holdfast:member", Values: [member] },
    { Name: "instance-state-name", Values: ["running"] },
  ];
  const { Reservations = [] } = await scenario.ec2.send(new DescribeInstancesCommand({ Filters }));
  const ids = Reservations.flatMap(({ Instances = [] }) => Instances).flatMap(({ InstanceId }) => InstanceId ?? []);
  return ids.filter((id) => hosts.console(id).includes("waits for vol-"));
}

test("17: a master that booted on hold while a restore was undone is replaced, and its repair does not hang", async () => {
  const { instanceId: former = "" } = memberOf(await scenario.cluster(NAME), "b");
  await sayOfVolume("b", "hold");
  await scenario.terminate(former ?? "");
  const [onHold] = await eventually(
    async () => (await waitingHosts("b")).filter((id) => id !== former),
    (ids) => ids.length > 0,
    60_000,
  );
  await sayOfVolume("b", "in-use");

  const cluster = await eventually(
    () => scenario.cluster(NAME),
    ({ status, quorum }) => status === "ACTIVE" && quorum.healthy === 3,
    120_000,
  );

  expect([former, onHold]).not.toContain(memberOf(cluster, "b").instanceId);
});

test("17: a restore that stops an update brings the nodes that it asked for", async () => {
  await takeBackupOf(scenario, NAME);
  const throttled = { kind: "lambda", action: "throttle", function: "addnodes", match: "update-" };
  const { id } = await scenario.cloud.faults.begin(throttled);
  expect((await scenario.holdfast("update", "cluster", NAME, "--node-count", "1", "--yes")).code).toBe(0);

  expect(await restore()).toBe("");
  await scenario.cloud.faults.end(id);

  expect(await scenario.cluster(NAME)).toMatchObject({ status: "ACTIVE", nodes: [{ ready: true }] });
});

test("17: a majority's volumes are gone, and the last master ends: its repair says so and ends; a restore follows", async () => {
  const { members } = await scenario.cluster(NAME);
  for (const { name, instanceId, volumeId } of members) {
    if (name !== "a") await scenario.cloud.faults.begin({ kind: "volume", action: "lose", volumeId });
    await scenario.cloud.faults.begin({ kind: "host", action: "terminate", instanceId });
  }

  const lost = await eventually(
    () => scenario.cluster(NAME),
    ({ status, operation }) => status === "DEGRADED" && operation === null,
    120_000,
  );
  const { code, stderr } = await scenario.holdfast("restore", "cluster", NAME, "--from-survivor", "--yes", "--wait");

  expect(lost.reason).toContain("the data of b, c is lost");
  expect(code === 0 ? "" : stderr.slice(-900)).toBe("");
  expect(await scenario.cluster(NAME)).toMatchObject({ status: "ACTIVE", quorum: { healthy: 3 } });
});
