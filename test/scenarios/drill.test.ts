import { DescribeInstancesCommand } from "@aws-sdk/client-ec2";
import { GetObjectCommand, ListBucketsCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type BackupView, BackupViewSchema, type OperationView } from "../../functions/domain/api/views.ts";
import { type EtcdEndpoints, etcdEndpoints } from "../support/consistency/endpoints.ts";
import { eventually, type Scenario, startScenario } from "../support/scenario.ts";
import { takeBackupOf } from "../support/take-backup.ts";

const NAME = "drill.example.com";

let scenario: Scenario;
let endpoints: EtcdEndpoints;
beforeAll(async () => {
  scenario = await startScenario();
  const flags = ["--zones", "us-west-2a", "--node-count", "0", "--yes", "--wait"];
  const { code, stderr } = await scenario.holdfast("create", "cluster", NAME, ...flags);
  if (code !== 0) throw new Error(stderr);
  endpoints = await etcdEndpoints(scenario, await scenario.cluster(NAME));
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});

function takeBackup(): Promise<BackupView> {
  return takeBackupOf(scenario, NAME);
}

/** Values that hold bytes which no argument of a command can. */
async function put(values: Readonly<Record<string, string>>): Promise<void> {
  const client = endpoints.connect("a");
  try {
    for (const [key, value] of Object.entries(values)) await client.put(key, value, 5_000);
  } finally {
    client.close();
  }
}

/** Which etcd the master runs, by its cluster's id, its term and its process: a restart or a restore would change one. */
async function etcdOfMaster(): Promise<string> {
  const status = await scenario.etcdctl(NAME, "endpoint", "status", "-w", "json");
  const { instanceId } = (await scenario.cluster(NAME)).members[0] ?? {};
  const { stdout } = await scenario.cloud.hosts.run(instanceId ?? "", "pgrep -x etcd", { timeoutMs: 5_000 });
  return [/"cluster_id":\d+/.exec(status)?.[0], /"raft_term":\d+/.exec(status)?.[0], stdout.trim()].join(" ");
}

async function liveHosts(states = ["pending", "running"]): Promise<string[]> {
  const { Reservations = [] } = await scenario.ec2.send(
    new DescribeInstancesCommand({
      Filters: [
        { Name: "tag-key", Values: ["holdfast:expires"] },
        { Name: "instance-state-name", Values: states },
      ],
    }),
  );
  return Reservations.flatMap(({ Instances = [] }) => Instances).flatMap(({ InstanceId }) => InstanceId ?? []);
}

test("17.3: a drill restores a backup into an etcd of its own and reads every key; the master's etcd is not touched", async () => {
  await put({
    "/registry/podtemplates/default/one": "k8s\u0000one",
    "/registry/podtemplates/default/two": "k8s\u0000two",
    "/registry/example.com/widgets/default/w": '{"kind":"Widget"}',
  });
  const before = await etcdOfMaster();
  const { id, etcd } = await takeBackup();

  const { code, stdout, stderr } = await scenario.holdfast("drill", "cluster", NAME, "--wait", "-o", "json");

  expect(code === 0 ? "" : stderr).toBe("");
  const tried = BackupViewSchema.parse(JSON.parse(stdout));
  expect(tried.id).toBe(id);
  expect(tried.verified.drill).toMatchObject({ ok: true, revision: etcd.revision, totalKey: etcd.totalKey });
  expect(tried.verified.drill?.kinds).toMatchObject({ podtemplates: 2, "example.com/widgets": 1 });
  expect(await etcdOfMaster()).toBe(before);
  expect(await liveHosts()).toEqual([]);
});

test("17.3: a value that Kubernetes cannot read fails the drill, and its key is named", async () => {
  await put({ "/registry/pods/default/broken": "K8S\u0000" });
  await takeBackup();

  const { code, stderr } = await scenario.holdfast("drill", "cluster", NAME, "--wait");
  await scenario.etcdctl(NAME, "del", "/registry/pods/default/broken");

  expect(code).toBe(1);
  expect(stderr).toContain("1 value below /registry/ that Kubernetes cannot read: /registry/pods/default/broken");
});

test("17.3: a flipped byte fails the drill, and the one that failed is shown", async () => {
  const { uid, id } = await takeBackup();
  const { aws: endpoint, region } = scenario.cloud.endpoints;
  const s3 = new S3Client({ endpoint, region, credentials: { accessKeyId: "holdfast", secretAccessKey: "holdfast" } });
  const { Buckets: [bucket] = [] } = await s3.send(new ListBucketsCommand({}));
  const place = { Bucket: bucket?.Name, Key: `clusters/${NAME}/${uid}/${id}/snapshot.db.gz` };
  const { Body } = await s3.send(new GetObjectCommand(place));
  const bytes = Buffer.from((await Body?.transformToByteArray()) ?? []);
  bytes[200] = (bytes[200] ?? 0) ^ 1;
  await s3.send(new PutObjectCommand({ ...place, Body: bytes }));

  const { code, stderr } = await scenario.holdfast("drill", "cluster", NAME, "--backup", id, "--wait");

  expect([code, stderr]).toEqual([1, expect.stringContaining("the file is not the one that was taken")]);
  expect((await scenario.holdfast("get", "backups", NAME)).stdout).toMatch(new RegExp(`${id}.*FAILED`));
  expect(await liveHosts()).toEqual([]);
});

test("1.10.13: a host that powers itself off in the middle is terminated, and the drill FAILED; the master goes on", async () => {
  const before = await etcdOfMaster();
  const { id } = await takeBackup();
  await scenario.holdfast("local", "fault", "api", "throttle", "ssm:SendCommand");
  await scenario.holdfast("drill", "cluster", NAME);
  const [host = ""] = await eventually(
    () => liveHosts(["running"]),
    (found) => found.length > 0,
    20_000,
  );
  await scenario.cloud.faults.begin({ kind: "host", action: "power-off", instanceId: host });

  const failed = await eventually(
    async (): Promise<OperationView> =>
      JSON.parse((await scenario.holdfast("get", "operations", NAME, "-o", "json")).stdout).items[0],
    ({ status }) => status === "FAILED",
    30_000,
  );
  await scenario.holdfast("local", "fault", "clear");

  expect(failed).toMatchObject({ kind: "drill", error: { name: "DrillFailed" } });
  expect(failed.error?.message).toContain(`its host ${host} ended before it had a result`);
  expect((await scenario.holdfast("get", "backups", NAME)).stdout).not.toMatch(new RegExp(`${id}.*FAILED`));
  expect((await scenario.cluster(NAME)).status).toBe("ACTIVE");
  expect(await etcdOfMaster()).toBe(before);
  expect(await liveHosts(["pending", "running", "stopping", "stopped"])).toEqual([]);
});
