import { createHash } from "node:crypto";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { startApiFault } from "../faults/kinds/api.ts";
import { BUCKET, KEY_ARN, startS3 } from "../testing/s3.ts";

const MEBIBYTE = 1024 * 1024;

/** A stream of zeroes that is never whole in memory. */
function zeroes(bytes: number) {
  const chunk = Buffer.alloc(64 * 1024);
  return Readable.from(
    (function* () {
      for (let left = bytes; left > 0; left -= chunk.length) yield chunk.subarray(0, Math.min(left, chunk.length));
    })(),
  );
}

test("an object comes back as it was put: content, metadata, type, tags, checksum", async () => {
  const { client } = await startS3();
  const put = await client.putObject({
    ...{ Bucket: BUCKET, Key: "a dir/k+1&ü.txt", Body: "hello", ContentType: "text/plain" },
    ...{ Metadata: { owner: "me" }, Tagging: "kind=test&more=a%20b" },
  });

  const got = await client.getObject({ Bucket: BUCKET, Key: "a dir/k+1&ü.txt" });

  expect(put).toMatchObject({ ETag: '"5d41402abc4b2a76b9719d911017c592"', ChecksumCRC32: "NhCmhg==" });
  expect(await got.Body?.transformToString()).toBe("hello");
  expect(got).toMatchObject({
    ...{ ContentLength: 5, ContentType: "text/plain", Metadata: { owner: "me" }, TagCount: 2 },
    ...{ ETag: put.ETag, ServerSideEncryption: "AES256", AcceptRanges: "bytes" },
  });
  expect(got.LastModified?.getTime()).toBeGreaterThan(Date.now() - 5_000);
  expect((await client.getObjectTagging({ Bucket: BUCKET, Key: "a dir/k+1&ü.txt" })).TagSet).toEqual([
    { Key: "kind", Value: "test" },
    { Key: "more", Value: "a b" },
  ]);
});

test.each([
  ["bytes=1-3", "ell", "bytes 1-3/5"],
  ["bytes=3-", "lo", "bytes 3-4/5"],
  ["bytes=-2", "lo", "bytes 3-4/5"],
  ["bytes=2-100", "llo", "bytes 2-4/5"],
])("the range %s is answered with 206", async (Range, text, ContentRange) => {
  const { client } = await startS3();
  await client.putObject({ Bucket: BUCKET, Key: "k", Body: "hello" });

  const got = await client.getObject({ Bucket: BUCKET, Key: "k", Range });

  expect(await got.Body?.transformToString()).toBe(text);
  expect(got).toMatchObject({ ContentRange, ContentLength: text.length, $metadata: { httpStatusCode: 206 } });
});

test("what is not there is said in S3's own words", async () => {
  const { client } = await startS3();
  await client.putObject({ Bucket: BUCKET, Key: "k", Body: "hello" });
  const on = { Bucket: BUCKET, Key: "none" };

  await expect(client.getObject(on)).rejects.toMatchObject({ name: "NoSuchKey", $metadata: { httpStatusCode: 404 } });
  await expect(client.headObject(on)).rejects.toMatchObject({ name: "NotFound", $metadata: { httpStatusCode: 404 } });
  await expect(client.headBucket({ Bucket: "other" })).rejects.toMatchObject({ name: "NotFound" });
  await expect(client.listObjectsV2({ Bucket: "other" })).rejects.toMatchObject({ name: "NoSuchBucket" });
  await expect(client.getObject({ ...on, Key: "k", Range: "bytes=5-" })).rejects.toMatchObject({
    name: "InvalidRange",
    $metadata: { httpStatusCode: 416 },
  });
  expect(await client.deleteObject(on)).toMatchObject({ $metadata: { httpStatusCode: 204 } });
});

test("conditional writes: one of many creates, and a write after a read holds only if nobody wrote between", async () => {
  const { client } = await startS3();
  const on = { Bucket: BUCKET, Key: "manifest.json" };
  const writers = Array.from({ length: 5 }, (_, n) => client.putObject({ ...on, Body: `${n}`, IfNoneMatch: "*" }));

  const outcomes = await Promise.allSettled(writers);

  const refused = outcomes.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
  expect(refused).toHaveLength(4);
  expect(refused[0]).toMatchObject({ name: "PreconditionFailed", $metadata: { httpStatusCode: 412 } });
  const { ETag } = await client.headObject(on);
  await client.putObject({ ...on, Body: "new", IfMatch: ETag });
  await expect(client.putObject({ ...on, Body: "newer", IfMatch: ETag })).rejects.toMatchObject({
    name: "PreconditionFailed",
  });
  await expect(client.putObject({ ...on, Key: "none", Body: "x", IfMatch: ETag })).rejects.toMatchObject({
    name: "NoSuchKey",
  });
});

test("conditional reads", async () => {
  const { client } = await startS3();
  const on = { Bucket: BUCKET, Key: "k" };
  const { ETag } = await client.putObject({ ...on, Body: "hello" });

  await expect(client.getObject({ ...on, IfNoneMatch: ETag })).rejects.toMatchObject({
    $metadata: { httpStatusCode: 304 },
  });
  await expect(client.getObject({ ...on, IfMatch: '"other"' })).rejects.toMatchObject({ name: "PreconditionFailed" });
  expect((await client.getObject({ ...on, IfMatch: ETag })).ContentLength).toBe(5);
});

test.each(["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] as const)(
  "%s: right ones are kept and returned, wrong ones are refused and leave nothing",
  async (ChecksumAlgorithm) => {
    const { client, directory } = await startS3();
    const name = `Checksum${ChecksumAlgorithm}` as const;
    const put = await client.putObject({ Bucket: BUCKET, Key: "k", Body: "hello", ChecksumAlgorithm });

    const head = await client.headObject({ Bucket: BUCKET, Key: "k", ChecksumMode: "ENABLED" });
    expect(head[name]).toBe(put[name]);
    expect(head).toMatchObject({ [name]: expect.any(String), ChecksumType: "FULL_OBJECT" });
    const wrong = { Bucket: BUCKET, Key: "wrong", Body: "hellO", [name]: put[name] };
    await expect(client.putObject(wrong)).rejects.toMatchObject({ name: "BadDigest" });
    expect(readdirSync(join(directory, BUCKET, "data"))).toHaveLength(1);
  },
);

test("100 MB pass through on their way to disk and back, with a checksum after the body", async () => {
  const { client } = await startS3();
  const size = 100 * MEBIBYTE;
  const before = process.memoryUsage().arrayBuffers;
  let most = 0;
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage().arrayBuffers);
  }, 5);

  await client.putObject({
    ...{ Bucket: BUCKET, Key: "big", Body: zeroes(size), ContentLength: size, ChecksumAlgorithm: "SHA256" },
  });
  const got = await client.getObject({ Bucket: BUCKET, Key: "big", ChecksumMode: "ENABLED" });
  const hash = createHash("sha256");
  if (!(got.Body instanceof Readable)) throw new Error("no stream");
  for await (const chunk of got.Body) hash.update(chunk);
  clearInterval(watch);

  expect(hash.digest("base64")).toBe(got.ChecksumSHA256);
  // Chunks that nobody needs any more are among it; a body in memory would be there twice.
  expect(most - before).toBeLessThan(size);
}, 60_000);

test("lists are in the order of bytes, in pages, with common prefixes", async () => {
  const { client } = await startS3();
  const keys = ["b", "a/2", "a/1", "ä", "a/x/1", "c/1", "Z"];
  await Promise.all(keys.map((Key) => client.putObject({ Bucket: BUCKET, Key, Body: "x" })));
  const list = async (input: object) => {
    const pages: unknown[] = [];
    for (let token: string | undefined, more = true; more; ) {
      const page = await client.listObjectsV2({ Bucket: BUCKET, ContinuationToken: token, ...input });
      const contents = (page.Contents ?? []).map(({ Key }) => Key);
      pages.push([...contents, ...(page.CommonPrefixes ?? []).map(({ Prefix }) => `${Prefix}…`)]);
      token = page.NextContinuationToken;
      more = page.IsTruncated ?? false;
    }
    return pages;
  };

  expect(await list({})).toEqual([["Z", "a/1", "a/2", "a/x/1", "b", "c/1", "ä"]]);
  expect(await list({ Prefix: "a/", Delimiter: "/" })).toEqual([["a/1", "a/2", "a/x/…"]]);
  expect(await list({ Delimiter: "/", MaxKeys: 2 })).toEqual([["Z", "a/…"], ["b", "c/…"], ["ä"]]);
  expect(await list({ StartAfter: "a/2", MaxKeys: 3 })).toEqual([["a/x/1", "b", "c/1"], ["ä"]]);
  expect(await list({ Prefix: "none" })).toEqual([[]]);
});

test("an object in parts is its parts, one after the other, in any order of arrival", async () => {
  const { client } = await startS3();
  const on = { Bucket: BUCKET, Key: "big" };
  const { UploadId } = await client.createMultipartUpload({ ...on, ChecksumAlgorithm: "SHA256" });
  const upload = async (PartNumber: number, Body: Uint8Array) => {
    const { ETag, ChecksumSHA256 } = await client.uploadPart({
      ...{ ...on, UploadId, PartNumber, Body, ChecksumAlgorithm: "SHA256" },
    });
    return { PartNumber, ETag, ChecksumSHA256 };
  };
  const last = await upload(2, Buffer.from("end"));
  const first = await upload(1, Buffer.alloc(5 * MEBIBYTE));
  const listed = await client.listParts({ ...on, UploadId });
  expect(listed.Parts?.map(({ PartNumber, Size }) => [PartNumber, Size])).toEqual([
    [1, 5 * MEBIBYTE],
    [2, 3],
  ]);
  const complete = (Parts: object[]) => client.completeMultipartUpload({ ...on, UploadId, MultipartUpload: { Parts } });

  await expect(complete([last, first])).rejects.toMatchObject({ name: "InvalidPartOrder" });
  await expect(complete([{ ...first, ETag: '"other"' }, last])).rejects.toMatchObject({ name: "InvalidPart" });
  expect(await complete([first, last])).toMatchObject({
    ETag: expect.stringMatching(/^"[0-9a-f]{32}-2"$/),
    ChecksumSHA256: expect.stringMatching(/=-2$/),
  });
  const got = await client.getObject({ ...on, Range: `bytes=${5 * MEBIBYTE - 1}-` });
  expect(await got.Body?.transformToByteArray()).toEqual(new Uint8Array([0, 101, 110, 100]));
  await expect(client.listParts({ ...on, UploadId })).rejects.toMatchObject({ name: "NoSuchUpload" });
});

test("an upload that is given up leaves nothing, and small parts make no object", async () => {
  const { client, directory } = await startS3();
  const on = { Bucket: BUCKET, Key: "big" };
  const { UploadId } = await client.createMultipartUpload(on);
  const parts = await Promise.all(
    [1, 2].map(async (PartNumber) => {
      const { ETag } = await client.uploadPart({ ...on, UploadId, PartNumber, Body: "small" });
      return { PartNumber, ETag };
    }),
  );
  await expect(
    client.completeMultipartUpload({ ...on, UploadId, MultipartUpload: { Parts: parts } }),
  ).rejects.toMatchObject({ name: "EntityTooSmall" });
  expect((await client.listMultipartUploads({ Bucket: BUCKET })).Uploads?.map(({ Key }) => Key)).toEqual(["big"]);

  await client.abortMultipartUpload({ ...on, UploadId });

  expect(readdirSync(join(directory, BUCKET, "data"))).toEqual([]);
});

test("objects and uploads are there again after a restart; what was half written is not", async () => {
  const former = await startS3();
  const on = { Bucket: BUCKET, Key: "k" };
  await former.client.putObject({ ...on, Body: "hello", Metadata: { a: "b" } });
  const { UploadId } = await former.client.createMultipartUpload({ ...on, Key: "big" });
  await former.client.uploadPart({ ...on, Key: "big", UploadId, PartNumber: 1, Body: "part" });
  const half = join(former.directory, BUCKET, "data", "half");
  writeFileSync(half, "…");

  const { client } = await startS3(former.directory);

  const got = await client.getObject(on);
  expect([await got.Body?.transformToString(), got.Metadata]).toEqual(["hello", { a: "b" }]);
  expect((await client.listParts({ ...on, Key: "big", UploadId })).Parts).toHaveLength(1);
  expect(existsSync(half)).toBe(false);
});

test("a copy is another object, encrypted as its writer says", async () => {
  const { client } = await startS3();
  await client.putObject({ Bucket: BUCKET, Key: "a b", Body: "hello", Metadata: { x: "1" } });
  const copied = await client.copyObject({
    ...{ Bucket: BUCKET, Key: "copy", CopySource: `${BUCKET}/a%20b` },
    ...{ ServerSideEncryption: "aws:kms", SSEKMSKeyId: "alias/ours" },
  });
  await client.deleteObject({ Bucket: BUCKET, Key: "a b" });

  const got = await client.getObject({ Bucket: BUCKET, Key: "copy" });
  expect(copied).toMatchObject({ SSEKMSKeyId: KEY_ARN });
  expect([await got.Body?.transformToString(), got.Metadata]).toEqual(["hello", { x: "1" }]);
});

test("what KMS encrypts has no MD5 for its ETag, and a key that is not there is refused", async () => {
  const { client } = await startS3();
  const put = { Bucket: BUCKET, Key: "k", Body: "hello", ServerSideEncryption: "aws:kms" } as const;

  const { ETag } = await client.putObject({ ...put, SSEKMSKeyId: KEY_ARN });

  expect(ETag).not.toBe('"5d41402abc4b2a76b9719d911017c592"');
  expect(await client.headObject({ Bucket: BUCKET, Key: "k" })).toMatchObject({
    ...{ ServerSideEncryption: "aws:kms", SSEKMSKeyId: KEY_ARN, ETag },
  });
  await expect(client.putObject({ ...put, SSEKMSKeyId: "alias/none" })).rejects.toMatchObject({
    name: "KMS.NotFoundException",
  });
});

test("a throttle answers SlowDown, and a lost connection breaks in the middle of nothing", async () => {
  const { client, calls, context } = await startS3();
  const control = { random: () => 0, strikes: () => true, note: () => {} };
  const undo = await startApiFault(
    { kind: "api", action: "throttle", service: "s3", match: "slow", staleMs: 1 },
    control,
    { calls, clock: context.clock },
  );

  await expect(
    client.putObject({ Bucket: BUCKET, Key: "slow", Body: zeroes(MEBIBYTE), ContentLength: MEBIBYTE }),
  ).rejects.toMatchObject({ name: "SlowDown", $metadata: { httpStatusCode: 503 } });
  await undo?.();
  await client.putObject({ Bucket: BUCKET, Key: "slow", Body: "now" });
});
