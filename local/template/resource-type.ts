import type { CloudWatch } from "../cloudwatch/cloudwatch.ts";
import type { CloudContext } from "../context/context.ts";
import type { Caller } from "../context/service-call.ts";
import type { DynamoDb } from "../dynamodb/dynamodb.ts";
import type { EventBridgeService } from "../eventbridge/event-bridge.ts";
import type { Iam } from "../iam/iam.ts";
import type { Keys } from "../kms/keys.ts";
import type { LambdaService } from "../lambda/lambda.ts";
import type { LogStore } from "../logs/log-store.ts";
import type { S3 } from "../s3/s3.ts";
import type { Topics } from "../sns/topics.ts";
import type { Queues } from "../sqs/queues.ts";
import type { Ssm } from "../ssm/ssm.ts";
import type { StepFunctions } from "../stepfunctions/step-functions.ts";
import { AwsError } from "../wire/contract.ts";
import type { ApiBuilder } from "./api-builder.ts";
import type { ProvisionedResource } from "./resolver.ts";

/** The services in which a stack's resources are created. */
export interface StackServices {
  readonly context: CloudContext;
  readonly lambda: LambdaService;
  readonly events: EventBridgeService;
  readonly queues: Queues;
  readonly topics: Pick<Topics, "put" | "subscribe">;
  readonly logs: Pick<LogStore, "putGroup">;
  readonly cloudWatch: Pick<CloudWatch, "alarms" | "dashboards">;
  readonly apis: ApiBuilder;
  readonly dynamodb: Pick<DynamoDb, "createTable">;
  readonly stepFunctions: Pick<StepFunctions, "createStateMachine">;
  readonly iam: Pick<Iam, "handlers" | "putRole" | "putInstanceProfile" | "policiesOf">;
  readonly ssm: Pick<Ssm, "handlers" | "putDocument">;
  readonly keys: Keys;
  readonly s3: Pick<S3, "putBucket" | "putBucketPolicy">;
}

/** One resource of the template, its properties resolved. */
export interface ResourceRequest {
  readonly stackName: string;
  readonly logicalId: string;
  readonly type: string;
  readonly properties: unknown;
  /** The generated name, for when the template gives none. */
  name(maxLength?: number): string;
  /** Path of the file or folder behind an S3 key. */
  assetPath(objectKey: string): string;
}

/** Creates the resource, or adopts it when a former run left it in the data directory. */
export type Provision = (
  request: ResourceRequest,
  services: StackServices,
) => ProvisionedResource | Promise<ProvisionedResource>;

/** CloudFormation acts with the operator's permissions. */
export function operator(context: CloudContext, service: string): Caller {
  const principal = { arn: `arn:aws:iam::${context.accountId}:user/holdfast` };
  return { service, region: context.region, principal };
}

/** An ARN in the stack's region and account. */
export function arnOf(context: CloudContext, service: string, resource: string): string {
  return `arn:aws:${service}:${context.region}:${context.accountId}:${resource}`;
}

/** The result, or undefined when the thing exists already: the error has one of these codes. */
export async function unlessExists<T>(creation: Promise<T>, codes: readonly string[]): Promise<T | undefined> {
  try {
    return await creation;
  } catch (error) {
    if (error instanceof AwsError && codes.includes(error.code)) return undefined;
    throw error;
  }
}
