import { CreateTagsCommand, DescribeInstancesCommand, DescribeSecurityGroupsCommand } from "@aws-sdk/client-ec2";
import { GetObjectCommand, ListBucketsCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { ListExecutionsCommand, ListStateMachinesCommand, SFNClient, StopExecutionCommand } from "@aws-sdk/client-sfn";
import { GetParametersCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type BackupView,
  BackupViewSchema,
  type EventView,
  type OperationView,
} from "../../functions/domain/api/views.ts";
import { compareInventories, takeInventory } from "../support/inventory.ts";
import { eventually, type Scenario, startScenario } from "../support/scenario.ts";
import { takeBackupOf } from "../support/take-backup.ts";

const NAME = "drills.example.com";
const OTHER = "other.example.com";

let scenario: Scenario;
let empty: readonly string[];
beforeAll(async () => {
  scenario = await startScenario({ hosts: "simulated" });
  empty = takeInventory(scenario.cloud);
  const zones = "us-west-2a,us-west-2b,us-west-2c";
  const flags = ["--node-count", "0", "--yes", "--wait"];
  for (const { code, stderr } of await Promise.all([
    scenario.holdfast("create", "cluster", NAME, "--zones", zones, "--master-count", "3", ...flags),
    scenario.holdfast("create", "cluster", OTHER, "--zones", "us-west-2a", ...flags),
  ]))
    if (code !== 0) throw new Error(stderr);
  for (const name of [NAME, OTHER]) await takeBackup(name);
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});

function takeBackup(name = NAME): Promise<BackupView> {
  return takeBackupOf(scenario, name);
}

function settings(credentials = { accessKeyId: "holdfast", secretAccessKey: "holdfast" }) {
  const { aws: endpoint, region } = scenario.cloud.endpoints;
  return { endpoint, region, credentials };
}

/** Hosts of drills, also those that have ended. */
async function hosts(...states: string[]) {
  const Filters = [
    { Name: "tag-key", Values: ["holdfast:expires"] },
    ...(states.length > 0 ? [{ Name: "instance-state-name", Values: states }] : []),
  ];
  const { Reservations = [] } = await scenario.ec2.send(new DescribeInstancesCommand({ Filters }));
  return Reservations.flatMap(({ Instances = [] }) => Instances);
}

async function events(type: string): Promise<EventView[]> {
  const { stdout } = await scenario.holdfast("get", "events", NAME, "-o", "json");
  return JSON.parse(stdout).items.filter((each: EventView) => each.type === type);
}

async function latestDrill(): Promise<OperationView> {
  const { stdout } = await scenario.holdfast("get", "operations", NAME, "-o", "json");
  return JSON.parse(stdout).items.find(({ kind }: OperationView) => kind === "drill");
}

async function bucketName(): Promise<string> {
  const { Buckets: [bucket] = [] } = await new S3Client(settings()).send(new ListBucketsCommand({}));
  return bucket?.Name ?? "";
}

/** Begins a drill whose host never answers, and waits until it is there. */
async function beginSilentDrill(): Promise<string> {
  await scenario.holdfast("local", "fault", "api", "throttle", "ssm:SendCommand");
  const { code, stderr } = await scenario.holdfast("drill", "cluster", NAME);
  if (code !== 0) throw new Error(stderr);
  const [host] = await eventually(
    () => hosts("pending", "running"),
    (found) => found.length > 0,
    20_000,
  );
  return host?.InstanceId ?? "";
}

function clearFaults() {
  return scenario.holdfast("local", "fault", "clear");
}

test("1.8: a drill restores the newest backup on a host of its own, which is gone afterwards; no master is asked", async () => {
  const { members } = await scenario.cluster(NAME);
  const before = scenario.calls.length;

  const { code, stdout, stderr } = await scenario.holdfast("drill", "cluster", NAME, "--wait", "-o", "json");

  expect([code, stderr]).toEqual([0, expect.any(String)]);
  const tried = BackupViewSchema.parse(JSON.parse(stdout));
  expect(tried.verified.drill).toMatchObject({ ok: true, level: "data", problems: [], revision: tried.etcd.revision });
  expect(await hosts("pending", "running")).toEqual([]);
  const [host] = await hosts();
  expect(host).toMatchObject({
    InstanceType: "t3.micro",
    IamInstanceProfile: { Arn: expect.stringContaining("-drill-") },
  });
  const commands = JSON.stringify(scenario.calls.slice(before).filter(({ operation }) => operation === "SendCommand"));
  for (const { instanceId } of members) expect(commands).not.toContain(String(instanceId));
  const { status, operation, backup } = await scenario.cluster(NAME);
  expect([status, operation, backup?.drill]).toMatchObject(["ACTIVE", null, { lastOkId: tried.id, lastError: null }]);
  const [event] = await events("drill-passed");
  expect(event?.message).toMatch(/^Drill of backup \S+ passed in \d+s: revision [\d,]+, \d+ keys\.$/);
  expect((await scenario.holdfast("get", "backups", NAME)).stdout).toContain("passed");
  expect((await scenario.holdfast("describe", "backup", NAME, tried.id)).stdout).toMatch(/drill +passed at/);
  const manifest = `clusters/${NAME}/${tried.uid}/${tried.id}/manifest.json`;
  const { Body } = await new S3Client(settings()).send(
    new GetObjectCommand({ Bucket: await bucketName(), Key: manifest }),
  );
  expect(JSON.parse((await Body?.transformToString()) ?? "").verified.drill.ok).toBe(true);
});

test("1.8: a drill's host lets nothing in, sends only to the web, and reads nothing but its cluster's snapshots", async () => {
  const [host] = await hosts();
  const { SecurityGroups = [] } = await scenario.ec2.send(
    new DescribeSecurityGroupsCommand({
      Filters: [{ Name: "tag:holdfast:resource", Values: ["security-group/drill"] }],
    }),
  );
  const [group] = SecurityGroups;
  expect([SecurityGroups.length, group?.IpPermissions]).toEqual([1, []]);
  expect(group?.IpPermissionsEgress?.map(({ IpProtocol, FromPort }) => [IpProtocol, FromPort]).toSorted()).toEqual([
    ["tcp", 443],
    ["tcp", 80],
  ]);
  const role = Object.values(scenario.cloud.services.iam.snapshot().roles).find(({ name }) =>
    name.startsWith(`holdfast-${NAME}-drill-`),
  );
  const credentials = scenario.cloud.context.credentials.assumeRole(role?.arn ?? "", host?.InstanceId ?? "");
  const s3 = new S3Client(settings(credentials));
  const Bucket = await bucketName();
  const of = async (cluster: string) => {
    const { stdout } = await scenario.holdfast("get", "backups", cluster, "-o", "json");
    const [{ uid, id }] = JSON.parse(stdout).items;
    return (object: string) => `clusters/${cluster}/${uid}/${id}/${object}`;
  };
  const [own, foreign] = [await of(NAME), await of(OTHER)];
  const read = (Key: string) => s3.send(new GetObjectCommand({ Bucket, Key }));
  const denied = { name: "AccessDenied" };

  await read(own("snapshot.db.gz"));
  for (const key of [own("pki.json"), own("manifest.json"), foreign("snapshot.db.gz")])
    await expect(read(key), key).rejects.toMatchObject(denied);
  await expect(s3.send(new PutObjectCommand({ Bucket, Key: own("snapshot.db.gz"), Body: "x" }))).rejects.toMatchObject(
    denied,
  );
  const parameters = new GetParametersCommand({ Names: [`/holdfast/${NAME}/masters/shared`], WithDecryption: true });
  await expect(new SSMClient(settings(credentials)).send(parameters)).rejects.toMatchObject({
    name: "AccessDeniedException",
  });
});

test("1.10.6: a file that is not the one that was taken fails the drill, and the cluster stays as it is", async () => {
  const { uid, id } = await takeBackup();
  const place = { Bucket: await bucketName(), Key: `clusters/${NAME}/${uid}/${id}/snapshot.db.gz` };
  const s3 = new S3Client(settings());
  const { Body } = await s3.send(new GetObjectCommand(place));
  const bytes = Buffer.from((await Body?.transformToByteArray()) ?? []);
  bytes[20] = (bytes[20] ?? 0) ^ 1;
  await s3.send(new PutObjectCommand({ ...place, Body: bytes }));

  const { code, stderr } = await scenario.holdfast("drill", "cluster", NAME, "--backup", "latest", "--wait");

  expect([code, stderr]).toEqual([1, expect.stringContaining("BackupUnusable: ")]);
  expect(stderr).toContain("the file is not the one that was taken");
  const { stdout } = await scenario.holdfast("describe", "backup", NAME, id);
  expect(stdout).toMatch(/drill +FAILED at/);
  const { status, backup } = await scenario.cluster(NAME);
  expect([status, backup?.drill?.lastError]).toEqual(["ACTIVE", expect.stringContaining("not the one that was taken")]);
  expect((await events("drill-failed")).length).toBe(1);
  expect(await hosts("pending", "running")).toEqual([]);
});

test("1.8: without capacity, and without vCPUs left, the drill fails by AWS's name for it and a remedy", async () => {
  for (const zone of ["us-west-2a", "us-west-2b", "us-west-2c"])
    await scenario.holdfast("local", "fault", "capacity", "exhaust", zone);
  const exhausted = await scenario.holdfast("drill", "cluster", NAME, "--wait");
  await clearFaults();
  const json = '{"code":"VcpuLimitExceeded","message":"You have requested more vCPU capacity than your limit allows"}';
  await scenario.holdfast("local", "fault", "api", "error", "ec2:RunInstances", "--json", json);
  const refused = await scenario.holdfast("drill", "cluster", NAME, "--wait");
  await clearFaults();

  expect([exhausted.code, exhausted.stderr]).toEqual([1, expect.stringContaining("ZoneUnavailable: ")]);
  expect(exhausted.stderr).toContain("What to do: The zone has no capacity");
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("QuotaReached: ")]);
  expect(refused.stderr).toContain("What to do: Request an increase");
});

test("a backup that is not there is refused before anything begins", async () => {
  const { code, stderr } = await scenario.holdfast("drill", "cluster", NAME, "--backup", "2020-01-01T000000Z-0000");

  expect([code, stderr]).toEqual([3, expect.stringContaining("has no backup")]);
});

test("1.10.13: a host that ends in the middle: the drill FAILED with the cause, the cluster untouched, nothing left", async () => {
  const members = (await scenario.cluster(NAME)).members.map(({ instanceId }) => instanceId);
  const { id } = await takeBackup();
  const host = await beginSilentDrill();

  await scenario.terminate(host);
  const failed = await eventually(latestDrill, ({ status }) => status === "FAILED", 30_000);
  await clearFaults();

  expect(failed.error?.message).toContain(`its host ${host} ended before it had a result`);
  // It says nothing about the backup.
  expect((await scenario.holdfast("get", "backups", NAME)).stdout).not.toMatch(new RegExp(`${id}.*FAILED`));
  const cluster = await scenario.cluster(NAME);
  expect([cluster.status, cluster.members.map(({ instanceId }) => instanceId)]).toEqual(["ACTIVE", members]);
  expect(await hosts("pending", "running")).toEqual([]);
});

test("1.10.13: a drill whose execution died: the reconciler ends its host when its time is over, and the drill FAILED", async () => {
  const host = await beginSilentDrill();
  const sfn = new SFNClient(settings());
  const { stateMachines = [] } = await sfn.send(new ListStateMachinesCommand({}));
  const { stateMachineArn } = stateMachines.find(({ name = "" }) => name.startsWith("DrillCluster")) ?? {};
  const { executions = [] } = await sfn.send(new ListExecutionsCommand({ stateMachineArn, statusFilter: "RUNNING" }));
  for (const { executionArn } of executions) await sfn.send(new StopExecutionCommand({ executionArn }));
  await clearFaults();
  await scenario.reconcile();
  const early = await hosts("pending", "running");
  const Tags = [{ Key: "holdfast:expires", Value: "2026-01-01T00:00:00.000Z" }];
  await scenario.ec2.send(new CreateTagsCommand({ Resources: [host], Tags }));

  await scenario.reconcile();

  expect(early.map(({ InstanceId }) => InstanceId)).toEqual([host]);
  expect(await hosts("pending", "running")).toEqual([]);
  expect(await latestDrill()).toMatchObject({
    status: "FAILED",
    error: { name: "DrillFailed", message: `its host ${host} was still there after 30 minutes, and was ended` },
  });
  expect((await scenario.cluster(NAME)).status).toBe("ACTIVE");
});

test("a deletion ends a drill that runs, with its host, and nothing of either is left", async () => {
  await beginSilentDrill();

  const deleted = await scenario.holdfast("delete", "cluster", NAME, "--yes", "--wait");
  await clearFaults();
  const other = await scenario.holdfast("delete", "cluster", OTHER, "--yes", "--wait");

  expect([deleted.code === 0 ? "" : deleted.stderr, other.code === 0 ? "" : other.stderr]).toEqual(["", ""]);
  expect(await hosts("pending", "running", "shutting-down")).toEqual([]);
  expect(compareInventories(empty, takeInventory(scenario.cloud))).toEqual([]);
});
