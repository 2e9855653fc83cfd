import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Programs } from "../testing/image/programs.ts";
import { BUCKET, KEY_ARN, startS3 } from "../testing/s3.ts";

let directory: string;
let programs: Programs;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "holdfast-aws-s3-"));
  programs = await Programs.build(directory);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const ARN = `arn:aws:s3:::${BUCKET}`;
const OBJECTS = { Effect: "Allow", Action: ["s3:PutObject", "s3:GetObject"], Resource: `${ARN}/mine/*` };
const KEY = { Effect: "Allow", Action: ["kms:GenerateDataKey", "kms:Decrypt"], Resource: KEY_ARN };
const SSE = ["--checksum-algorithm", "SHA256", "--sse", "aws:kms", "--sse-kms-key-id", KEY_ARN];

/** S3, and the command line with the keys of a role that has these statements. */
async function startCli(...statements: object[]) {
  const stage = await startS3();
  const role = stage.clientAs(...statements);
  const { accessKeyId, secretAccessKey, sessionToken = "" } = await role.config.credentials();
  const environment = {
    ...{ AWS_ENDPOINT_URL: stage.endpoint, AWS_REGION: "us-west-2" },
    ...{ AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken },
  };
  const aws = (...args: string[]) => programs.run(directory, ["aws", ...args], environment);
  return { ...stage, aws };
}

function file(name: string, content: string | Buffer) {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

test("s3 cp puts a file with its checksum and its key, and brings it back", async () => {
  const { aws, client } = await startCli(OBJECTS, KEY);
  const source = file("up", "hello");
  const target = join(directory, "down");

  const up = await aws("s3", "cp", source, `s3://${BUCKET}/mine/k`, ...SSE, "--no-progress");
  const down = await aws("s3", "cp", `s3://${BUCKET}/mine/k`, target, "--only-show-errors");

  expect([up, down]).toEqual([
    { exitCode: 0, stdout: `upload: ${source} to s3://${BUCKET}/mine/k\n`, stderr: "" },
    { exitCode: 0, stdout: "", stderr: "" },
  ]);
  expect(readFileSync(target, "utf8")).toBe("hello");
  expect(await client.headObject({ Bucket: BUCKET, Key: "mine/k", ChecksumMode: "ENABLED" })).toMatchObject({
    ...{ ServerSideEncryption: "aws:kms", SSEKMSKeyId: KEY_ARN },
    ...{ ChecksumSHA256: "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=" },
  });
});

test("s3 cp sends a large file in parts, for which the caller needs kms:Decrypt as on AWS", async () => {
  const large = file("large", Buffer.alloc(9 * 1024 * 1024, "x"));
  const { aws, client, records } = await startCli(OBJECTS, KEY);
  const writer = await startCli(OBJECTS, { ...KEY, Action: "kms:GenerateDataKey" });

  expect(await aws("s3", "cp", large, `s3://${BUCKET}/mine/large`, ...SSE)).toMatchObject({ exitCode: 0 });
  const denied = await writer.aws("s3", "cp", large, `s3://${BUCKET}/mine/large`, ...SSE);

  expect(records.map(({ operation }) => operation)).toEqual([
    ...["CreateMultipartUpload", "UploadPart", "UploadPart", "CompleteMultipartUpload"],
  ]);
  expect((await client.headObject({ Bucket: BUCKET, Key: "mine/large" })).ContentLength).toBe(9 * 1024 * 1024);
  expect(denied.exitCode).toBe(1);
  expect(denied.stderr).toMatch(
    /^upload failed: .* \(AccessDenied\) when calling the UploadPart operation: .*kms:Decrypt/,
  );
});

test("s3 cp says what went wrong, and leaves no half file", async () => {
  const { aws } = await startCli(OBJECTS, { Effect: "Allow", Action: "s3:ListBucket", Resource: ARN });
  const target = join(directory, "none");

  const missing = await aws("s3", "cp", `s3://${BUCKET}/mine/none`, target);
  const foreign = await aws("s3", "cp", file("x", "x"), `s3://${BUCKET}/other/k`);

  expect(missing.exitCode).toBe(1);
  expect(missing.stderr).toContain("when calling the HeadObject operation");
  expect(foreign.stderr).toContain("(AccessDenied) when calling the PutObject operation");
  expect(() => readFileSync(target)).toThrow("ENOENT");
});

test("s3api puts, looks at and gets an object, and refuses to create what is there", async () => {
  const { aws } = await startCli(OBJECTS, KEY);
  const on = ["--bucket", BUCKET, "--key", "mine/manifest.json"];
  const put = ["s3api", "put-object", ...on, "--body", file("manifest", "{}"), "--if-none-match", "*"];
  const target = join(directory, "manifest.got");

  const first = await aws(...put, "--checksum-algorithm", "SHA256");
  const second = await aws(...put);
  const head = await aws("s3api", "head-object", ...on, "--checksum-mode", "ENABLED", "--query", "ChecksumSHA256");
  const got = await aws("s3api", "get-object", ...on, target);
  const removed = await aws("s3api", "delete-object", ...on);

  expect(first.exitCode).toBe(0);
  expect(second).toMatchObject({ exitCode: 254, stderr: expect.stringContaining("(PreconditionFailed)") });
  expect(JSON.parse(head.stdout)).toBe("RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=");
  expect([got.exitCode, readFileSync(target, "utf8")]).toEqual([0, "{}"]);
  expect(removed).toMatchObject({ exitCode: 254, stderr: expect.stringContaining("(AccessDenied)") });
});
