import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as sdk from "@aws-sdk/client-s3";
import { onTestFinished } from "vitest";
import { CallFaults } from "../faults/calls.ts";
import { type Authorizer, createAuthorizer } from "../iam/authorization/authorizer.ts";
import { createMappings } from "../iam/authorization/mappings.ts";
import { createIam } from "../iam/iam.ts";
import { Keys } from "../kms/keys.ts";
import { createS3, type S3 } from "../s3/s3.ts";
import type { CallRecord } from "../wire/server.ts";
import { defineService } from "../wire/service.ts";
import { createStage } from "./authorization.ts";
import { testContext } from "./context.ts";
import { startWire } from "./wire.ts";

export const BUCKET = "backups-123456789012";
export const KEY_ARN = "arn:aws:kms:us-west-2:123456789012:key/k-1";

/** S3 at an address of its own, behind IAM. The directory may be that of a former one. */
export async function startS3(directory = mkdtempSync(join(tmpdir(), "holdfast-s3-"))) {
  const calls = new CallFaults();
  const records: CallRecord[] = [];
  const context = testContext();
  const iam = createIam(context);
  const keys = new Keys();
  keys.add({ id: "k-1", arn: KEY_ARN });
  keys.addAlias("alias/ours", "k-1");
  const s3: S3 = createS3(context, {
    directory,
    kmsKey: keys.arnOf,
    permissions: {
      mayDo: ({ arn, roleArn }, action, resource) => authorizer.isAllowed({ arn, roleArn, action, resource }),
      wouldAllow: (principal, action, resource) => authorizer.wouldAllow(principal, action, resource),
    },
  });
  const { cloud } = createStage();
  const authorizer: Authorizer = createAuthorizer({
    ...context,
    iam,
    mode: "enforced",
    resourcePolicies: new Map([["s3", (arn: string) => s3.policyOf(arn)]]),
    mappings: createMappings({ ...cloud, ...context, s3, kmsKey: keys.arnOf }),
  });
  const wire = await startWire({
    services: [defineService(sdk, "S3Client", s3.handlers)],
    credentials: context.credentials,
    intercept: calls.intercept,
    beforeCall: (call, input) => authorizer.authorize(call, input),
    onCall: (record) => records.push(record),
  });
  onTestFinished(async () => {
    await wire.wire.close();
    rmSync(directory, { recursive: true, force: true });
  });
  s3.putBucket(BUCKET, {});
  const clientOf = (credentials: { accessKeyId: string; secretAccessKey: string }, settings: object = {}) =>
    new sdk.S3({ ...wire.client, credentials, ...settings });
  return {
    ...wire,
    s3,
    calls,
    records,
    directory,
    context,
    clientOf,
    /** As the operator. */
    client: clientOf(context.credentials.operator),
    /** As a role with these statements. */
    clientAs(...statements: readonly object[]) {
      const name = `role-${context.id("r")}`;
      const policy = JSON.stringify({ Statement: statements });
      const { arn } = iam.putRole({ name, trustPolicy: '{"Statement":[]}', inlinePolicies: { own: policy } });
      return clientOf(context.credentials.assumeRole(arn, "i-0123456789abcdef0"));
    },
  };
}
