import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { copyFile, open } from "node:fs/promises";
import type * as s3 from "@aws-sdk/client-s3";
import type { Clock } from "../context/clock.ts";
import { AwsError, type CallContext, type Handlers } from "../wire/contract.ts";
import type { Bucket } from "./bucket.ts";
import type { Buckets } from "./buckets.ts";
import { checkRead, checkWrite, rangeOf } from "./conditions.ts";
import { describe, type KmsKeys } from "./description.ts";
import { viewEncryption } from "./encryption.ts";
import { s3Error } from "./errors.ts";
import type { Digest, Encryption, StoredObject } from "./model.ts";
import { viewChecksum, viewObject, viewTags } from "./object-views.ts";
import { receive } from "./receive.ts";

export interface ObjectParts {
  readonly buckets: Buckets;
  readonly keys: KmsKeys;
  readonly clock: Clock;
}

const MAX_KEY_BYTES = 1024;

export function objectHandlers(parts: ObjectParts): Handlers<typeof s3> {
  return { ...writeHandlers(parts), ...readHandlers(parts), ...deleteHandlers(parts), ...tagHandlers(parts) };
}

function writeHandlers({ buckets, keys, clock }: ObjectParts): Handlers<typeof s3> {
  return {
    PutObject: async (input) => {
      const bucket = buckets.get(input.Bucket);
      const key = keyOf(input.Key);
      const description = describe(bucket.settings.encryption, input, keys);
      checkWrite(input, bucket.find(key));
      const received = await receive(bucket, input);
      const object = { ...description, ...asStored(received, description.encryption), key, lastModified: clock.now() };
      putIfAllowed(bucket, object, () => checkWrite(input, bucket.find(key)));
      return { ETag: `"${object.etag}"`, ...viewChecksum(object), ...viewEncryption(object.encryption) };
    },
    CopyObject: async (input, call) => {
      const bucket = buckets.get(input.Bucket);
      const { bucketName, key: sourceKey } = sourceOf(input.CopySource);
      const sourceBucket = buckets.get(bucketName);
      const source = findObject(buckets, sourceBucket, sourceKey, call);
      const replaced = describe(bucket.settings.encryption, input, keys);
      const { headers, metadata } = input.MetadataDirective === "REPLACE" ? replaced : source;
      const tags = input.TaggingDirective === "REPLACE" ? replaced.tags : source.tags;
      const file = bucket.newFile();
      await copyFile(sourceBucket.pathOf(source.file), bucket.pathOf(file));
      const { encryption } = replaced;
      const stored = { ...asStored({ ...source, file }, encryption), key: keyOf(input.Key), lastModified: clock.now() };
      const object = { ...stored, headers, metadata, tags, encryption };
      putIfAllowed(bucket, object, () => checkWrite(input, bucket.find(object.key)));
      const result = { ETag: `"${object.etag}"`, LastModified: new Date(object.lastModified), ...viewChecksum(object) };
      return { CopyObjectResult: result, ...viewEncryption(encryption) };
    },
  };
}

function readHandlers({ buckets }: ObjectParts): Handlers<typeof s3> {
  return {
    GetObject: async (input, call) => {
      refuseVersions(input);
      const bucket = buckets.get(input.Bucket);
      const object = findObject(buckets, bucket, input.Key, call);
      checkRead(input, object);
      const range = rangeOf(input.Range, object.size);
      // Open now: a later writer of the key takes the file's name away, not its content.
      const file = await open(bucket.pathOf(object.file));
      return { ...viewObject(object, input, range), Body: createReadStream("", { fd: file, ...range }) };
    },
    HeadObject: (input, call) => {
      refuseVersions(input);
      const object = findObject(buckets, buckets.get(input.Bucket), input.Key, call);
      checkRead(input, object);
      return viewObject(object, input, rangeOf(input.Range, object.size));
    },
  };
}

function deleteHandlers({ buckets }: ObjectParts): Handlers<typeof s3> {
  return {
    DeleteObject: (input) => {
      refuseVersions(input);
      const bucket = buckets.get(input.Bucket);
      const present = bucket.find(keyOf(input.Key));
      if (present && input.IfMatch !== undefined) checkWrite(input, present);
      bucket.remove(keyOf(input.Key));
      return {};
    },
    DeleteObjects: (input, { principal }) => {
      const bucket = buckets.get(input.Bucket);
      const { Objects = [], Quiet = false } = input.Delete ?? {};
      if (Objects.length === 0 || Objects.length > 1000)
        throw new AwsError("MalformedXML", "The XML you provided was not well-formed or did not validate");
      // Each key is a decision of IAM of its own, and a refused one does not stop the others.
      const mayDelete = (key: string) =>
        buckets.permissions.mayDo(principal, "s3:DeleteObject", `${bucket.arn}/${key}`);
      const wanted = Objects.map(({ Key = "", VersionId }) => ({ key: Key, refused: VersionId || !mayDelete(Key) }));
      for (const { key, refused } of wanted) if (!refused) bucket.remove(key);
      const errors = wanted.filter(({ refused }) => refused);
      return {
        ...(!Quiet && { Deleted: wanted.filter(({ refused }) => !refused).map(({ key }) => ({ Key: key })) }),
        ...(errors.length > 0 && {
          Errors: errors.map(({ key }) => ({ Key: key, Code: "AccessDenied", Message: "Access Denied" })),
        }),
      };
    },
  };
}

function tagHandlers({ buckets }: ObjectParts): Handlers<typeof s3> {
  return {
    GetObjectTagging: (input, call) => ({
      TagSet: viewTags(findObject(buckets, buckets.get(input.Bucket), input.Key, call).tags),
    }),
    PutObjectTagging: (input, call) => {
      const bucket = buckets.get(input.Bucket);
      const object = findObject(buckets, bucket, input.Key, call);
      const tags = (input.Tagging?.TagSet ?? []).map(({ Key = "", Value = "" }) => [Key, Value]);
      bucket.put({ ...object, tags: Object.fromEntries(tags) });
      return {};
    },
  };
}

/** Puts an object whose data is there, unless a condition does not hold any more: then the data goes again. */
export function putIfAllowed(bucket: Bucket, object: StoredObject, check: () => void): void {
  try {
    check();
    bucket.put(object);
  } catch (error) {
    bucket.dropFile(object.file);
    throw error;
  }
}

/** The ETag of what KMS encrypts is no MD5 (S3 API reference, "Common response headers"). */
export function asStored<D extends Digest>(digest: D, { algorithm }: Encryption): D {
  if (algorithm === "AES256") return digest;
  const parts = /-\d+$/.exec(digest.etag)?.[0] ?? "";
  return { ...digest, etag: createHash("md5").update(randomUUID()).digest("hex") + parts };
}

/** @throws AwsError `NoSuchKey`, or `AccessDenied` to somebody who may not list the bucket */
function findObject(
  buckets: Buckets,
  bucket: Bucket,
  key: string | undefined,
  { principal }: CallContext,
): StoredObject {
  const object = bucket.find(keyOf(key));
  if (!object) throw buckets.missing(bucket, principal);
  return object;
}

/** @throws AwsError `KeyTooLongError` */
export function keyOf(key = ""): string {
  if (Buffer.byteLength(key) <= MAX_KEY_BYTES) return key;
  throw new AwsError("KeyTooLongError", "Your key is too long");
}

/** `/bucket/key`, encoded as in a URL; the slash before it may be missing. */
export function sourceOf(copySource = ""): { bucketName: string; key: string } {
  const [path = "", version] = copySource.split("?versionId=");
  if (version !== undefined) throw s3Error.notEmulated("Versioning");
  const [, bucketName = "", key = ""] = /^\/?([^/]+)\/(.+)$/.exec(decodeURIComponent(path)) ?? [];
  return { bucketName, key };
}

function refuseVersions(input: { VersionId?: string | undefined; PartNumber?: number | undefined }): void {
  if (input.VersionId !== undefined) throw s3Error.notEmulated("Versioning");
  if (input.PartNumber !== undefined) throw s3Error.notEmulated("Reading one part of an object");
}
