import { CloudWatchClient, GetMetricStatisticsCommand } from "@aws-sdk/client-cloudwatch";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { ListExecutionsCommand, ListStateMachinesCommand, SFNClient, StopExecutionCommand } from "@aws-sdk/client-sfn";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type BackupView,
  BackupViewSchema,
  type EventView,
  OperationViewSchema,
} from "../../functions/domain/api/views.ts";
import { readManifest } from "../../functions/domain/backup/manifest.ts";
import { recordBackupFacts } from "../../functions/store/backups.ts";
import type { Table } from "../../functions/store/keys.ts";
import { eventually, memberOf, type Scenario, startScenario } from "../support/scenario.ts";
import { tableName } from "../support/table-name.ts";

const NAME = "backups.example.com";
const OTHER = "other.example.com";
const ZONES = "us-west-2a,us-west-2b,us-west-2c";

let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario({ hosts: "simulated" });
  const masters = ["--zones", ZONES, "--master-zones", ZONES, "--node-count", "0"];
  const created = await Promise.all([
    scenario.holdfast("create", "cluster", NAME, ...masters, "--yes", "--wait"),
    scenario.holdfast("create", "cluster", OTHER, "--zones", "us-west-2a", "--node-count", "0", "--yes", "--wait"),
  ]);
  for (const { code, stderr } of created) if (code !== 0) throw new Error(stderr);
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});

function settings(credentials = { accessKeyId: "holdfast", secretAccessKey: "holdfast" }) {
  const { aws: endpoint, region } = scenario.cloud.endpoints;
  return { endpoint, region, credentials };
}

/** S3 as the instance role of a cluster's master may use it, from its own instance. */
async function masterS3(cluster: string, member: string): Promise<S3Client> {
  const { instanceId } = memberOf(await scenario.cluster(cluster), member);
  const role = Object.values(scenario.cloud.services.iam.snapshot().roles).find(({ name }) =>
    name.startsWith(`holdfast-${cluster}-masters-${member}-`),
  );
  if (!role || !instanceId) throw new Error(`${cluster} has no master ${member}`);
  return new S3Client(settings(scenario.cloud.context.credentials.assumeRole(role.arn, instanceId)));
}

async function backups(cluster = NAME): Promise<readonly BackupView[]> {
  return scenario.api.list(`/clusters/${cluster}/backups`, BackupViewSchema);
}

async function events(type: string): Promise<EventView[]> {
  const { stdout } = await scenario.holdfast("get", "events", NAME, "-o", "json");
  return JSON.parse(stdout).items.filter((each: EventView) => each.type === type);
}

async function bucketAndKeys(): Promise<{ bucket: string; keys: string[] }> {
  const { Buckets = [] } = await new S3Client(settings()).send(new ListBucketsCommand({}));
  const bucket = Buckets[0]?.Name ?? "";
  const { Contents = [] } = await new S3Client(settings()).send(new ListObjectsV2Command({ Bucket: bucket }));
  return { bucket, keys: Contents.flatMap(({ Key }) => Key ?? []) };
}

function table(): Table {
  const client = DynamoDBDocumentClient.from(new DynamoDBClient(settings()));
  return { name: tableName(scenario.cloud), client };
}

/** What the alarm BackupsOverdueAlarm looks at. */
async function overdue(): Promise<number> {
  const request = { Namespace: "Holdfast", MetricName: "BackupsOverdue", Period: 60, Statistics: ["Maximum" as const] };
  const [StartTime, EndTime] = [new Date(Date.now() - 600_000), new Date(Date.now() + 60_000)];
  const Dimensions = [{ Name: "service", Value: "reconcile" }];
  const { Datapoints = [] } = await new CloudWatchClient(settings()).send(
    new GetMetricStatisticsCommand({ ...request, StartTime, EndTime, Dimensions }),
  );
  return Math.max(0, ...Datapoints.map(({ Maximum = 0 }) => Maximum));
}

async function takeBackup(cluster = NAME): Promise<BackupView> {
  const { code, stdout, stderr } = await scenario.holdfast("backup", "cluster", cluster, "--wait", "-o", "json");
  if (code !== 0) throw new Error(stderr);
  return BackupViewSchema.parse(JSON.parse(stdout));
}

test("the schedule takes one backup a slot, however often it is reminded, and no operation of the cluster's", async () => {
  await Promise.all([scenario.reconcile(), scenario.reconcile(), scenario.reconcile()]);

  const [taken] = await eventually(backups, (found) => found.length > 0, 30_000);
  await scenario.reconcile();
  expect((await backups()).length).toBe(1);
  expect(taken).toMatchObject({ reason: "schedule", cluster: NAME, epoch: 1, history: "current", pinned: false });
  expect(taken?.verified.hashkv).toEqual({ members: ["a", "b", "c"], equal: true });
  expect((await scenario.cluster(NAME)).status).toBe("ACTIVE");
  const { stdout } = await scenario.holdfast("get", "operations", NAME);
  expect(stdout).not.toContain("backup-");
  expect((await scenario.cluster(NAME)).backup).toMatchObject({ lastVerifiedId: taken?.id, problems: [] });
});

test("a backup on request is followed to its end; manifest, cluster, authorities and file lie in the bucket", async () => {
  const taken = await takeBackup();

  const { bucket, keys } = await bucketAndKeys();
  const prefix = `clusters/${NAME}/${taken.uid}/${taken.id}/`;
  expect(keys.filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length))).toEqual([
    "cluster.json",
    "manifest.json",
    "pki.json",
    "snapshot.db.gz",
  ]);
  const { Body, ServerSideEncryption } = await new S3Client(settings()).send(
    new GetObjectCommand({ Bucket: bucket, Key: `${prefix}manifest.json` }),
  );
  const { pinned: _, history: __, ...manifest } = taken;
  expect(readManifest((await Body?.transformToString()) ?? "")).toEqual({ ok: true, manifest });
  expect(ServerSideEncryption).toBe("aws:kms");
  const shown = await scenario.holdfast("get", "backups", NAME);
  expect(shown.stdout).toContain(taken.id);
  expect((await scenario.holdfast("describe", "backup", NAME, taken.id)).stdout).toContain("a, b, c agree");
  expect((await events("backup-taken")).length).toBe(1);
});

test("400: a pin is on every object, since the bucket removes those without one after 400 days", async () => {
  const [taken] = await backups();
  const { bucket, keys } = await bucketAndKeys();
  const ours = keys.filter((key) => key.includes(`/${taken?.id}/`));
  const tags = () =>
    Promise.all(
      ours.map(async (Key) => {
        const { TagSet } = await new S3Client(settings()).send(new GetObjectTaggingCommand({ Bucket: bucket, Key }));
        return TagSet?.map(({ Key: key, Value }) => `${key}=${Value}`).join();
      }),
    );

  expect(await tags()).toEqual(ours.map(() => "holdfast:pinned=no"));
  expect((await scenario.holdfast("pin", "backup", NAME, taken?.id ?? "")).code).toBe(0);
  expect(await tags()).toEqual(ours.map(() => "holdfast:pinned=yes"));
  expect((await scenario.holdfast("unpin", "backup", NAME, taken?.id ?? "")).code).toBe(0);
  expect(await tags()).toEqual(ours.map(() => "holdfast:pinned=no"));
});

test("17.4: an execution that is stopped in the middle ends as failed, and the next backup begins at once", async () => {
  const { id: fault } = await scenario.cloud.faults.begin({
    kind: "lambda",
    action: "throttle",
    function: "savesnapshot",
  });
  expect((await scenario.holdfast("backup", "cluster", NAME)).code).toBe(0);
  const sfn = new SFNClient(settings());
  const { stateMachines = [] } = await sfn.send(new ListStateMachinesCommand({}));
  const { stateMachineArn } = stateMachines.find(({ name = "" }) => name.startsWith("BackupCluster")) ?? {};
  const running = { stateMachineArn, statusFilter: "RUNNING" } as const;
  const [execution] = await eventually(
    async () => (await sfn.send(new ListExecutionsCommand(running))).executions ?? [],
    (found) => found.length > 0,
    20_000,
  );
  await sfn.send(new StopExecutionCommand({ executionArn: execution?.executionArn }));
  await scenario.cloud.faults.end(fault);

  const ended = await eventually(
    () => scenario.api.get(`/operations/${execution?.name}`, OperationViewSchema),
    ({ status }) => status !== "RUNNING",
    20_000,
  );
  expect(ended).toMatchObject({ kind: "backup", status: "FAILED", error: { name: "BackupFailed" } });
  expect(ended.error?.message).toContain("its execution is ABORTED");
  await takeBackup();
  expect((await scenario.cluster(NAME)).status).toBe("ACTIVE");
});

test("a pinned backup says so, and one that is not there has its own answer", async () => {
  const [taken] = await backups();
  const id = taken?.id ?? "";

  expect((await scenario.holdfast("pin", "backup", NAME, id)).code).toBe(0);
  expect((await backups())[0]?.pinned).toBe(true);
  expect((await scenario.holdfast("unpin", "backup", NAME, id)).code).toBe(0);
  const unknown = await scenario.holdfast("pin", "backup", NAME, "2020-01-01T000000Z-0000");
  expect([unknown.code, unknown.stderr]).toEqual([3, expect.stringContaining("has no backup")]);
});

test("a backup whose file is gone from the bucket is not pinned", async () => {
  const taken = await takeBackup();
  const { bucket: Bucket } = await bucketAndKeys();
  const Key = `clusters/${taken.cluster}/${taken.uid}/${taken.id}/snapshot.db.gz`;
  await new S3Client(settings()).send(new DeleteObjectCommand({ Bucket, Key }));

  const { code, stderr } = await scenario.holdfast("pin", "backup", NAME, taken.id);

  expect([code, stderr]).toEqual([2, expect.stringContaining("its file snapshot.db.gz is not there")]);
  expect((await backups()).find(({ id }) => id === taken.id)?.pinned).toBe(false);
});

test("1.10.16: a master writes its own snapshots; it reads no authorities and nothing of another cluster's, and lists and deletes nothing", async () => {
  const [own, foreign] = [await takeBackup(), await takeBackup(OTHER)];
  const { bucket: Bucket } = await bucketAndKeys();
  const s3 = await masterS3(NAME, "a");
  const key = ({ cluster, uid, id }: BackupView, object: string) => `clusters/${cluster}/${uid}/${id}/${object}`;
  const denied = { name: "AccessDenied" };
  const read = (Key: string) => s3.send(new GetObjectCommand({ Bucket, Key }));
  const write = (Key: string) => s3.send(new PutObjectCommand({ Bucket, Key, Body: "x" }));

  await write(key({ ...own, id: "2026-01-01T000000Z-0000" }, "snapshot.db.gz"));
  await read(key(own, "snapshot.db.gz"));
  for (const object of ["manifest.json", "pki.json", "cluster.json"])
    await expect(write(key(own, object)), `write ${object}`).rejects.toMatchObject(denied);
  await expect(read(key(own, "pki.json"))).rejects.toMatchObject(denied);
  for (const object of ["snapshot.db.gz", "manifest.json", "pki.json"]) {
    await expect(read(key(foreign, object)), `read ${object}`).rejects.toMatchObject(denied);
    await expect(write(key(foreign, object)), `write ${object}`).rejects.toMatchObject(denied);
    await expect(s3.send(new DeleteObjectCommand({ Bucket, Key: key(own, object) }))).rejects.toMatchObject(denied);
  }
  await expect(s3.send(new ListObjectsV2Command({ Bucket, Prefix: `clusters/${NAME}/` }))).rejects.toMatchObject(
    denied,
  );
});

test("1.10.10: while S3 refuses to write, backups fail, which is said once; the next one succeeds", async () => {
  const before = (await events("backup-failed")).length;
  await scenario.holdfast("local", "fault", "api", "access-denied", "s3:PutObject");
  const failed = await scenario.holdfast("backup", "cluster", NAME, "--wait");
  const again = await scenario.holdfast("backup", "cluster", NAME, "--wait");
  await scenario.holdfast("local", "fault", "clear");

  expect([failed.code, again.code]).toEqual([1, 1]);
  expect((await events("backup-failed")).length).toBe(before + 1);
  expect((await scenario.cluster(NAME)).status).toBe("ACTIVE");
  expect((await scenario.cluster(NAME)).backup?.lastError).toContain("is not authorized to perform: s3:PutObject");
  await takeBackup();
  expect((await scenario.cluster(NAME)).backup?.lastError).toBeNull();
});

test.each([
  ["throttles", { action: "throttle" }, "Please reduce your request rate"],
  [
    "finds its key of KMS disabled",
    { action: "error", code: "KMS.DisabledException", message: "arn:aws:kms:us-west-2:1:key/2 is disabled." },
    "key/2 is disabled",
  ],
])(
  "1.10.10: while S3 %s, backups fail, which is said once; alarm by age; the next one succeeds",
  async (_, fault, why) => {
    const before = (await events("backup-failed")).length;
    await scenario.cloud.faults.begin({ kind: "api", service: "s3", operation: "PutObject", ...fault });
    const failed = await scenario.holdfast("backup", "cluster", NAME, "--wait");
    const again = await scenario.holdfast("backup", "cluster", NAME, "--wait");
    await recordBackupFacts(table(), NAME, { lastVerifiedAt: new Date(Date.now() - 25 * 3_600_000).toISOString() });
    await scenario.reconcile();
    await eventually(overdue, (count) => count === 1, 30_000);
    await scenario.cloud.faults.end();

    expect([failed.code, again.code]).toEqual([1, 1]);
    expect((await events("backup-failed")).length).toBe(before + 1);
    expect((await scenario.cluster(NAME)).backup?.lastError).toContain(why);
    await eventually(
      async () => (await scenario.holdfast("backup", "cluster", NAME, "--wait")).code,
      (code) => code === 0,
      30_000,
    );
    expect((await scenario.cluster(NAME)).backup).toMatchObject({ lastError: null, problems: [] });
  },
);
