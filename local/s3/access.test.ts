import { createHash, createHmac } from "node:crypto";
import { readdirSync } from "node:fs";
import { type RequestOptions, request } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { parsePolicy } from "../iam/policy.ts";
import { BUCKET, KEY_ARN, startS3 } from "../testing/s3.ts";

const ARN = `arn:aws:s3:::${BUCKET}`;
const DENIED = { name: "AccessDenied", $metadata: { httpStatusCode: 403 } };

function allow(Action: string | string[], Resource: string, Condition: object = {}) {
  return { Effect: "Allow", Action, Resource, Condition };
}

test("a role may do what its policy allows, on the keys that it names, and nothing else", async () => {
  const { client, clientAs } = await startS3();
  await client.putObject({ Bucket: BUCKET, Key: "clusters/other/x", Body: "secret" });
  const master = clientAs(allow(["s3:PutObject", "s3:GetObject"], `${ARN}/clusters/mine/*`));
  const mine = { Bucket: BUCKET, Key: "clusters/mine/x" };

  await master.putObject({ ...mine, Body: "hello" });

  expect(await (await master.getObject(mine)).Body?.transformToString()).toBe("hello");
  await expect(master.deleteObject(mine)).rejects.toMatchObject(DENIED);
  await expect(master.getObject({ ...mine, Key: "clusters/other/x" })).rejects.toMatchObject(DENIED);
  await expect(master.putObject({ ...mine, Key: "clusters/other/x", Body: "" })).rejects.toMatchObject(DENIED);
  await expect(master.listObjectsV2({ Bucket: BUCKET })).rejects.toMatchObject(DENIED);
});

test("who may not list a bucket does not learn which keys are missing", async () => {
  const { clientAs } = await startS3();
  const none = { Bucket: BUCKET, Key: "none" };
  const reader = clientAs(allow("s3:GetObject", `${ARN}/*`));
  const lister = clientAs(allow("s3:GetObject", `${ARN}/*`), allow("s3:ListBucket", ARN));

  await expect(reader.getObject(none)).rejects.toMatchObject(DENIED);
  await expect(lister.getObject(none)).rejects.toMatchObject({ name: "NoSuchKey" });
  await expect(lister.headObject(none)).rejects.toMatchObject({ name: "NotFound" });
});

test("an object that KMS encrypts needs the key, too: for a write, for a read, and for the parts of an upload", async () => {
  const { clientAs } = await startS3();
  const start = { Bucket: BUCKET, Key: "k", ServerSideEncryption: "aws:kms", SSEKMSKeyId: KEY_ARN } as const;
  const put = { ...start, Body: "x" };
  const objects = allow(["s3:PutObject", "s3:GetObject"], `${ARN}/*`);
  const context = { "kms:EncryptionContext:aws:s3:arn": `${ARN}/k`, "kms:ViaService": "s3.us-west-2.amazonaws.com" };
  const without = clientAs(objects);
  const writer = clientAs(objects, allow("kms:GenerateDataKey", KEY_ARN, { StringEquals: context }));
  const both = clientAs(objects, allow(["kms:GenerateDataKey", "kms:Decrypt"], KEY_ARN));

  await expect(without.putObject(put)).rejects.toMatchObject({
    ...DENIED,
    message: expect.stringContaining("not authorized to perform: kms:GenerateDataKey"),
  });
  await writer.putObject(put);
  await expect(writer.getObject({ Bucket: BUCKET, Key: "k" })).rejects.toMatchObject(DENIED);
  expect((await both.getObject({ Bucket: BUCKET, Key: "k" })).ContentLength).toBe(1);
  const { UploadId } = await writer.createMultipartUpload(start);
  const part = { Bucket: BUCKET, Key: "k", UploadId, PartNumber: 1, Body: "x" };
  await expect(writer.uploadPart(part)).rejects.toMatchObject(DENIED);
  expect((await both.uploadPart(part)).ETag).toBeDefined();
});

test("the bucket's own policy denies everybody, or allows a role that has no permission", async () => {
  const { client, clientAs, s3 } = await startS3();
  const policy = (...Statement: object[]) => s3.putBucketPolicy(BUCKET, parsePolicy(JSON.stringify({ Statement })));
  const object = { Bucket: BUCKET, Key: "k" };
  await client.putObject({ ...object, Body: "hello" });

  policy({ Effect: "Deny", Principal: "*", Action: "s3:DeleteObject*", Resource: `${ARN}/*` });
  await expect(client.deleteObject(object)).rejects.toMatchObject(DENIED);
  const nobody = clientAs({ Effect: "Allow", Action: "ec2:DescribeVpcs", Resource: "*" });
  await expect(nobody.getObject(object)).rejects.toMatchObject(DENIED);
  policy({ Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: `${ARN}/*` });
  expect((await nobody.getObject(object)).ContentLength).toBe(5);
});

test("a policy that demands TLS lets the local cloud's clients in: on AWS their calls go by TLS", async () => {
  const { client, s3 } = await startS3();
  const tlsOnly = {
    ...{ Effect: "Deny", Principal: "*", Action: "s3:*", Resource: [ARN, `${ARN}/*`] },
    Condition: { Bool: { "aws:SecureTransport": "false" } },
  };
  s3.putBucketPolicy(BUCKET, parsePolicy(JSON.stringify({ Statement: [tlsOnly] })));

  await client.putObject({ Bucket: BUCKET, Key: "k", Body: "hello" });
});

test("a deletion of many keys is a decision for each of them", async () => {
  const { client, clientAs } = await startS3();
  for (const Key of ["mine/1", "other/1"]) await client.putObject({ Bucket: BUCKET, Key, Body: "x" });
  const role = clientAs(allow("s3:DeleteObject", `${ARN}/mine/*`));

  const answer = await role.deleteObjects({
    ...{ Bucket: BUCKET, Delete: { Objects: [{ Key: "mine/1" }, { Key: "other/1" }, { Key: "mine/none" }] } },
  });

  expect(answer.Deleted?.map(({ Key }) => Key)).toEqual(["mine/1", "mine/none"]);
  expect(answer.Errors).toEqual([{ Key: "other/1", Code: "AccessDenied", Message: "Access Denied" }]);
  expect((await client.listObjectsV2({ Bucket: BUCKET })).Contents?.map(({ Key }) => Key)).toEqual(["other/1"]);
});

test("a refused upload is not read: the answer comes while the body is still to come", async () => {
  const { clientAs, directory } = await startS3();
  const nobody = clientAs(allow("s3:GetObject", `${ARN}/*`));
  const Body = Buffer.alloc(8 * 1024 * 1024);

  await expect(nobody.putObject({ Bucket: BUCKET, Key: "k", Body })).rejects.toMatchObject(DENIED);
  expect(readdirSync(join(directory, BUCKET, "data"))).toEqual([]);
});

function hmac(key: string | Buffer, text: string) {
  return createHmac("sha256", key).update(text).digest();
}
function sha256(text: string) {
  return createHash("sha256").update(text).digest("hex");
}

/** A request of the operator's to S3, signed by the specification. */
function signed(
  operator: { accessKeyId: string; secretAccessKey: string },
  { method, path, host, payload }: { method: string; path: string; host: string; payload: string },
) {
  const timestamp = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
  const scope = `${timestamp.slice(0, 8)}/us-west-2/s3/aws4_request`;
  const key = scope.split("/").reduce<string | Buffer>(hmac, `AWS4${operator.secretAccessKey}`);
  const headers = `host:${host}\nx-amz-content-sha256:${payload}\nx-amz-date:${timestamp}\n`;
  const names = "host;x-amz-content-sha256;x-amz-date";
  const canonical = [method, path, "", headers, names, payload].join("\n");
  const sign = (text: string) => hmac(key, text).toString("hex");
  const signature = sign(["AWS4-HMAC-SHA256", timestamp, scope, sha256(canonical)].join("\n"));
  return {
    ...{ timestamp, scope, sign, signature },
    headers: {
      host,
      "x-amz-content-sha256": payload,
      "x-amz-date": timestamp,
      authorization: `AWS4-HMAC-SHA256 Credential=${operator.accessKeyId}/${scope},SignedHeaders=${names},Signature=${signature}`,
    },
  };
}

/** By Node's own client: `fetch` does not let a request name another host. */
async function send(port: string, path: string, { body, ...options }: RequestOptions & { body?: string }) {
  return await new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
    const call = request({ host: "127.0.0.1", port, path, ...options }, (answer) => {
      text(answer).then((read) => resolve({ status: answer.statusCode, body: read }), reject);
    });
    call.on("error", reject).end(body);
  });
}

test.each(["right", "wrong"])("signed chunks of a body: one whose signature is %s", async (which) => {
  const { client, context, endpoint } = await startS3();
  const { port, host } = new URL(endpoint);
  const call = { method: "PUT", path: `/${BUCKET}/k`, host, payload: "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" };
  const { headers, timestamp, scope, sign, signature } = signed(context.credentials.operator, call);
  let former = signature;
  const chunk = (data: string) => {
    const hashes = [sha256(""), sha256(data)];
    former = sign(["AWS4-HMAC-SHA256-PAYLOAD", timestamp, scope, former, ...hashes].join("\n"));
    const sent = which === "right" ? data : data.replace("l", "L");
    return `${data.length.toString(16)};chunk-signature=${former}\r\n${sent}\r\n`;
  };
  const body = chunk("hello ") + chunk("world") + chunk("");

  const answer = await send(port, call.path, {
    ...{ method: "PUT", headers: { ...headers, "x-amz-decoded-content-length": "11" }, body },
  });

  const stored = await client.getObject({ Bucket: BUCKET, Key: "k" }).catch(() => undefined);
  expect([answer.status, await stored?.Body?.transformToString()]).toEqual(
    which === "right" ? [200, "hello world"] : [403, undefined],
  );
});

test("a body that is not what was signed is refused, and so is a request without its hash", async () => {
  const { context, endpoint } = await startS3();
  const { port, host } = new URL(endpoint);
  const call = { method: "PUT", path: `/${BUCKET}/k`, host, payload: sha256("hello") };
  const { headers } = signed(context.credentials.operator, call);

  const changed = await send(port, call.path, { method: "PUT", headers, body: "hellO" });
  const { "x-amz-content-sha256": _, ...without } = headers;
  const bare = await send(port, call.path, { method: "PUT", headers: without, body: "hello" });

  expect(changed).toMatchObject({ status: 400, body: expect.stringContaining("<Code>XAmzContentSHA256Mismatch<") });
  expect(bare).toMatchObject({ status: 400, body: expect.stringContaining("x-amz-content-sha256") });
});
