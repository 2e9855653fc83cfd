import type { AutoScalingState } from "../../autoscaling/model.ts";
import type { KeyNames } from "../../dynamodb/keys.ts";
import type { Store } from "../../ec2/engine/store.ts";
import type { ElbState } from "../../elbv2/model.ts";
import type { S3Facts } from "../../s3/s3.ts";
import type { SsmState } from "../../ssm/model.ts";
import type { IamState } from "../model.ts";

/** What the services know of the resources that a call names: tags, owners, keys. Read when a call is checked. */
export interface CloudState {
  readonly region: string;
  readonly accountId: string;
  readonly ec2: Store;
  readonly autoScaling: () => AutoScalingState;
  readonly elbV2: () => ElbState;
  readonly ssm: () => SsmState;
  readonly iam: () => IamState;
  readonly s3: S3Facts;
  /** The ARN of one of the account's own KMS keys by a name of it; undefined for AWS's own. */
  readonly kmsKey: (name: string) => string | undefined;
  /** The key of a table or of one of its indexes; undefined if there is none. */
  readonly dynamoDbKey: (tableName: string, indexName?: string) => KeyNames | undefined;
}

/** An ARN in this account and Region. */
export function arnIn(cloud: Pick<CloudState, "region" | "accountId">, service: string, resource: string): string {
  return `arn:aws:${service}:${cloud.region}:${cloud.accountId}:${resource}`;
}
