import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import * as autoscaling from "@aws-sdk/client-auto-scaling";
import * as dynamodb from "@aws-sdk/client-dynamodb";
import * as ec2 from "@aws-sdk/client-ec2";
import * as lambda from "@aws-sdk/client-lambda";
import * as route53 from "@aws-sdk/client-route-53";
import * as s3 from "@aws-sdk/client-s3";
import * as sfn from "@aws-sdk/client-sfn";
import { Uint8ArrayBlobAdapter } from "@smithy/core/serde";
import { expect, test } from "vitest";
import { startWire } from "../testing/wire.ts";
import { AwsError } from "./contract.ts";
import type { CallRecord } from "./server.ts";
import { defineService } from "./service.ts";

const awkward = '<x> & "q"\n日本';

/** Binary members reach handlers as bytes, whatever a client may give. */
function textOf(payload: unknown): string {
  return payload instanceof Uint8Array ? Buffer.from(payload).toString() : "no bytes";
}

test("EC2: lists, tags with awkward characters, dates and booleans arrive as sent", async () => {
  const launchTime = new Date("2026-11-22T07:00:00.123Z");
  const service = defineService(ec2, "EC2Client", {
    RunInstances: (input) => ({
      ReservationId: "r-1",
      Instances: (input.SecurityGroupIds ?? []).map((GroupId) => ({
        InstanceId: `i-${GroupId}`,
        LaunchTime: launchTime,
        EbsOptimized: input.EbsOptimized ?? true,
        Tags: input.TagSpecifications?.[0]?.Tags ?? [],
      })),
    }),
  });
  await using cloud = await startWire({ services: [service] });
  const answer = await new ec2.EC2(cloud.client).runInstances({
    MinCount: 1,
    MaxCount: 1,
    EbsOptimized: false,
    SecurityGroupIds: ["sg-1", "sg-2"],
    TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "note", Value: awkward }] }],
  });
  expect(answer.Instances).toEqual(
    ["i-sg-1", "i-sg-2"].map((InstanceId) => ({
      InstanceId,
      LaunchTime: launchTime,
      EbsOptimized: false,
      Tags: [{ Key: "note", Value: awkward }],
    })),
  );
});

test("EC2: an empty answer still has its lists, an error its code, status and request id", async () => {
  const service = defineService(ec2, "EC2Client", {
    DescribeVolumes: () => ({}),
    DeleteVolume: ({ VolumeId }) => {
      throw new AwsError("InvalidVolume.NotFound", `The volume '${VolumeId}' does not exist.`);
    },
  });
  await using cloud = await startWire({ services: [service] });
  const client = new ec2.EC2(cloud.client);
  expect((await client.describeVolumes({})).Volumes).toEqual([]);
  await expect(client.deleteVolume({ VolumeId: "vol-<1>" })).rejects.toMatchObject({
    name: "InvalidVolume.NotFound",
    message: "The volume 'vol-<1>' does not exist.",
    $metadata: { httpStatusCode: 400, requestId: expect.any(String) },
  });
});

test("Auto Scaling: nested lists arrive, and a modelled error keeps its class though its wire name differs", async () => {
  const names: unknown[] = [];
  const service = defineService(autoscaling, "AutoScalingClient", {
    CreateAutoScalingGroup: (input) => {
      names.push(input.MixedInstancesPolicy?.LaunchTemplate?.Overrides?.map((override) => override.InstanceType));
      if (names.length > 1) throw new AwsError("AlreadyExistsFault", "exists");
      return {};
    },
  });
  await using cloud = await startWire({ services: [service] });
  const client = new autoscaling.AutoScaling(cloud.client);
  const group = {
    AutoScalingGroupName: "a",
    MinSize: 0,
    MaxSize: 1,
    MixedInstancesPolicy: {
      LaunchTemplate: { Overrides: [{ InstanceType: "m7g.large" }, { InstanceType: "m8g.large" }] },
    },
  };
  await client.createAutoScalingGroup(group);
  await expect(client.createAutoScalingGroup(group)).rejects.toBeInstanceOf(autoscaling.AlreadyExistsFault);
  expect(names[0]).toEqual(["m7g.large", "m8g.large"]);
});

test("JSON: dates and modelled errors with fields arrive", async () => {
  const startDate = new Date("2026-11-22T07:00:00.123Z");
  const machines = defineService(sfn, "SFNClient", {
    StartExecution: (input) => ({ executionArn: `${input.stateMachineArn}:${input.name}`, startDate }),
  });
  const tables = defineService(dynamodb, "DynamoDBClient", {
    TransactWriteItems: () => {
      throw new AwsError("TransactionCanceledException", "cancelled", {
        fields: {
          CancellationReasons: [{ Code: "None" }, { Code: "ConditionalCheckFailed", Item: { n: { N: "7" } } }],
        },
      });
    },
  });
  await using cloud = await startWire({ services: [machines, tables] });
  const started = await new sfn.SFN(cloud.client).startExecution({ stateMachineArn: "arn:x", name: "e" });
  expect(started).toMatchObject({ executionArn: "arn:x:e", startDate });
  const TransactItems = [{ Delete: { TableName: "clusters", Key: { n: { N: "7" } } } }];
  await expect(new dynamodb.DynamoDB(cloud.client).transactWriteItems({ TransactItems })).rejects.toMatchObject({
    name: "TransactionCanceledException",
    CancellationReasons: [{ Code: "None" }, { Code: "ConditionalCheckFailed", Item: { n: { N: "7" } } }],
  });
});

test("REST: labels, query, headers and payloads find their places", async () => {
  const functions = defineService(lambda, "LambdaClient", {
    Invoke: (input) => ({
      StatusCode: 200,
      ExecutedVersion: input.Qualifier,
      Payload: Uint8ArrayBlobAdapter.fromString(`${input.FunctionName} got ${textOf(input.Payload)}`),
    }),
  });
  const zones = defineService(route53, "Route53Client", {
    ChangeResourceRecordSets: (input) => ({
      ChangeInfo: {
        Id: input.HostedZoneId,
        Status: route53.ChangeStatus.PENDING,
        SubmittedAt: new Date(0),
        Comment: String(input.ChangeBatch?.Changes?.map((change) => change.ResourceRecordSet?.Name)),
      },
    }),
  });
  await using cloud = await startWire({ services: [functions, zones] });
  const arn = "arn:aws:lambda:us-west-2:123456789012:function:f";
  const invoked = await new lambda.Lambda(cloud.client).invoke({
    FunctionName: arn,
    Qualifier: "live",
    Payload: Buffer.from("{}"),
  });
  expect(invoked.Payload?.transformToString()).toBe(`${arn} got {}`);
  expect(invoked.ExecutedVersion).toBe("live");
  const changed = await new route53.Route53(cloud.client).changeResourceRecordSets({
    HostedZoneId: "Z1",
    ChangeBatch: { Changes: [{ Action: "CREATE", ResourceRecordSet: { Name: "api.example", Type: "A" } }] },
  });
  expect(changed.ChangeInfo).toMatchObject({ Id: "Z1", Comment: "api.example" });
});

test("S3: bucket and key come from the path, metadata from headers, and a chunked body is unwrapped", async () => {
  const stored: unknown[] = [];
  const service = defineService(s3, "S3Client", {
    PutObject: async ({ Bucket, Key, Body, Metadata }) => {
      stored.push({ Bucket, Key, Metadata, body: Body instanceof Readable ? await text(Body) : Body });
      return { ETag: '"1"' };
    },
    ListObjectsV2: (input) => ({ Name: input.Bucket, KeyCount: 0, Prefix: input.Prefix }),
  });
  await using cloud = await startWire({ services: [service] });
  const client = new s3.S3(cloud.client);
  const put = await client.putObject({ Bucket: "b", Key: "a dir/k+1", Body: "hello", Metadata: { owner: "me" } });
  expect(put.ETag).toBe('"1"');
  expect(stored).toEqual([{ Bucket: "b", Key: "a dir/k+1", Metadata: { owner: "me" }, body: "hello" }]);
  expect(await client.listObjectsV2({ Bucket: "b", Prefix: "x/" })).toMatchObject({ Name: "b", Prefix: "x/" });
});

test("a missing required member is refused by the service's own error, also deep inside", async () => {
  const services = [
    defineService(ec2, "EC2Client", { RunInstances: () => ({}) }),
    defineService(autoscaling, "AutoScalingClient", { CreateOrUpdateTags: () => ({}) }),
  ];
  await using cloud = await startWire({ services });
  await expect(new ec2.EC2(cloud.client).runInstances({ MinCount: 1, MaxCount: undefined })).rejects.toMatchObject({
    name: "MissingParameter",
    message: "The request must contain the parameter MaxCount",
  });
  await expect(
    new autoscaling.AutoScaling(cloud.client).createOrUpdateTags({ Tags: [{ Key: undefined, Value: "v" }] }),
  ).rejects.toMatchObject({
    name: "ValidationError",
    message:
      "1 validation error detected: Value null at 'tags.1.member.key' failed to satisfy constraint: Member must not be null",
  });
});

test("an operation that is not emulated answers with the service's own error, and the log says so", async () => {
  const services = [defineService(ec2, "EC2Client", {}), defineService(sfn, "SFNClient", {})];
  await using cloud = await startWire({ services });
  await expect(new ec2.EC2(cloud.client).describeImages({})).rejects.toMatchObject({
    name: "InvalidAction",
    $metadata: { httpStatusCode: 501 },
  });
  await expect(new sfn.SFN(cloud.client).listActivities({})).rejects.toMatchObject({
    name: "UnknownOperationException",
  });
  expect(cloud.lines).toEqual([
    "wire: ec2: ec2:DescribeImages is not emulated by the local cloud.",
    "wire: states: states:ListActivities is not emulated by the local cloud.",
  ]);
});

test("every call is recorded, and what goes before a call can refuse it", async () => {
  const records: CallRecord[] = [];
  const service = defineService(ec2, "EC2Client", { DescribeVpcs: () => ({}), DescribeSubnets: () => ({}) });
  await using cloud = await startWire({
    services: [service],
    onCall: (record) => records.push(record),
    beforeCall: (call) => {
      if (call.operation === "DescribeSubnets")
        throw new AwsError("RequestLimitExceeded", "slow down", { status: 503 });
    },
  });
  const client = new ec2.EC2(cloud.client);
  await client.describeVpcs({});
  await expect(client.describeSubnets({})).rejects.toMatchObject({ name: "RequestLimitExceeded" });
  const principal = "arn:aws:iam::123456789012:user/holdfast";
  expect(records).toEqual([
    {
      service: "ec2",
      operation: "DescribeVpcs",
      principal,
      input: {},
      startedAt: expect.any(Number),
      durationMs: expect.any(Number),
    },
    expect.objectContaining({ operation: "DescribeSubnets", error: "RequestLimitExceeded" }),
  ]);
});

test("a handler's unexpected failure is a 500 with no details for the caller and all of them in the log", async () => {
  const service = defineService(ec2, "EC2Client", {
    DescribeVpcs: () => {
      throw new TypeError("a bug");
    },
  });
  await using cloud = await startWire({ services: [service] });
  await expect(new ec2.EC2(cloud.client).describeVpcs({})).rejects.toMatchObject({
    name: "InternalFailure",
    $metadata: { httpStatusCode: 500 },
  });
  expect(cloud.lines.join()).toContain("TypeError: a bug");
});
