import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ApiGatewayV2Client, GetApisCommand, GetRoutesCommand } from "@aws-sdk/client-apigatewayv2";
import {
  CloudFormationClient,
  DescribeStacksCommand,
  GetTemplateCommand,
  paginateListStackResources,
  waitUntilStackExists,
} from "@aws-sdk/client-cloudformation";
import { CloudWatchClient, GetMetricStatisticsCommand } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient, paginateFilterLogEvents } from "@aws-sdk/client-cloudwatch-logs";
import { GetPolicyCommand, InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { DeleteMessageCommand, ListQueuesCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type LocalCloud, startLocalCloud } from "../cloud.ts";
import { eventually } from "../testing/context.ts";
import { fakeHosts } from "../testing/fake-hosts.ts";
import { synthesizeLittleStack } from "../testing/little-stack.ts";

const directory = mkdtempSync(join(tmpdir(), "holdfast-test-"));
let cloud: LocalCloud;
beforeAll(async () => {
  const little = synthesizeLittleStack(directory);
  cloud = await startLocalCloud({ ...little, port: 0, hosts: fakeHosts(), scheduleSpeed: 0 });
});
afterAll(async () => {
  await cloud.close();
  rmSync(directory, { recursive: true, force: true });
});

function settings() {
  return {
    endpoint: cloud.endpoints.aws,
    region: cloud.endpoints.region,
    credentials: { accessKeyId: "holdfast", secretAccessKey: "holdfast" },
  };
}

test("16.4: an invocation is in its function's log group, and counted", async () => {
  const FunctionName = cloud.stack.resources.get("Fail795F0B6F")?.ref ?? "";
  await new LambdaClient(settings()).send(new InvokeCommand({ FunctionName }));
  const logGroupName = `/aws/lambda/${FunctionName}`;
  const pages = paginateFilterLogEvents({ client: new CloudWatchLogsClient(settings()) }, { logGroupName, limit: 1 });
  const messages: string[] = [];
  for await (const { events = [] } of pages) messages.push(...events.map(({ message = "" }) => message));

  expect(messages).toEqual([
    expect.stringMatching(/^START RequestId: \S+ Version: \$LATEST\n$/),
    expect.stringContaining('Invoke Error\t{"errorType":"NotReadyYet","errorMessage":"no such member"'),
    expect.stringMatching(/^END RequestId/),
    expect.stringMatching(/^REPORT RequestId: \S+\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB/),
  ]);
  const { Datapoints } = await new CloudWatchClient(settings()).send(
    new GetMetricStatisticsCommand({
      ...{ Namespace: "AWS/Lambda", MetricName: "Errors", Period: 3600, Statistics: ["Sum"] },
      Dimensions: [{ Name: "FunctionName", Value: FunctionName }],
      ...{ StartTime: new Date(Date.now() - 600_000), EndTime: new Date(Date.now() + 600_000) },
    }),
  );
  expect(Datapoints?.map(({ Sum }) => Sum)).toEqual([1]);
});

test("16.4: the stack is described with its outputs, its template and all its resources", async () => {
  const client = new CloudFormationClient(settings());
  await waitUntilStackExists({ client, maxWaitTime: 30 }, { StackName: "Little" });
  const { Stacks } = await client.send(new DescribeStacksCommand());
  const { TemplateBody = "" } = await client.send(new GetTemplateCommand({ StackName: "Little" }));
  const ids: string[] = [];
  for await (const { StackResourceSummaries = [] } of paginateListStackResources({ client }, { StackName: "Little" }))
    ids.push(...StackResourceSummaries.map(({ LogicalResourceId = "" }) => LogicalResourceId));

  expect(Stacks?.map(({ StackName, StackStatus }) => [StackName, StackStatus])).toEqual([
    ["Little", "CREATE_COMPLETE"],
  ]);
  expect(Stacks?.[0]?.Outputs?.map(({ OutputKey }) => OutputKey)).toEqual(["Url", "FlowArn"]);
  expect(ids).toEqual([...cloud.stack.resources.keys()].toSorted());
  expect(Object.keys(JSON.parse(TemplateBody).Resources)).toContain("FlowA74D6E88");
  await expect(client.send(new DescribeStacksCommand({ StackName: "None" }))).rejects.toMatchObject({
    name: "ValidationError",
    message: "Stack with id None does not exist",
  });
});

test("16.4: what nobody could deliver is received from its queue and deleted", async () => {
  const client = new SQSClient(settings());
  const { QueueUrls: [QueueUrl] = [] } = await client.send(new ListQueuesCommand());
  const FunctionName = cloud.stack.resources.get("Fail795F0B6F")?.ref;
  await new LambdaClient(settings()).send(new InvokeCommand({ FunctionName, InvocationType: "Event" }));

  const message = await eventually(async () => {
    const { Messages } = await client.send(new ReceiveMessageCommand({ QueueUrl }));
    return Messages?.[0];
  });
  const again = await client.send(new ReceiveMessageCommand({ QueueUrl }));
  await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message.ReceiptHandle }));

  expect(JSON.parse(message.Body ?? "")).toMatchObject({ requestContext: { condition: "RetriesExhausted" } });
  expect(again.Messages).toBeUndefined();
  expect(cloud.services.queues.arns().map((arn) => cloud.services.queues.messages(arn).length)).toEqual([0]);
});

test("16.4: the API and who may invoke a function are shown as they are", async () => {
  const client = new ApiGatewayV2Client(settings());
  const { Items: [api] = [] } = await client.send(new GetApisCommand());
  const { Items: routes } = await client.send(new GetRoutesCommand({ ApiId: api?.ApiId }));
  const FunctionName = cloud.stack.resources.get("Echo11F3FB29")?.ref;
  const { Policy = "" } = await new LambdaClient(settings()).send(new GetPolicyCommand({ FunctionName }));

  expect(routes?.map(({ RouteKey, AuthorizationType }) => [RouteKey, AuthorizationType])).toEqual(
    expect.arrayContaining([
      ["GET /clusters/{name}", "AWS_IAM"],
      ["ANY /chat/{proxy+}", "NONE"],
    ]),
  );
  const principals = JSON.parse(Policy).Statement.map((each: { Principal: object }) => each.Principal);
  expect(principals).toContainEqual({ Service: "events.amazonaws.com" });
});
