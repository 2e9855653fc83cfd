import * as z from "zod";
import { ALGORITHMS } from "./checksums.ts";

export const Encryption = z.object({
  algorithm: z.enum(["AES256", "aws:kms"]),
  /** The KMS key's ARN. */
  keyArn: z.string().optional(),
  /** One data key for a bucket: KMS is then asked in the bucket's name, not in the object's. */
  bucketKey: z.boolean(),
});
export type Encryption = z.output<typeof Encryption>;

/** What a writer says of an object beside its content. */
export const Description = z.object({
  headers: z.object({
    ContentType: z.string().optional(),
    ContentEncoding: z.string().optional(),
    ContentDisposition: z.string().optional(),
    ContentLanguage: z.string().optional(),
    CacheControl: z.string().optional(),
  }),
  metadata: z.record(z.string(), z.string()),
  tags: z.record(z.string(), z.string()),
  encryption: Encryption,
});
export type Description = z.output<typeof Description>;

const Digest = z.object({
  size: z.int(),
  /** Without quotes. */
  etag: z.string(),
  checksum: z.object({
    algorithm: z.enum(ALGORITHMS),
    value: z.string(),
    type: z.enum(["FULL_OBJECT", "COMPOSITE"]),
  }),
});
export type Digest = z.output<typeof Digest>;

/** An object, as the file beside its data has it. */
export const StoredObject = z.object({
  ...Description.shape,
  ...Digest.shape,
  key: z.string(),
  /** Epoch milliseconds. */
  lastModified: z.number(),
  /** The name of the file that has the data. */
  file: z.string(),
  partCount: z.int().optional(),
});
export type StoredObject = z.output<typeof StoredObject>;

export const Part = z.object({ ...Digest.shape, number: z.int(), lastModified: z.number(), file: z.string() });
export type Part = z.output<typeof Part>;

/** An upload in parts that is under way. */
export const Upload = z.object({
  ...Description.shape,
  id: z.string(),
  key: z.string(),
  initiatedAt: z.number(),
  algorithm: z.enum(ALGORITHMS),
  checksumType: z.enum(["FULL_OBJECT", "COMPOSITE"]),
  parts: z.array(Part),
});
export type Upload = z.output<typeof Upload>;
