import * as apiGateway from "@aws-sdk/client-apigatewayv2";
import * as autoScaling from "@aws-sdk/client-auto-scaling";
import * as cloudFormation from "@aws-sdk/client-cloudformation";
import * as cloudWatch from "@aws-sdk/client-cloudwatch";
import * as logs from "@aws-sdk/client-cloudwatch-logs";
import * as dynamoDb from "@aws-sdk/client-dynamodb";
import * as ec2 from "@aws-sdk/client-ec2";
import * as elb from "@aws-sdk/client-elastic-load-balancing-v2";
import * as events from "@aws-sdk/client-eventbridge";
import * as iam from "@aws-sdk/client-iam";
import * as kms from "@aws-sdk/client-kms";
import * as lambda from "@aws-sdk/client-lambda";
import * as route53 from "@aws-sdk/client-route-53";
import * as s3 from "@aws-sdk/client-s3";
import * as serviceQuotas from "@aws-sdk/client-service-quotas";
import * as sfn from "@aws-sdk/client-sfn";
import * as sns from "@aws-sdk/client-sns";
import * as sqs from "@aws-sdk/client-sqs";
import * as ssm from "@aws-sdk/client-ssm";
import * as sts from "@aws-sdk/client-sts";
import { operationsOf } from "../../../local/wire/operation.ts";
import { isRecord } from "../../../local/wire/schema.ts";
import type { Names } from "./account.ts";
import type { OperatorCall } from "./calls.ts";
import { inputOf } from "./command-input.ts";
import { type Outcome, unmet, wordsOf } from "./run-cli.ts";

type Client = { send(command: unknown): Promise<unknown> };
type Class<T> = new (input: unknown) => T;
type Waiter = (settings: object, input: object) => Promise<unknown>;
type Paginator = (settings: object, input: object) => AsyncIterable<unknown>;

/** The SDK's package by the name that the AWS CLI has for a service. */
const MODULES: Readonly<Record<string, object>> = {
  apigatewayv2: apiGateway,
  autoscaling: autoScaling,
  cloudformation: cloudFormation,
  cloudwatch: cloudWatch,
  dynamodb: dynamoDb,
  ec2,
  elbv2: elb,
  events,
  iam,
  kms,
  lambda,
  logs,
  route53,
  s3api: s3,
  "service-quotas": serviceQuotas,
  sns,
  sqs,
  ssm,
  stepfunctions: sfn,
  sts,
};

/** Whether the SDK has the service: calls of others only show how an unknown service answers. */
export function isInSdk({ command }: OperatorCall): boolean {
  return command.split(" ")[0] !== undefined && Object.hasOwn(MODULES, command.split(" ")[0] ?? "");
}

/** Makes an operator's call by the JavaScript SDK: a command, a waiter, or all pages where the CLI would cut them. */
export async function runSdk(call: OperatorCall, names: Names, settings: object): Promise<Outcome> {
  const [service = "", ...words] = wordsOf(call.command, names);
  const module = MODULES[service];
  if (!module) return `the SDK has no ${service} here`;
  try {
    const answer = await send(module, words, settings);
    if (call.error !== undefined) return `no ${call.error}: ${JSON.stringify(answer)}`;
    return answer === undefined ? undefined : unmet(call, answer, names);
  } catch (error) {
    const codes = isRecord(error) ? [error["name"], error["Code"], error["message"]].map(String) : [];
    if (call.error !== undefined && codes.some((code) => code.startsWith(call.error ?? ""))) return undefined;
    return codes.join(": ");
  }
}

async function send(module: object, words: readonly string[], settings: object): Promise<unknown> {
  const client = clientOf(module, settings);
  if (words[0] === "wait") {
    const [, name = "", ...options] = words;
    const waiter = named<Waiter>(module, `waitUntil${name.replaceAll("-", "")}`);
    const operation = operationsOf(module).get(WAITED[name] ?? "");
    const input = operation ? inputOf(operation.input, options) : {};
    await waiter({ client, maxWaitTime: 60 }, input);
    return undefined;
  }
  const [name = "", ...options] = words;
  const wanted = name.replaceAll("-", "");
  const operation = [...operationsOf(module).values()].find((each) => each.name.toLowerCase() === wanted);
  if (!operation) throw new Error(`no operation ${name}`);
  const input = inputOf(operation.input, options);
  const paginator = `paginate${operation.name}`;
  // The SDK has none for Route 53's records.
  if (!options.includes("--max-items") || !(paginator in module)) {
    const answer = await client.send(new (named<Class<unknown>>(module, `${operation.name}Command`))(input));
    return options.includes("--max-items") ? undefined : answer;
  }
  let pages = 0;
  for await (const _ of named<Paginator>(module, paginator)({ client }, input)) pages += 1;
  if (pages === 0) throw new Error("no page");
  return undefined;
}

/** What each waiter asks, which says what its options are. */
const WAITED: Readonly<Record<string, string>> = {
  "alarm-exists": "DescribeAlarms",
  "function-active": "GetFunctionConfiguration",
  "function-exists": "GetFunction",
  "function-updated": "GetFunctionConfiguration",
  "instance-exists": "DescribeInstances",
  "instance-running": "DescribeInstances",
  "instance-status-ok": "DescribeInstanceStatus",
  "load-balancer-available": "DescribeLoadBalancers",
  "load-balancer-exists": "DescribeLoadBalancers",
  "nat-gateway-available": "DescribeNatGateways",
  "network-interface-available": "DescribeNetworkInterfaces",
  "stack-create-complete": "DescribeStacks",
  "stack-exists": "DescribeStacks",
  "subnet-available": "DescribeSubnets",
  "table-exists": "DescribeTable",
  "target-in-service": "DescribeTargetHealth",
  "volume-in-use": "DescribeVolumes",
  "vpc-available": "DescribeVpcs",
};

function clientOf(module: object, settings: object): Client {
  const name = Object.keys(module).find((key) => /^[A-Z]\w+Client$/.test(key)) ?? "";
  return new (named<Class<Client>>(module, name))(settings);
}

/** An export whose name differs in capitals only: the CLI's names have none. */
function named<T>(module: object, name: string): T {
  const found = Object.keys(module).find((key) => key.toLowerCase() === name.toLowerCase());
  if (found === undefined) throw new Error(`the SDK has no ${name}`);
  return Reflect.get(module, found);
}
