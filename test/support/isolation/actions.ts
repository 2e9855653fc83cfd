import * as autoscaling from "@aws-sdk/client-auto-scaling";
import * as dynamodb from "@aws-sdk/client-dynamodb";
import * as ec2 from "@aws-sdk/client-ec2";
import * as elasticloadbalancing from "@aws-sdk/client-elastic-load-balancing-v2";
import * as events from "@aws-sdk/client-eventbridge";
import * as iam from "@aws-sdk/client-iam";
import * as lambda from "@aws-sdk/client-lambda";
import * as route53 from "@aws-sdk/client-route-53";
import * as servicequotas from "@aws-sdk/client-service-quotas";
import * as states from "@aws-sdk/client-sfn";
import * as ssm from "@aws-sdk/client-ssm";
import * as sts from "@aws-sdk/client-sts";
import { operationsOf } from "../../../local/wire/operation.ts";

const SERVICES = {
  autoscaling,
  dynamodb,
  ec2,
  elasticloadbalancing,
  events,
  iam,
  lambda,
  route53,
  servicequotas,
  ssm,
  states,
  sts,
};

/** What the SDKs here have no operation for, or another name. */
const OTHERS = [
  "execute-api:Invoke",
  "dynamodb:ConditionCheckItem",
  "iam:PassRole",
  ...["CreateGrant", "Decrypt", "DisableKey", "Encrypt", "GenerateDataKey", "PutKeyPolicy", "ScheduleKeyDeletion"].map(
    (name) => `kms:${name}`,
  ),
];

/** The types of resources that calls name, of those calls that share a statement with others (AWS's service authorization reference). */
const NAMED_TYPES: Readonly<Record<string, readonly string[]>> = {
  "ec2:CreateNetworkInterface": ["network-interface", "security-group", "subnet"],
  "ec2:CreateSecurityGroup": ["security-group", "vpc"],
  "ec2:CreateVolume": ["snapshot", "volume"],
};

/** Undefined: any. */
export function namedTypes(action: string): readonly string[] | undefined {
  return NAMED_TYPES[action];
}

/** Every action that the services have, and every other that a policy names. */
export function allActions(named: readonly string[]): string[] {
  const known = Object.entries(SERVICES).flatMap(([service, module]) =>
    [...operationsOf(module).keys()].map((name) => `${service}:${name}`),
  );
  return [...new Set([...known, ...OTHERS, ...named])].toSorted();
}
