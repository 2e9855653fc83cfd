import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from "@aws-sdk/client-auto-scaling";
import { DynamoDBClient, GetItemCommand, ListTablesCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { DescribeSecurityGroupsCommand, DescribeVpcsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { DescribeLoadBalancersCommand, ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { EventBridgeClient, ListRulesCommand } from "@aws-sdk/client-eventbridge";
import { IAMClient, ListRolesCommand } from "@aws-sdk/client-iam";
import { InvokeCommand, LambdaClient, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import { ListHostedZonesCommand, Route53Client } from "@aws-sdk/client-route-53";
import {
  DescribeExecutionCommand,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  SFNClient,
} from "@aws-sdk/client-sfn";
import { DescribeParametersCommand, SSMClient } from "@aws-sdk/client-ssm";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { type LocalCloud, startLocalCloud } from "../cloud.ts";
import { eventually, temporaryDirectory } from "../testing/context.ts";
import { fakeHosts } from "../testing/fake-hosts.ts";
import { type LittleStack, synthesizeLittleStack } from "../testing/little-stack.ts";

let little: LittleStack;
let cloud: LocalCloud;
const directory = mkdtempSync(join(tmpdir(), "holdfast-test-"));
beforeAll(async () => {
  little = synthesizeLittleStack(directory);
  cloud = await start();
});
afterAll(async () => {
  await cloud.close();
  rmSync(directory, { recursive: true, force: true });
});

function start(options: { dataDirectory?: string; port?: number } = {}) {
  return startLocalCloud({ ...little, port: 0, hosts: fakeHosts(), scheduleSpeed: 0, ...options });
}

function clientOptions({ endpoints }: LocalCloud) {
  return {
    endpoint: endpoints.aws,
    region: endpoints.region,
    credentials: { accessKeyId: "holdfast", secretAccessKey: "holdfast" },
  };
}

test("an SDK client reaches every service", async () => {
  const options = clientOptions(cloud);

  const answers = await Promise.all([
    new AutoScalingClient(options).send(new DescribeAutoScalingGroupsCommand()),
    new EC2Client(options).send(new DescribeVpcsCommand()),
    new ElasticLoadBalancingV2Client(options).send(new DescribeLoadBalancersCommand()),
    new IAMClient(options).send(new ListRolesCommand()),
    new Route53Client(options).send(new ListHostedZonesCommand()),
    new SSMClient(options).send(new DescribeParametersCommand()),
    new STSClient(options).send(new GetCallerIdentityCommand()),
    new EventBridgeClient(options).send(new ListRulesCommand()),
    new DynamoDBClient(options).send(new ListTablesCommand()),
    new SFNClient(options).send(new ListStateMachinesCommand()),
    new LambdaClient(options).send(new ListFunctionsCommand()),
  ]);

  const [groups, vpcs, , roles, zones, , identity, rules, tables, machines, functions] = answers;
  expect(groups.AutoScalingGroups).toEqual([]);
  expect(vpcs.Vpcs).toEqual([]);
  expect(roles.Roles).toHaveLength(4);
  expect(zones.HostedZones).toEqual([]);
  expect(identity.Arn).toBe("arn:aws:iam::123456789012:user/holdfast");
  expect(rules.Rules).toHaveLength(2);
  expect(tables.TableNames).toEqual([expect.stringMatching(/^Little-TableCD117FA1-/)]);
  expect(machines.stateMachines).toHaveLength(1);
  expect(functions.Functions).toHaveLength(2);
});

test("a function's failure travels over the wire as a function error", async () => {
  const FunctionName = cloud.stack.resources.get("Fail795F0B6F")?.ref;

  const answer = await new LambdaClient(clientOptions(cloud)).send(new InvokeCommand({ FunctionName }));

  expect([answer.StatusCode, answer.FunctionError]).toEqual([200, "Unhandled"]);
  expect(JSON.parse(answer.Payload?.transformToString() ?? "")).toMatchObject({ errorType: "NotReadyYet" });
});

test("an event starts the state machine, which invokes the function", async () => {
  const sfn = new SFNClient(clientOptions(cloud));
  const stateMachineArn = cloud.stack.resources.get("FlowA74D6E88")?.ref;

  cloud.context.publish({
    source: "aws.ec2",
    detailType: "EC2 Spot Instance Interruption Warning",
    resources: [],
    detail: { "instance-id": "i-1", "instance-action": "terminate" },
  });

  const executionArn = await eventually(async () => {
    const { executions = [] } = await sfn.send(
      new ListExecutionsCommand({ stateMachineArn, statusFilter: "SUCCEEDED" }),
    );
    return executions[0]?.executionArn;
  });
  const { output = "" } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
  expect(JSON.parse(output)).toEqual({ instance: "i-1" });
});

test("an open route answers, a signed one refuses, and the local cloud says that it is ready", async () => {
  const fetchFrom = (path: string) => fetch(`${cloud.endpoints.api}${path}`);

  const [open, closed, health] = await Promise.all([
    fetchFrom("/chat/slack"),
    fetchFrom("/clusters/demo"),
    fetchFrom("/_health"),
  ]);

  expect(await open.json()).toMatchObject({ event: { routeKey: "ANY /chat/{proxy+}" } });
  expect(closed.status).toBe(403);
  expect(await health.json()).toEqual({ status: "ready" });
});

test("a foreign security group can be put in", async () => {
  const GroupIds = ["sg-0123456789abcdef0"];
  const body = JSON.stringify({ resources: [{ kind: "security-group", groupId: GroupIds[0] }] });
  const headers = { "content-type": "application/json" };

  const answer = await fetch(`${cloud.endpoints.api}/_seed`, { method: "POST", headers, body });

  expect(await answer.json()).toEqual({ seeded: 1 });
  const { SecurityGroups } = await new EC2Client(clientOptions(cloud)).send(
    new DescribeSecurityGroupsCommand({ GroupIds }),
  );
  expect(SecurityGroups).toHaveLength(1);
});

test("what lies in a data directory is there again after a restart", async () => {
  const dataDirectory = temporaryDirectory();
  const first = await start({ dataDirectory });
  const TableName = first.stack.resources.get("TableCD117FA1")?.ref;
  const Key = { pk: { S: "cluster#demo" }, sk: { S: "spec" } };
  await new DynamoDBClient(clientOptions(first)).send(new PutItemCommand({ TableName, Item: Key }));
  await first.close();

  const second = await start({ dataDirectory });
  onTestFinished(() => second.close());

  const { Item } = await new DynamoDBClient(clientOptions(second)).send(new GetItemCommand({ TableName, Key }));
  expect(Item).toEqual(Key);
});

test("a port that is taken is said in one sentence", async () => {
  const port = Number(new URL(cloud.endpoints.api).port);

  await expect(start({ port })).rejects.toThrow(
    `Port ${port} of 127.0.0.1 is in use: is another local cloud running? Choose another one with --port.`,
  );
});
