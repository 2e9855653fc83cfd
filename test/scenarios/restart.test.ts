import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DescribeAutoScalingGroupsCommand } from "@aws-sdk/client-auto-scaling";
import { type AttributeValue, DynamoDBClient, ListTablesCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { DescribeInstancesCommand, DescribeVolumesCommand } from "@aws-sdk/client-ec2";
import { IAMClient, ListRolesCommand } from "@aws-sdk/client-iam";
import { ListExecutionsCommand, ListStateMachinesCommand, SFNClient } from "@aws-sdk/client-sfn";
import { GetParametersByPathCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, type Scenario, startScenario } from "../support/scenario.ts";

const NAME = "kept.example.com";
const ZONES = "us-west-2a,us-west-2b,us-west-2c";
const HA = ["--zones", ZONES, "--master-zones", ZONES, "--node-count", "2"];
const SMALL = ["--zones", "us-west-2a", "--node-count", "1"];
/** Until a cluster is whole again after the machine, and with it the whole region, was without power. */
const WHOLE_LIMIT_MS = 20_000;

let directory: string;
let one: Scenario;
let other: Scenario;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "holdfast-restart-"));
  [one, other] = await Promise.all([startScenario({ dataDirectory: directory }), startScenario()]);
});
afterAll(async () => {
  await Promise.all([one[Symbol.asyncDispose](), other[Symbol.asyncDispose]()]);
  await rm(directory, { recursive: true, force: true });
});

async function create(scenario: Scenario, flags: readonly string[]): Promise<void> {
  const { code, stderr } = await scenario.holdfast("create", "cluster", ...flags, NAME, "--yes", "--wait");
  if (code !== 0) throw new Error(stderr);
}

async function instancesOf({ ec2 }: Scenario) {
  const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand());
  return Reservations.flatMap(({ Instances = [] }) => Instances);
}

/** What hosts write of themselves once a minute, and at once after a start. */
function isHeartbeat(item: Record<string, AttributeValue>): boolean {
  return item["pk"]?.S?.startsWith("HEARTBEAT#") ?? false;
}

/** What a user of the account sees of it; not what only counts the time. */
async function accountOf(scenario: Scenario) {
  const { endpoints } = scenario.cloud;
  const credentials = { accessKeyId: "holdfast", secretAccessKey: "holdfast" };
  const client = { endpoint: endpoints.aws, region: endpoints.region, credentials };
  const [dynamodb, ssm, sfn] = [new DynamoDBClient(client), new SSMClient(client), new SFNClient(client)];
  const { TableNames = [] } = await dynamodb.send(new ListTablesCommand());
  const { stateMachines = [] } = await sfn.send(new ListStateMachinesCommand());
  const ask = [
    instancesOf(scenario),
    scenario.ec2.send(new DescribeVolumesCommand()).then(({ Volumes }) => Volumes),
    scenario.autoScaling.send(new DescribeAutoScalingGroupsCommand()).then((answer) => answer.AutoScalingGroups),
    new IAMClient(client).send(new ListRolesCommand()).then(({ Roles }) => Roles),
    ssm.send(new GetParametersByPathCommand({ Path: "/", Recursive: true })).then(({ Parameters }) => Parameters),
    ...TableNames.map((TableName) =>
      dynamodb
        .send(new ScanCommand({ TableName }))
        .then(({ Items = [] }) => Items.filter((item) => !isHeartbeat(item))),
    ),
    ...stateMachines.map(({ stateMachineArn }) =>
      sfn.send(new ListExecutionsCommand({ stateMachineArn })).then(({ executions }) => executions),
    ),
  ];
  return await Promise.all(ask);
}

test("two local clouds side by side share nothing, not even for clusters of one name", async () => {
  await Promise.all([create(one, HA), create(other, SMALL)]);

  await one.etcdctl(NAME, "put", "whose", "the first one's");
  await other.etcdctl(NAME, "put", "whose", "the other's");

  expect(await one.etcdctl(NAME, "get", "--print-value-only", "whose")).toBe("the first one's");
  expect(await other.etcdctl(NAME, "get", "--print-value-only", "whose")).toBe("the other's");
  const [ours, theirs] = await Promise.all([instancesOf(one), instancesOf(other)]);
  expect([ours.length, theirs.length]).toEqual([5, 2]);
  const namesOf = (instance: (typeof ours)[number]) => [instance.InstanceId, instance.VpcId, instance.SubnetId];
  const oursNamed = new Set(ours.flatMap(namesOf));
  expect(theirs.flatMap(namesOf).filter((name) => oursNamed.has(name))).toEqual([]);
});

test("started again with its directory, the account is as it was and the cluster whole, with its data", async () => {
  const before = await accountOf(one);
  await one[Symbol.asyncDispose]();

  one = await startScenario({ dataDirectory: directory });

  expect(await accountOf(one)).toEqual(before);
  const value = () => one.etcdctl(NAME, "get", "--print-value-only", "whose").catch(() => "");
  expect(await eventually(value, (text) => text !== "", WHOLE_LIMIT_MS)).toBe("the first one's");
  const cluster = await eventually(
    () => one.cluster(NAME),
    ({ quorum, nodes }) => quorum.healthy === 3 && nodes.every(({ ready }) => ready),
    WHOLE_LIMIT_MS,
  );
  expect(cluster.status).toBe("ACTIVE");
});

test("the cluster that came back takes writes, and its nodes still answer to it", async () => {
  await one.etcdctl(NAME, "put", "after", "the restart");
  const { members } = await one.cluster(NAME);
  const shell = [
    "local",
    "shell",
    NAME,
    members[0]?.name ?? "",
    "--",
    "kubectl",
    "--kubeconfig",
    "/etc/kubernetes/admin.conf",
    "get",
    "nodes",
    "--no-headers",
  ];

  const ready = await eventually(
    () => one.holdfast(...shell),
    ({ stdout }) => (stdout.match(/ Ready /g) ?? []).length === 5,
    WHOLE_LIMIT_MS,
  );

  expect(ready.stdout).not.toContain("NotReady");
});
