import * as sdk from "@aws-sdk/client-s3";
import { expect, test } from "vitest";
import { BUCKET, KEY_ARN, startS3 } from "../testing/s3.ts";
import { encodeOutput } from "../wire/responses.ts";
import { defineService } from "../wire/service.ts";

test("16.4: an operator can read how a bucket is encrypted, where it is and that nobody else may read it", async () => {
  const { client, s3 } = await startS3();
  s3.putBucket("by-key", { encryption: { ServerSideEncryption: "aws:kms", SSEKMSKeyId: KEY_ARN } });
  const Bucket = "by-key";
  const byKey = await client.getBucketEncryption({ Bucket });
  const plain = await client.getBucketEncryption({ Bucket: BUCKET });
  const rulesOf = (answer: typeof byKey) => answer.ServerSideEncryptionConfiguration?.Rules;

  expect(rulesOf(byKey)).toEqual([
    {
      ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms", KMSMasterKeyID: KEY_ARN },
      BucketKeyEnabled: false,
    },
  ]);
  expect(rulesOf(plain)).toEqual([
    { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" }, BucketKeyEnabled: false },
  ]);
  expect((await client.getBucketLocation({ Bucket })).LocationConstraint).toBe("us-west-2");
  expect((await client.getPublicAccessBlock({ Bucket })).PublicAccessBlockConfiguration).toEqual({
    ...{ BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true },
  });
  expect((await client.getBucketOwnershipControls({ Bucket })).OwnershipControls).toEqual({
    Rules: [{ ObjectOwnership: "BucketOwnerEnforced" }],
  });
  expect((await client.getBucketAcl({ Bucket })).Grants?.[0]?.Permission).toBe("FULL_CONTROL");
  expect((await client.listBuckets({})).Owner?.ID).toMatch(/^[0-9a-f]{64}$/);
});

test("16.4: a bucket's location is the root of the answer, where the AWS CLI looks for it", async () => {
  const service = defineService(sdk, "S3Client", {});
  const operation = service.operations.get("GetBucketLocation");
  if (!operation) throw new Error("the SDK has no GetBucketLocation");

  const { body } = await encodeOutput(service, operation, { LocationConstraint: "us-west-2" }, "request");

  expect(body).toMatch(/<LocationConstraint xmlns="[^"]+">us-west-2<\/LocationConstraint>$/);
});

test("16.4: settings of a bucket that is not there, and those that it has not, have S3's own errors", async () => {
  const { client } = await startS3();

  await expect(client.getBucketLocation({ Bucket: "nothing" })).rejects.toMatchObject({ name: "NoSuchBucket" });
  await expect(client.getBucketTagging({ Bucket: BUCKET })).rejects.toMatchObject({ name: "NoSuchTagSet" });
  await expect(client.getBucketPolicyStatus({ Bucket: BUCKET })).rejects.toMatchObject({ name: "NoSuchBucketPolicy" });
});

test("16.4: clients of before list objects by a marker", async () => {
  const { client } = await startS3();
  for (const Key of ["a/1", "a/2", "b", "c"]) await client.putObject({ Bucket: BUCKET, Key, Body: "x" });

  const first = await client.listObjects({ Bucket: BUCKET, Delimiter: "/", MaxKeys: 2 });
  const second = await client.listObjects({ Bucket: BUCKET, Delimiter: "/", MaxKeys: 2, Marker: first.NextMarker });

  expect([first.CommonPrefixes?.[0]?.Prefix, first.Contents?.[0]?.Key, first.IsTruncated]).toEqual(["a/", "b", true]);
  expect([second.Contents?.[0]?.Key, second.IsTruncated, second.NextMarker]).toEqual(["c", false, undefined]);
  expect(second.Contents?.[0]?.Owner?.ID).toMatch(/^[0-9a-f]{64}$/);
});
