import { isDeepStrictEqual } from "node:util";
import * as apigateway from "@aws-sdk/client-apigatewayv2";
import * as autoscaling from "@aws-sdk/client-auto-scaling";
import * as cloudformation from "@aws-sdk/client-cloudformation";
import * as cloudwatch from "@aws-sdk/client-cloudwatch";
import * as logs from "@aws-sdk/client-cloudwatch-logs";
import * as dynamodb from "@aws-sdk/client-dynamodb";
import * as ec2 from "@aws-sdk/client-ec2";
import * as elb from "@aws-sdk/client-elastic-load-balancing-v2";
import * as eventbridge from "@aws-sdk/client-eventbridge";
import * as iam from "@aws-sdk/client-iam";
import * as kms from "@aws-sdk/client-kms";
import * as lambda from "@aws-sdk/client-lambda";
import * as route53 from "@aws-sdk/client-route-53";
import * as sfn from "@aws-sdk/client-sfn";
import * as sns from "@aws-sdk/client-sns";
import * as sqs from "@aws-sdk/client-sqs";
import * as ssm from "@aws-sdk/client-ssm";
import * as sts from "@aws-sdk/client-sts";
import { expect, test } from "vitest";
import { type ClientSide, clientSide } from "../testing/client-side.ts";
import { Generator, isLeftOut } from "../testing/generate.ts";
import type { Operation } from "./operation.ts";
import { decodeRequest } from "./requests.ts";
import { encodeOutput } from "./responses.ts";
import { isRecord, membersOf } from "./schema.ts";
import { defineService, type Service } from "./service.ts";

// The schemas are undocumented: this is the gate that a new version of the SDK has to pass.
const services = [
  { client: clientSide(ec2, "EC2Client"), service: defineService(ec2, "EC2Client", {}) },
  {
    client: clientSide(autoscaling, "AutoScalingClient"),
    service: defineService(autoscaling, "AutoScalingClient", {}),
  },
  {
    client: clientSide(elb, "ElasticLoadBalancingV2Client"),
    service: defineService(elb, "ElasticLoadBalancingV2Client", {}),
  },
  { client: clientSide(iam, "IAMClient"), service: defineService(iam, "IAMClient", {}) },
  { client: clientSide(ssm, "SSMClient"), service: defineService(ssm, "SSMClient", {}) },
  { client: clientSide(sts, "STSClient"), service: defineService(sts, "STSClient", {}) },
  { client: clientSide(route53, "Route53Client"), service: defineService(route53, "Route53Client", {}) },
  { client: clientSide(sfn, "SFNClient"), service: defineService(sfn, "SFNClient", {}) },
  { client: clientSide(dynamodb, "DynamoDBClient"), service: defineService(dynamodb, "DynamoDBClient", {}) },
  {
    client: clientSide(eventbridge, "EventBridgeClient"),
    service: defineService(eventbridge, "EventBridgeClient", {}),
  },
  { client: clientSide(lambda, "LambdaClient"), service: defineService(lambda, "LambdaClient", {}) },
  {
    client: clientSide(apigateway, "ApiGatewayV2Client"),
    service: defineService(apigateway, "ApiGatewayV2Client", {}),
  },
  {
    client: clientSide(cloudformation, "CloudFormationClient"),
    service: defineService(cloudformation, "CloudFormationClient", {}),
  },
  { client: clientSide(cloudwatch, "CloudWatchClient"), service: defineService(cloudwatch, "CloudWatchClient", {}) },
  { client: clientSide(kms, "KMSClient"), service: defineService(kms, "KMSClient", {}) },
  { client: clientSide(logs, "CloudWatchLogsClient"), service: defineService(logs, "CloudWatchLogsClient", {}) },
  { client: clientSide(sns, "SNSClient"), service: defineService(sns, "SNSClient", {}) },
  { client: clientSide(sqs, "SQSClient"), service: defineService(sqs, "SQSClient", {}) },
].map((pair) => ({ ...pair, name: pair.service.signingName }));

test.each(services)("$name: every operation's input arrives as the client sent it", async ({ client, service }) => {
  const generate = new Generator(1);
  const wrong: unknown[] = [];
  for (const operation of service.operations.values()) {
    if (operation.input.isUnitSchema()) continue;
    const sent = generate.value(operation.input);
    const received = await decodeRequest(service, await client.request(operation, structuredClone(sent)));
    if (received.operation.name !== operation.name || !isDeepStrictEqual(plain(received.input), plain(sent))) {
      wrong.push({ operation: operation.name, as: received.operation.name, sent, received: received.input });
    }
  }
  expect(wrong).toEqual([]);
});

test.each(services)(
  "$name: every operation's output is read by the client as it was given",
  async ({ client, service }) => {
    const generate = new Generator(2);
    const wrong: unknown[] = [];
    for (const operation of service.operations.values()) {
      const isEventStream = operation.output.getEventStreamMember() !== "";
      if (operation.output.isUnitSchema() || isEventStream) continue;
      const given = generate.value(operation.output);
      const read = await readBack(client, service, operation, given);
      if (!isDeepStrictEqual(plain(read), plain(expected(service, operation, given)))) {
        wrong.push({ operation: operation.name, given, read });
      }
    }
    expect(wrong).toEqual([]);
  },
);

async function readBack(client: ClientSide, service: Service, operation: Operation, given: unknown): Promise<unknown> {
  const output = isRecord(given) ? given : {};
  const read = await client.read(operation, await encodeOutput(service, operation, structuredClone(output), "id"));
  if (!isRecord(read)) return read;
  const filledByClient = membersOf(operation.output).filter(([, member]) => isLeftOut(member));
  for (const [name] of filledByClient) delete read[name];
  return read;
}

/** Services that answer in XML send their empty lists too. */
function expected(service: Service, operation: Operation, given: unknown): object {
  const listsAreFilled = service.protocol === "query" || service.protocol === "ec2";
  const lists = membersOf(operation.output).filter(([, member]) => listsAreFilled && member.isListSchema());
  return { ...Object.fromEntries(lists.map(([name]) => [name, []])), ...(isRecord(given) ? given : {}) };
}

/** Without what does not matter: undefined members, the client's metadata, and which kind of bytes or date it is. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return [...value];
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(plain);
  if (!isRecord(value)) return value;
  const members = Object.entries(value).filter(
    ([name, member]) => name !== "$metadata" && (member ?? undefined) !== undefined,
  );
  return Object.fromEntries(members.map(([name, member]) => [name, plain(member)]));
}
