import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { BACKUP_OBJECTS } from "../../domain/backup/manifest.ts";
import { SECRETS_KEY } from "../../domain/cluster/naming.ts";
import type { Owned } from "../../domain/ownership/ownership.ts";
import { call, ignoring } from "../common/aws-errors.ts";

export interface ObjectPlace {
  readonly bucket: string;
  readonly key: string;
}

/** What S3 knows of an object without its content. */
export interface ObjectFacts {
  readonly bytes: number;
  /** Hexadecimal; null where the upload did not say, or was in parts. */
  readonly sha256: string | null;
  /** SHA-256 as S3 stores it: also of an upload in parts. Null where the upload did not say. */
  readonly checksum: string | null;
}

const ABSENT = ["NotFound", "NoSuchKey"];

export interface ObjectExtras {
  /** KMS decrypts the object only for callers that name the same encryption context, which IAM can require. */
  readonly context?: Readonly<Record<string, string>>;
  readonly tags?: Readonly<Record<string, string>>;
}

/** Writes an object, encrypted with the stack's key. */
export async function putObject(
  s3: S3Client,
  { bucket, key }: ObjectPlace,
  body: string,
  { context = {}, tags = {} }: ObjectExtras = {},
): Promise<void> {
  const isBound = Object.keys(context).length > 0;
  await call(
    s3.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: key,
        Body: body,
        ContentType: "application/json",
        ChecksumAlgorithm: "SHA256",
        ServerSideEncryption: "aws:kms",
        SSEKMSKeyId: SECRETS_KEY,
        ...(Object.keys(tags).length > 0 ? { Tagging: new URLSearchParams(tags).toString() } : {}),
        ...(isBound ? { SSEKMSEncryptionContext: Buffer.from(JSON.stringify(context)).toString("base64") } : {}),
      }),
    ),
  );
}

/** Replaces an object's tags. False: there is no such object. */
export async function tagObject(
  s3: S3Client,
  { bucket, key }: ObjectPlace,
  tags: Readonly<Record<string, string>>,
): Promise<boolean> {
  const TagSet = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  const command = new PutObjectTaggingCommand({ Bucket: bucket, Key: key, Tagging: { TagSet } });
  return (await ignoring(ABSENT, s3.send(command))) !== undefined;
}

/** Undefined if there is no such object. */
export async function findObject(s3: S3Client, { bucket, key }: ObjectPlace): Promise<ObjectFacts | undefined> {
  const found = await ignoring(
    ABSENT,
    s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key, ChecksumMode: "ENABLED" })),
  );
  if (!found) return undefined;
  const { ContentLength = 0, ChecksumSHA256 } = found;
  // Of an upload in parts the checksum is that of the parts' checksums, and ends in their number.
  const isWhole = ChecksumSHA256 !== undefined && !ChecksumSHA256.includes("-");
  const sha256 = isWhole ? Buffer.from(ChecksumSHA256, "base64").toString("hex") : null;
  return { bytes: ContentLength, sha256, checksum: ChecksumSHA256 ?? null };
}

/** The text of an object; undefined if there is none. */
export async function findText(s3: S3Client, { bucket, key }: ObjectPlace): Promise<string | undefined> {
  const found = await ignoring(ABSENT, s3.send(new GetObjectCommand({ Bucket: bucket, Key: key })));
  return found?.Body?.transformToString();
}

/** Object Lock, or a policy of somebody's, keeps it: that is no error of whoever cleans up. */
const KEPT = ["AccessDenied", "InvalidRequest", "NoSuchKey"];

/** Removes a backup: its manifest first, since without it the rest is no backup any more. Versions stay for a while. */
export async function deleteBackup(s3: S3Client, bucket: string, backup: Owned<"backup">): Promise<void> {
  const { manifest, ...others } = BACKUP_OBJECTS;
  const remove = (object: string) =>
    ignoring(KEPT, s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: `${backup.id}${object}` })));
  await remove(manifest);
  await Promise.all(Object.values(others).map(remove));
}
