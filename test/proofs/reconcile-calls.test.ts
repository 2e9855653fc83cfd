import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  AttachVolumeCommand,
  CreateVolumeCommand,
  DescribeImagesCommand,
  DescribeSubnetsCommand,
  EC2Client,
  RunInstancesCommand,
} from "@aws-sdk/client-ec2";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { BatchWriteCommand, DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { expect, test } from "vitest";
import { BUDGETS } from "../../bench/budgets.ts";
import { callsOfFunctions } from "../../bench/calls.ts";
import type { ClusterRecord } from "../../functions/domain/cluster/records.ts";
import { findEndpointDrift } from "../../functions/domain/drift/endpoint-drift.ts";
import { findGroupDrift, findMachineDrift } from "../../functions/domain/drift/machine-drift.ts";
import { findNetworkDrift } from "../../functions/domain/drift/network-drift.ts";
import { planCluster } from "../../functions/domain/plan/plan.ts";
import { specFromFlags } from "../../functions/domain/spec/parse-spec.ts";
import { type LocalCloud, startLocalCloud } from "../../local/cloud.ts";
import { fakeHosts } from "../../local/testing/fake-hosts.ts";
import type { CallRecord } from "../../local/wire/server.ts";
import { CDK_OUT } from "../support/build-product.ts";
import { findFunction } from "../support/find-function.ts";
import { eventually } from "../support/scenario.ts";
import { heartbeatOf, heartbeatTable, tableName } from "../support/table-name.ts";

const CLUSTERS = 100;
const MEMBERS = ["a", "b", "c"];

test("a reconcile run over a hundred healthy clusters stays within its budget of calls, the table's included", async () => {
  const calls: CallRecord[] = [];
  const cloud = await startLocalCloud({
    cdkOut: CDK_OUT,
    port: 0,
    hosts: fakeHosts(),
    account: { defaultVpc: true },
    scheduleSpeed: 0,
    onCall: (record) => calls.push(record),
  });
  await using _ = { [Symbol.asyncDispose]: () => cloud.close() };
  const client = {
    endpoint: cloud.endpoints.aws,
    region: cloud.endpoints.region,
    credentials: { accessKeyId: "holdfast", secretAccessKey: "holdfast" },
  };
  const lambda = new LambdaClient(client);
  const FunctionName = await findFunction(lambda, "reconcile");
  await putClusters(client, cloud);
  const before = calls.length;

  const { FunctionError } = await lambda.send(new InvokeCommand({ FunctionName, Payload: "{}" }));

  expect(FunctionError).toBeUndefined();
  const made = callsOfFunctions(calls.slice(before));
  expect(made.filter(({ operation }) => operation === "StartExecution")).toEqual([]);
  expect(made.length).toBeGreaterThan(3);
  expect(made.filter(({ operation }) => operation === "DescribeTargetHealth")).toHaveLength(12);
  console.info(
    `calls of a reconcile run over ${CLUSTERS} clusters: ${made
      .map(({ operation }) => operation)
      .sort()
      .join(" ")}`,
  );
  expect(made.length).toBeLessThanOrEqual(BUDGETS.reconcile);
});

/** An ACTIVE cluster of three masters, of which nothing but the masters is there, as the reconciler knows already. */
function clusterRecord(name: string, uid: string): ClusterRecord {
  const zones = "us-west-2a,us-west-2b,us-west-2c";
  const parsed = specFromFlags([
    { flag: "--name", value: name },
    { flag: "--zones", value: zones },
    { flag: "--master-zones", value: zones },
    { flag: "--topology", value: "private" },
    // A backup is a call for each cluster and slot, and no matter of a reconcile run.
    { flag: "--backup-interval", value: "0" },
  ]);
  if (!parsed.ok) throw new Error("the spec of this test is wrong");
  const at = new Date().toISOString();
  const cluster: ClusterRecord = {
    ...{ name, uid, status: "ACTIVE", reason: null, spec: parsed.spec, plan: planCluster(parsed.spec).plan },
    ...{ operation: null, leader: "a", nodes: [], createdAt: at, updatedAt: at },
    network: { vpcId: "vpc-1", internetGatewayId: "igw-1", subnets: {}, masterGroupId: "sg-1", nodeGroupId: "sg-2" },
    endpoint: { loadBalancerArn: "lb", targetGroupArn: targetGroupArn(uid), host: "api" },
  };
  const nothing = { groups: new Map(), routeTables: [], natGateways: [], addresses: [], templates: new Set<string>() };
  const found = [
    ...findNetworkDrift(cluster, [], nothing),
    ...findGroupDrift(cluster, new Map()),
    ...findEndpointDrift(cluster, [], undefined),
    ...findMachineDrift(cluster, { hooked: [], roles: [], parameters: [] }),
  ].map((drift) => ({ ...drift, since: at, reported: true }));
  return { ...cluster, drift: { version: 1, fullAt: null, found } };
}

function targetGroupArn(uid: string): string {
  return `arn:aws:elasticloadbalancing:us-west-2:123456789012:targetgroup/hf-${uid}/0123456789abcdef`;
}

/** A hundred ACTIVE clusters as the table knows them, with instances, volumes and heartbeats that bear them out. */
async function putClusters(client: ConstructorParameters<typeof EC2Client>[0] & object, cloud: LocalCloud) {
  const ec2 = new EC2Client(client);
  const documents = DynamoDBDocumentClient.from(new DynamoDBClient(client));
  const { Images = [] } = await ec2.send(
    new DescribeImagesCommand({ Owners: ["amazon"], Filters: [{ Name: "name", Values: ["al2023-ami-*-x86_64"] }] }),
  );
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}));
  const TagSpecifications = (ResourceType: "instance" | "volume") => [
    {
      ResourceType,
      Tags: [
        { Key: "holdfast:member", Value: "a" },
        { Key: "holdfast:uid", Value: "somebody" },
      ],
    },
  ];
  for (let index = 0; index < CLUSTERS; index++) {
    const name = `c${index}.example.com`;
    const uid = `uid${index}`;
    const { Instances = [] } = await ec2.send(
      new RunInstancesCommand({
        ImageId: Images[0]?.ImageId,
        InstanceType: "t3.medium",
        SubnetId: Subnets[0]?.SubnetId,
        MinCount: MEMBERS.length,
        MaxCount: MEMBERS.length,
        TagSpecifications: TagSpecifications("instance"),
      }),
    );
    const now = new Date().toISOString();
    const seconds = Math.floor(Date.now() / 1000);
    const record = clusterRecord(name, uid);
    const items: Record<string, unknown>[] = [{ pk: `CLUSTER#${name}`, sk: "META", kind: "CLUSTER", name, record }];
    const heartbeats: Record<string, unknown>[] = [];
    for (const [position, member] of MEMBERS.entries()) {
      const { VolumeId } = await ec2.send(
        new CreateVolumeCommand({
          AvailabilityZone: Subnets[0]?.AvailabilityZone,
          Size: 1,
          VolumeType: "gp3",
          TagSpecifications: TagSpecifications("volume"),
        }),
      );
      const instanceId = Instances[position]?.InstanceId;
      const toIt = { VolumeId, InstanceId: instanceId, Device: "/dev/sdf" };
      await eventually(() => ec2.send(new AttachVolumeCommand(toIt)).catch(() => undefined), Boolean, 60_000);
      const known = { member, instanceId, volumeId: VolumeId, health: "healthy", observedAt: now, generation: 1 };
      items.push({
        pk: `CLUSTER#${name}`,
        sk: `MEMBER#${member}`,
        kind: "MEMBER",
        name: `${name}/${member}`,
        cluster: name,
        record: known,
      });
      const key = heartbeatOf(cloud, uid, instanceId ?? "");
      heartbeats.push({ ...key, member, instanceId, healthy: true, since: seconds, at: seconds });
    }
    const puts = (each: readonly Record<string, unknown>[]) => each.map((Item) => ({ PutRequest: { Item } }));
    const RequestItems = { [tableName(cloud)]: puts(items), [heartbeatTable(cloud)]: puts(heartbeats) };
    await documents.send(new BatchWriteCommand({ RequestItems }));
  }
}
