import { createReadStream, createWriteStream } from "node:fs";
import { rename, rm, stat } from "node:fs/promises";
import { basename } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import {
  ChecksumAlgorithm,
  type CreateMultipartUploadCommandInput,
  GetObjectCommand,
  HeadObjectCommand,
  S3Client,
  ServerSideEncryption,
} from "@aws-sdk/client-s3";
import { type ClientSettings, oneOf, textOf } from "../client-settings.ts";
import { describeFailure, UsageError } from "../errors.ts";
import { type ParameterTable, parseParameters } from "../parameters.ts";
import { pairs } from "./operations.ts";
import { upload } from "./upload.ts";

const OPTIONS: ParameterTable = {
  ...{ "--sse": "string", "--sse-kms-key-id": "string", "--checksum-algorithm": "string", "--metadata": "string" },
  ...{ "--content-type": "string", "--expected-size": "string", "--checksum-mode": "string" },
  ...{ "--quiet": "flag", "--no-progress": "flag", "--only-show-errors": "flag" },
};

/** `aws s3 cp FILE s3://BUCKET/KEY [options]`, or the other way; `-` is standard input or output. */
export async function copy(settings: ClientSettings, words: readonly string[]): Promise<number> {
  const [source, target, ...options] = words;
  if (source === undefined || target === undefined || source.startsWith("--") || target.startsWith("--"))
    throw new UsageError("the stand-in of the local cloud takes: aws s3 cp SOURCE TARGET [options]");
  // `--no-progress` is an option by itself, and no negation.
  const given = parseParameters(
    options.filter((word) => word !== "--no-progress"),
    OPTIONS,
  );
  const isUpload = target.startsWith("s3://");
  if (isUpload === source.startsWith("s3://"))
    throw new UsageError("the stand-in of the local cloud copies between a file and S3 only");
  const client = new S3Client(settings);
  const progress = { operation: "" };
  try {
    const to = isUpload
      ? await send(client, source, target, given, progress)
      : await fetchInto(client, source, target, progress);
    const isQuiet = given["Quiet"] === true || given["OnlyShowErrors"] === true || to === "-";
    if (!isQuiet) process.stdout.write(`${isUpload ? "upload" : "download"}: ${source} to ${to}\n`);
    return 0;
  } catch (error) {
    const { text } = describeFailure(error, progress.operation);
    process.stderr.write(`${isUpload ? "upload" : "download"} failed: ${source} to ${target} ${text.trim()}\n`);
    return 1;
  }
}

async function send(
  client: S3Client,
  file: string,
  target: string,
  options: Readonly<Record<string, unknown>>,
  progress: { operation: string },
): Promise<string> {
  const { Bucket, Key } = parseLocation(target);
  const key = Key === "" || Key.endsWith("/") ? `${Key}${basename(file)}` : Key;
  const input: CreateMultipartUploadCommandInput = {
    ...{ Bucket, Key: key },
    Metadata: pairs(textOf(options["Metadata"])),
    ContentType: textOf(options["ContentType"]) || undefined,
    // What the CLI takes if nothing else is given.
    ChecksumAlgorithm: oneOf(ChecksumAlgorithm, options["ChecksumAlgorithm"] ?? "CRC64NVME"),
    ServerSideEncryption: oneOf(ServerSideEncryption, options["Sse"]),
    SSEKMSKeyId: textOf(options["SseKmsKeyId"]) || undefined,
  };
  const content = file === "-" ? process.stdin : createReadStream(file);
  const size = file === "-" ? Number(options["ExpectedSize"] ?? 0) : (await stat(file)).size;
  await upload(client, input, content, size, progress);
  return `s3://${Bucket}/${key}`;
}

async function fetchInto(
  client: S3Client,
  source: string,
  target: string,
  progress: { operation: string },
): Promise<string> {
  const location = parseLocation(source);
  const file = target.endsWith("/") ? `${target}${basename(location.Key)}` : target;
  progress.operation = "HeadObject";
  await client.send(new HeadObjectCommand({ ...location, ChecksumMode: "ENABLED" }));
  progress.operation = "GetObject";
  const { Body } = await client.send(new GetObjectCommand({ ...location, ChecksumMode: "ENABLED" }));
  const body = Body instanceof Readable ? Body : Readable.from([]);
  if (file === "-") {
    await pipeline(body, process.stdout, { end: false });
    return file;
  }
  // Nobody sees half a file under its name.
  const half = `${file}.${process.pid}`;
  try {
    await pipeline(body, createWriteStream(half));
    await rename(half, file);
  } finally {
    await rm(half, { force: true });
  }
  return file;
}

function parseLocation(url: string): { Bucket: string; Key: string } {
  const [, Bucket, Key = ""] = /^s3:\/\/([^/]+)\/?(.*)$/s.exec(url) ?? [];
  if (!Bucket) throw new UsageError(`Invalid argument type: ${url}`);
  return { Bucket, Key };
}
