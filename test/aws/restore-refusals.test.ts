import { DescribeInstancesCommand } from "@aws-sdk/client-ec2";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListBucketsCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  type BackupView,
  BackupViewSchema,
  EventViewSchema,
  OperationViewSchema,
} from "../../functions/domain/api/views.ts";
import { BACKUP_OBJECTS, backupKey } from "../../functions/domain/backup/manifest.ts";
import { eventually, type Scenario, startScenario } from "../support/scenario.ts";

/** What is wrong with a backup is said before anything is stopped, by the API where the bucket shows it. */
const NAME = "refuse.example.com";
const OTHER = "other.example.com";
const { manifest: MANIFEST, snapshot: SNAPSHOT } = BACKUP_OBJECTS;

let scenario: Scenario;
let s3: S3Client;
let bucket = "";
let backup: BackupView;
let before: readonly string[];
let kept: ReadonlyMap<string, Buffer>;

beforeAll(async () => {
  scenario = await startScenario({ hosts: "simulated", workflowSpeed: 20 });
  const one = ["--zones", "us-west-2a", "--node-count", "0", "--yes", "--wait"];
  for (const { code, stderr } of await Promise.all(
    [NAME, OTHER].map((name) => scenario.holdfast("create", "cluster", name, ...one)),
  ))
    if (code !== 0) throw new Error(stderr);
  const { aws: endpoint, region } = scenario.cloud.endpoints;
  s3 = new S3Client({ endpoint, region, credentials: { accessKeyId: "holdfast", secretAccessKey: "holdfast" } });
  const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
  bucket = Buckets[0]?.Name ?? "";
  backup = await takeBackup(NAME);
  kept = new Map([
    [MANIFEST, await read(backup, MANIFEST)],
    [SNAPSHOT, await read(backup, SNAPSHOT)],
  ]);
  before = await operations();
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});
afterEach(async () => {
  for (const [object, content] of kept) await write(object, content);
  expect((await scenario.cluster(NAME)).status).toBe("ACTIVE");
});

async function takeBackup(cluster: string): Promise<BackupView> {
  const { code, stdout, stderr } = await scenario.holdfast("backup", "cluster", cluster, "--wait", "-o", "json");
  if (code !== 0) throw new Error(stderr);
  return BackupViewSchema.parse(JSON.parse(stdout));
}

async function read({ cluster, uid, id }: BackupView, object: string): Promise<Buffer> {
  const Key = backupKey({ cluster, uid }, id, object);
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
}

/** Puts something in the place of an object of the backup. */
async function write(object: string, Body: Buffer, ChecksumAlgorithm: "SHA256" | "CRC32" = "SHA256"): Promise<void> {
  await s3.send(
    new PutObjectCommand({ Bucket: bucket, Key: backupKey(backup, backup.id, object), Body, ChecksumAlgorithm }),
  );
}

async function remove(object: string): Promise<void> {
  await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: backupKey(backup, backup.id, object) }));
}

/** The manifest, changed. */
async function writeManifest(change: object): Promise<void> {
  const manifest = JSON.parse((kept.get(MANIFEST) ?? Buffer.alloc(0)).toString());
  await write(MANIFEST, Buffer.from(JSON.stringify({ ...manifest, ...change })));
}

function flipped(content = kept.get(SNAPSHOT)): Buffer {
  const changed = Buffer.from(content ?? []);
  changed[20] = (changed[20] ?? 0) ^ 1;
  return changed;
}

async function operations(): Promise<string[]> {
  const all = await scenario.api.list(`/clusters/${NAME}/operations`, OperationViewSchema);
  return all.filter(({ kind }) => kind === "restore").map(({ id }) => id);
}

/** What the command says that asks for it; nothing has begun. */
async function refusalOf(id = backup.id, name = NAME): Promise<string> {
  const flags = ["--backup", id, "--even-though-healthy", "--yes"];
  const { code, stderr } = await scenario.holdfast("restore", "cluster", name, ...flags);
  expect(code).not.toBe(0);
  expect(await operations()).toEqual(before);
  return stderr;
}

describe("17.1: the snapshot was deleted from the bucket", () => {
  test.each([["latest"], ["its id"]])("asked for by %s", async (how) => {
    await remove(SNAPSHOT);

    expect(await refusalOf(how === "latest" ? "latest" : backup.id)).toContain("its file is not there");
  });
});

test.each([
  [SNAPSHOT, "its file is not there"],
  [MANIFEST, "its manifest is not there"],
])("17.1: a drill of a backup without its %s launches no host: %s", async (object, why) => {
  await remove(object);

  const { code, stderr } = await scenario.holdfast("drill", "cluster", NAME, "--backup", backup.id, "--wait");

  expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining("BackupUnusable: ") });
  expect(stderr).toContain(`backup ${backup.id} cannot be restored: ${why}`);
  const hosts = new DescribeInstancesCommand({ Filters: [{ Name: "tag-key", Values: ["holdfast:expires"] }] });
  expect((await scenario.ec2.send(hosts)).Reservations).toEqual([]);
  expect((await scenario.holdfast("get", "backups", NAME)).stdout).toMatch(new RegExp(`${backup.id}.*FAILED`));
});

test("17.1: AWS's own words come with the remedy that speaks of them", async () => {
  const fault = { kind: "api", action: "error", service: "s3", operation: "GetObject", code: "KMS.DisabledException" };
  await scenario.cloud.faults.begin({ ...fault, message: "arn:aws:kms:us-west-2:1:key/2 is disabled." });

  const said = await refusalOf();
  await scenario.cloud.faults.end();

  expect(said).toContain("KMS.DisabledException: arn:aws:kms:us-west-2:1:key/2 is disabled.");
  expect(said).toContain("AWS's message above names the cause");
});

describe("1.10.6: refused by the API before anything is stopped", () => {
  test("a flipped byte", async () => {
    await write(SNAPSHOT, flipped());
    expect(await refusalOf()).toMatch(/its file has the SHA-256 sum [0-9a-f]{64}, and its manifest says/);
  });

  test("a truncated file", async () => {
    await write(SNAPSHOT, (kept.get(SNAPSHOT) ?? Buffer.alloc(0)).subarray(0, 30));
    expect(await refusalOf()).toMatch(/its file has 30 bytes, and its manifest says \d+/);
  });

  test("a file without a manifest", async () => {
    await remove(MANIFEST);
    expect(await refusalOf()).toContain("its manifest is not there");
  });

  test("a manifest that is none", async () => {
    await write(MANIFEST, Buffer.from('{"version":1'));
    expect(await refusalOf()).toContain("its manifest is not JSON");
  });

  test("another cluster's", async () => {
    const { uid } = await takeBackup(OTHER);
    await writeManifest({ cluster: OTHER, uid });
    expect(await refusalOf()).toContain(`backup ${backup.id} is of ${OTHER} with the uid ${uid}`);
  });

  test("a newer etcd's", async () => {
    const { etcd } = backup;
    await writeManifest({ etcd: { ...etcd, version: "99.1.0" } });
    expect(await refusalOf()).toMatch(/it is of etcd 99\.1\.0, and the cluster runs \d/);
  });

  test("secrets whose key the cluster does not have", async () => {
    await writeManifest({ encryption: { keyNames: ["key1"] } });
    expect(await refusalOf()).toContain("its secrets are encrypted with key1, which the cluster does not have");
  });
});

test("1.10.6: a former cluster's of the same name", async () => {
  const { id, uid } = await takeBackup(OTHER);
  await scenario.holdfast("delete", "cluster", OTHER, "--yes", "--wait");
  const again = ["--zones", "us-west-2a", "--node-count", "0", "--yes", "--wait"];
  expect((await scenario.holdfast("create", "cluster", OTHER, ...again)).code).toBe(0);

  expect(await refusalOf(id, OTHER)).toContain(`backup ${id} is of ${OTHER} with the uid ${uid}`);
  expect(await refusalOf("latest", OTHER)).toContain(`${OTHER} has no verified backup`);
});

test("1.10.6: a flipped byte that S3 has no SHA-256 sum of is found by a master, before it stops anything", async () => {
  await write(SNAPSHOT, flipped(), "CRC32");
  const { instanceId } = (await scenario.cluster(NAME)).members[0] ?? {};

  const flags = ["--backup", backup.id, "--even-though-healthy", "--yes", "--wait"];
  const { code, stderr } = await scenario.holdfast("restore", "cluster", NAME, ...flags);

  expect({ code, stderr }).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("the file is not the one that was taken"),
  });
  const cluster = await eventually(
    () => scenario.cluster(NAME),
    ({ status, operation }) => status === "ACTIVE" && operation === null,
    30_000,
  );
  expect(cluster.members[0]).toMatchObject({ instanceId, health: "healthy" });
  const types = (await scenario.api.list(`/clusters/${NAME}/events`, EventViewSchema)).map(({ type }) => type);
  expect(types).not.toContain("cluster-restored");
});
