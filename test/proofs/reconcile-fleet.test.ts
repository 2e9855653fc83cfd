import { CreateAutoScalingGroupCommand } from "@aws-sdk/client-auto-scaling";
import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { CreateLaunchTemplateCommand, CreateVolumeCommand } from "@aws-sdk/client-ec2";
import { BatchWriteCommand, DynamoDBDocumentClient, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import { masterGroupName } from "../../functions/domain/cluster/naming.ts";
import { planCluster } from "../../functions/domain/plan/plan.ts";
import { specFromFlags } from "../../functions/domain/spec/parse-spec.ts";
import { keys } from "../../functions/store/keys.ts";
import { reconcile } from "../support/reconcile.ts";
import { type Scenario, startScenario } from "../support/scenario.ts";

const CLUSTERS = 100;
const MEMBERS = ["a", "b", "c"];
const ZONES = "us-west-2a,us-west-2b,us-west-2c";

let scenario: Scenario;
let table: DynamoDBDocumentClient;
let TableName: string;
beforeAll(async () => {
  scenario = await startScenario();
  const { aws: endpoint, region } = scenario.cloud.endpoints;
  const client = new DynamoDBClient({
    endpoint,
    region,
    credentials: { accessKeyId: "holdfast", secretAccessKey: "holdfast" },
  });
  table = DynamoDBDocumentClient.from(client);
  TableName = (await client.send(new ListTablesCommand({}))).TableNames?.[0] ?? "";
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});

function uidOf(index: number) {
  return `uid-${index}`;
}

function nameOf(index: number) {
  return `n${index}.example.com`;
}

function tagsOf(index: number) {
  return [{ Key: "holdfast:uid", Value: uidOf(index) }];
}

/**
 * A cluster's items as three masters leave them, held by an operation that is at work: the reconciler looks and leaves.
 */
function itemsOf(index: number): Record<string, unknown>[] {
  const parsed = specFromFlags([
    { flag: "--name", value: nameOf(index) },
    { flag: "--zones", value: ZONES },
    { flag: "--master-zones", value: ZONES },
    // A backup is a call for each cluster and slot, and no matter of a reconcile run.
    { flag: "--backup-interval", value: "0" },
  ]);
  if (!parsed.ok) throw new Error("the spec of this test is wrong");
  const at = new Date().toISOString();
  const operation = `op-${index}`;
  const { plan } = planCluster(parsed.spec);
  const cluster = { name: nameOf(index), uid: uidOf(index), status: "ACTIVE", reason: null, spec: parsed.spec, plan };
  const rest = { operation, leader: "a", nodes: [], createdAt: at, updatedAt: at };
  const lease = { id: operation, cluster: nameOf(index), kind: "repair", status: "RUNNING", startedAt: at };
  return [
    { ...keys.cluster(nameOf(index)), kind: "CLUSTER", name: nameOf(index), record: { ...cluster, ...rest } },
    { ...keys.operation(operation), record: { ...lease, leaseUntil: Date.now() + 3_600_000, steps: {}, error: null } },
    ...MEMBERS.map((member) => ({
      ...keys.member(nameOf(index), member),
      kind: "MEMBER",
      name: `${nameOf(index)}/${member}`,
      cluster: nameOf(index),
      record: { member, volumeId: null, interfaceId: null, instanceId: null, generation: 1, health: "healthy" },
    })),
  ];
}

function write(items: readonly Record<string, unknown>[]) {
  return table.send(
    new BatchWriteCommand({ RequestItems: { [TableName]: items.map((Item) => ({ PutRequest: { Item } })) } }),
  );
}

/** What one reconcile run asked, from here on. */
async function callsOf(act: () => Promise<void>): Promise<string[]> {
  const from = scenario.calls.length;
  await act();
  return scenario.calls
    .slice(from)
    .flatMap(({ principal, operation }) => (/reconcile/i.test(principal) ? [operation] : []));
}

test("a reconcile run over a hundred clusters, with thirty resources each, makes at most forty calls", async () => {
  for (let index = 0; index < CLUSTERS; index += 1) {
    await write(itemsOf(index));
    const owner = { cluster: nameOf(index), uid: uidOf(index), labels: {} };
    const templates = Array.from({ length: 24 }, (_, number) =>
      scenario.ec2.send(
        new CreateLaunchTemplateCommand({
          LaunchTemplateName: `t-${index}-${number}`,
          LaunchTemplateData: { ImageId: "ami-1", InstanceType: "t3.medium" },
          TagSpecifications: [{ ResourceType: "launch-template", Tags: tagsOf(index) }],
        }),
      ),
    );
    await Promise.all(templates);
    const groups = [
      ...MEMBERS.map((member) => masterGroupName(owner, member)),
      ...MEMBERS.map((z) => `nodes-${z}-${index}`),
    ];
    for (const AutoScalingGroupName of groups) {
      await scenario.autoScaling.send(
        new CreateAutoScalingGroupCommand({
          ...{ AutoScalingGroupName, MinSize: 0, MaxSize: 1, AvailabilityZones: ["us-west-2a"] },
          LaunchTemplate: { LaunchTemplateName: `t-${index}-0` },
          Tags: tagsOf(index),
        }),
      );
    }
  }

  const calls = await callsOf(() => reconcile(scenario));

  expect(calls.length).toBeLessThanOrEqual(40);
  expect(calls.filter((name) => name === "StartExecution")).toEqual([]);
  console.info(`calls of a reconcile run over ${CLUSTERS} clusters: ${calls.length}: ${[...calls].sort().join(" ")}`);
});

test("what belongs to no cluster is reported once a day after two hours, and is not touched", async () => {
  const { VolumeId = "" } = await scenario.ec2.send(
    new CreateVolumeCommand({
      AvailabilityZone: "us-west-2a",
      Size: 1,
      TagSpecifications: [{ ResourceType: "volume", Tags: [{ Key: "holdfast:uid", Value: "nobody" }] }],
    }),
  );

  const first = await callsOf(() => reconcile(scenario));
  const { Item } = await table.send(new GetCommand({ TableName, Key: keys.orphans() }));
  const seen = { [VolumeId]: Math.floor(Date.now() / 1000) - 7_200 };
  await table.send(new PutCommand({ TableName, Item: { ...keys.orphans(), record: { seen, reportedOn: null } } }));
  const second = await callsOf(() => reconcile(scenario));
  const third = await callsOf(() => reconcile(scenario));

  expect(Object.keys(Item?.["record"].seen)).toEqual([VolumeId]);
  const reported = [first, second, third].map((calls) => calls.filter((name) => name === "PutEvents").length);
  expect(reported).toEqual([0, 1, 0]);
  const lines = scenario.cloud.services.lambda.logs().map(({ text }) => text);
  expect(lines.some((text) => text.includes("resources belong to no cluster") && text.includes(VolumeId))).toBe(true);
  const changing = [...first, ...second, ...third].filter((name) => /^(Delete|Terminate|Detach)/.test(name));
  expect(changing).toEqual([]);
});
