import type { Readable } from "node:stream";
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";

/** As the AWS CLI: what is larger goes in parts of this size, at most 10,000 of them ("AWS CLI S3 Configuration"). */
const PART_BYTES = 8 * 1024 * 1024;
const MAX_PARTS = 10_000;

/**
 * Puts a content of about this size, in parts where it is large: then the caller needs `kms:Decrypt`, too. `progress` has the
 * operation that runs.
 */
export async function upload(
  client: S3Client,
  input: CreateMultipartUploadCommandInput,
  content: Readable,
  expectedSize: number,
  progress: { operation: string },
): Promise<void> {
  const partBytes = Math.max(PART_BYTES, Math.ceil(expectedSize / MAX_PARTS));
  const pieces = piecesOf(content, partBytes);
  const first = await pieces.next();
  const head = first.done ? Buffer.alloc(0) : first.value;
  if (head.length < partBytes) {
    progress.operation = "PutObject";
    await client.send(new PutObjectCommand({ ...input, Body: head }));
    return;
  }
  progress.operation = "CreateMultipartUpload";
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(input));
  const where = { Bucket: input.Bucket, Key: input.Key, UploadId };
  try {
    progress.operation = "UploadPart";
    const send = async (Body: Buffer, PartNumber: number): Promise<CompletedPart> => {
      const { ChecksumAlgorithm } = input;
      const {
        ETag,
        $metadata: _,
        ...answer
      } = await client.send(new UploadPartCommand({ ...where, PartNumber, Body, ChecksumAlgorithm }));
      const checksums = Object.entries(answer).filter(([name]) => name.startsWith("Checksum"));
      return { PartNumber, ETag, ...Object.fromEntries(checksums) };
    };
    const parts = [await send(head, 1)];
    for await (const piece of pieces) parts.push(await send(piece, parts.length + 1));
    progress.operation = "CompleteMultipartUpload";
    await client.send(new CompleteMultipartUploadCommand({ ...where, MultipartUpload: { Parts: parts } }));
  } catch (error) {
    await client.send(new AbortMultipartUploadCommand(where)).catch(() => undefined);
    throw error;
  }
}

/** A stream in pieces of one size; the last may be shorter. */
async function* piecesOf(content: Readable, bytes: number): AsyncGenerator<Buffer, void> {
  let chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of content) {
    chunks.push(chunk);
    size += chunk.length;
    if (size < bytes) continue;
    const all = Buffer.concat(chunks);
    let at = 0;
    for (; all.length - at >= bytes; at += bytes) yield all.subarray(at, at + bytes);
    chunks = [all.subarray(at)];
    size = all.length - at;
  }
  if (size > 0) yield Buffer.concat(chunks);
}
