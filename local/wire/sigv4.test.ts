import * as dynamodb from "@aws-sdk/client-dynamodb";
import { DynamoDB } from "@aws-sdk/client-dynamodb";
import * as ec2 from "@aws-sdk/client-ec2";
import * as iam from "@aws-sdk/client-iam";
import * as lambda from "@aws-sdk/client-lambda";
import { S3 } from "@aws-sdk/client-s3";
import * as sts from "@aws-sdk/client-sts";
import { expect, test } from "vitest";
import { CredentialStore } from "../context/credentials.ts";
import { startWire } from "../testing/wire.ts";
import { defineService } from "./service.ts";
import { SignatureError, verifySignature } from "./sigv4.ts";

const services = [
  defineService(ec2, "EC2Client", { DescribeVpcs: () => ({}) }),
  defineService(iam, "IAMClient", { ListRoles: () => ({ Roles: [] }) }),
  defineService(dynamodb, "DynamoDBClient", { ListTables: () => ({}) }),
  defineService(lambda, "LambdaClient", { ListFunctions: () => ({}) }),
  defineService(sts, "STSClient", { GetCallerIdentity: (_, call) => ({ Arn: call.principal.arn }) }),
];
const unknownKey = { accessKeyId: "AKIAUNKNOWN", secretAccessKey: "holdfast" };
const wrongSecret = { accessKeyId: "holdfast", secretAccessKey: "wrong" };

test("an unknown access key is refused in each service's own words", async () => {
  await using cloud = await startWire({ services });
  const client = { ...cloud.client, credentials: unknownKey };
  await expect(new ec2.EC2(client).describeVpcs({})).rejects.toMatchObject({
    name: "AuthFailure",
    $metadata: { httpStatusCode: 401 },
  });
  await expect(new iam.IAM(client).listRoles({})).rejects.toMatchObject({ name: "InvalidClientTokenId" });
  await expect(new DynamoDB(client).listTables({})).rejects.toMatchObject({ name: "UnrecognizedClientException" });
});

test("a signature made with another secret is refused in each service's own words", async () => {
  await using cloud = await startWire({ services });
  const client = { ...cloud.client, credentials: wrongSecret };
  await expect(new ec2.EC2(client).describeVpcs({})).rejects.toMatchObject({ name: "AuthFailure" });
  await expect(new iam.IAM(client).listRoles({})).rejects.toMatchObject({ name: "SignatureDoesNotMatch" });
  await expect(new DynamoDB(client).listTables({})).rejects.toMatchObject({ name: "InvalidSignatureException" });
});

test("a role's keys need their session token, and the call then carries the role session", async () => {
  await using cloud = await startWire({ services });
  const role = cloud.credentials.assumeRole("arn:aws:iam::123456789012:role/holdfast-step", "place-master");
  const { accessKeyId, secretAccessKey, sessionToken } = role;
  const withToken = new sts.STS({ ...cloud.client, credentials: { accessKeyId, secretAccessKey, sessionToken } });
  const without = new sts.STS({ ...cloud.client, credentials: { accessKeyId, secretAccessKey } });
  expect((await withToken.getCallerIdentity({})).Arn).toBe(
    "arn:aws:sts::123456789012:assumed-role/holdfast-step/place-master",
  );
  await expect(without.getCallerIdentity({})).rejects.toMatchObject({ name: "InvalidClientTokenId" });
});

test("a signature that is older than five minutes is refused", async () => {
  await using cloud = await startWire({ services, now: () => Date.now() + 6 * 60_000 });
  await expect(new iam.IAM(cloud.client).listRoles({})).rejects.toMatchObject({
    name: "SignatureDoesNotMatch",
    message: expect.stringContaining("Signature expired"),
  });
});

test("an unsigned request, and one for a service that is not there, are refused", async () => {
  await using cloud = await startWire({ services: [] });
  const unsigned = await fetch(cloud.endpoint, {
    ...{ method: "POST", body: "{}" },
    headers: { "x-amz-target": "DynamoDB_20120810.ListTables", "content-type": "application/x-amz-json-1.0" },
  });
  expect([unsigned.status, await unsigned.json()]).toEqual([
    403,
    expect.objectContaining({ __type: "MissingAuthenticationToken" }),
  ]);
  await expect(new iam.IAM(cloud.client).listRoles({})).rejects.toMatchObject({ $metadata: { httpStatusCode: 501 } });
  expect(cloud.lines.at(-1)).toBe('wire: The local cloud has no service "iam".');
});

test("a client that signs nothing can read why it is refused", async () => {
  await using cloud = await startWire({ services: [] });
  // As `aws --no-sign-request`.
  const settings = { ...cloud.client, signer: { sign: async <T>(request: T) => request } };
  const refused = (name: string) => ({ name, $metadata: { httpStatusCode: 403 } });

  const roles = new iam.IAM(settings).listRoles({});
  await expect(roles).rejects.toMatchObject(refused("MissingAuthenticationToken"));
  const vpcs = new ec2.EC2(settings).describeVpcs({});
  await expect(vpcs).rejects.toMatchObject(refused("MissingAuthenticationToken"));
  const functions = new lambda.Lambda(settings).listFunctions({});
  await expect(functions).rejects.toMatchObject(refused("MissingAuthenticationToken"));
  const buckets = new S3({ ...settings, forcePathStyle: true }).listBuckets({});
  await expect(buckets).rejects.toMatchObject(refused("AccessDenied"));
});

// Values of the AWS documentation: "Authenticating requests: using query parameters" of Amazon S3's API reference.
const presigned = {
  method: "GET",
  path: "/test.txt",
  query: [
    "X-Amz-Algorithm=AWS4-HMAC-SHA256",
    "X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request",
    "X-Amz-Date=20130524T000000Z",
    "X-Amz-Expires=86400",
    "X-Amz-SignedHeaders=host",
    "X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
  ].join("&"),
  headers: { host: "examplebucket.s3.amazonaws.com" },
  body: new Uint8Array(),
};
const signedAt = Date.UTC(2013, 4, 24);

class DocumentationCredentials extends CredentialStore {
  override find(accessKeyId: string) {
    const secretAccessKey = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    return { accessKeyId, secretAccessKey, principal: { arn: "arn:aws:iam::123456789012:user/docs" } };
  }
}

test("the presigned URL of AWS's documentation is accepted, and refused once it has expired or was changed", () => {
  const credentials = new DocumentationCredentials("123456789012");
  const verified = verifySignature(presigned, credentials, signedAt + 3_600_000);
  expect(verified).toEqual({
    principal: { arn: "arn:aws:iam::123456789012:user/docs" },
    region: "us-east-1",
    service: "s3",
    chunks: expect.anything(),
  });
  const expired = () => verifySignature(presigned, credentials, signedAt + 86_401_000);
  expect(expired).toThrow(SignatureError);
  const changed = () => verifySignature({ ...presigned, path: "/other.txt" }, credentials, signedAt);
  expect(changed).toThrow("does not match");
});
