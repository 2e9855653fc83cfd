import { Aws } from "aws-cdk-lib";

/** An ARN of the stack's own account and Region; services without one of them say so. */
export function arn(service: string, resource: string, options: { region?: string; account?: string } = {}): string {
  const { region = Aws.REGION, account = Aws.ACCOUNT_ID } = options;
  return `arn:${Aws.PARTITION}:${service}:${region}:${account}:${resource}`;
}
