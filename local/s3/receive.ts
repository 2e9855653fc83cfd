import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { ContentStream } from "../wire/request-content.ts";
import type { Bucket } from "./bucket.ts";
import { ALGORITHMS, type Algorithm, checksumOf } from "./checksums.ts";
import { s3Error } from "./errors.ts";
import type { Digest } from "./model.ts";

/** What PutObject and UploadPart say of a content. */
export interface ContentInput {
  readonly Body?: unknown;
  readonly ContentMD5?: string | undefined;
  readonly ChecksumAlgorithm?: string | undefined;
  readonly ChecksumCRC32?: string | undefined;
  readonly ChecksumCRC32C?: string | undefined;
  readonly ChecksumCRC64NVME?: string | undefined;
  readonly ChecksumSHA1?: string | undefined;
  readonly ChecksumSHA256?: string | undefined;
}

export interface Received extends Digest {
  readonly file: string;
}

/**
 * Writes a request's body to a new file, and holds it against the checksum that came with it, before or after it.
 * @throws AwsError `BadDigest`, and what the body itself fails with; then there is no file.
 */
export async function receive(bucket: Bucket, input: ContentInput, fallback?: Algorithm): Promise<Received> {
  const body = bodyOf(input.Body);
  const algorithm = algorithmOf(input, body) ?? fallback ?? "CRC64NVME";
  const file = bucket.newFile();
  try {
    const { md5, size, value } = await write(body, bucket.pathOf(file), algorithm);
    if (input.ContentMD5 !== undefined && Buffer.from(input.ContentMD5, "base64").toString("hex") !== md5)
      throw s3Error.badDigest("Content-MD5");
    const trailer = body instanceof ContentStream ? body.trailers[headerOf(algorithm)] : undefined;
    const claimed = input[`Checksum${algorithm}`] ?? trailer;
    if (claimed !== undefined && claimed !== value) throw s3Error.badDigest(algorithm);
    return { file, size, etag: md5, checksum: { algorithm, value, type: "FULL_OBJECT" } };
  } catch (error) {
    bucket.dropFile(file);
    throw error;
  }
}

async function write(body: Readable, path: string, algorithm: Algorithm) {
  const checksum = checksumOf(algorithm);
  const md5 = createHash("md5");
  let size = 0;
  const measured = async function* (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      size += chunk.length;
      md5.update(chunk);
      checksum.update(chunk);
      yield chunk;
    }
  };
  await pipeline(body, measured, createWriteStream(path));
  return { size, md5: md5.digest("hex"), value: checksum.digest() };
}

/** A body comes as a stream from the wire, as bytes or text from other services. */
function bodyOf(body: unknown): Readable {
  if (body instanceof Readable) return body;
  if (typeof body === "string" || body instanceof Uint8Array) return Readable.from([Buffer.from(body)]);
  return Readable.from([]);
}

function algorithmOf(input: ContentInput, body: Readable): Algorithm | undefined {
  const announced = body instanceof ContentStream ? body.announced.toLowerCase() : "";
  return ALGORITHMS.find(
    (algorithm) =>
      input[`Checksum${algorithm}`] !== undefined ||
      announced === headerOf(algorithm) ||
      input.ChecksumAlgorithm === algorithm,
  );
}

function headerOf(algorithm: Algorithm): string {
  return `x-amz-checksum-${algorithm.toLowerCase()}`;
}
