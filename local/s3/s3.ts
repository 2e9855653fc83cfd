import { createHash } from "node:crypto";
import type * as sdk from "@aws-sdk/client-s3";
import type { CloudContext } from "../context/context.ts";
import type { PolicyDocument } from "../iam/policy.ts";
import type { Handlers } from "../wire/contract.ts";
import type { BucketSettings } from "./bucket.ts";
import { bucketHandlers } from "./bucket-handlers.ts";
import { Buckets, type Permissions } from "./buckets.ts";
import { type EncryptionInput, encryptionOf } from "./encryption.ts";
import { listHandlers } from "./list-handlers.ts";
import type { Encryption } from "./model.ts";
import { multipartHandlers } from "./multipart-handlers.ts";
import { objectHandlers } from "./object-handlers.ts";
import { settingsHandlers } from "./settings-handlers.ts";

/** What IAM must know of buckets and objects to check a call. */
export interface S3Facts {
  /** How a new object would be encrypted; undefined for a bucket that is not there. */
  readonly encryptionOf: (bucket: string, input: EncryptionInput) => Encryption | undefined;
  /** Of an object that is there, or of an upload in parts. */
  readonly objectOf: (
    bucket: string,
    key: string,
    uploadId?: string,
  ) => { readonly encryption: Encryption; readonly tags: Readonly<Record<string, string>> } | undefined;
}

export interface S3 extends S3Facts {
  readonly handlers: Handlers<typeof sdk>;
  /** Makes a bucket, or takes over what a former run left of it. */
  putBucket(name: string, settings: Omit<BucketSettings, "encryption"> & { encryption?: EncryptionInput }): void;
  putBucketPolicy(name: string, policy: PolicyDocument): void;
  /** The policy of the bucket that an ARN is of, or in. */
  policyOf(arn: string): PolicyDocument | undefined;
}

export interface S3Options {
  /** Where objects lie on this machine. */
  readonly directory: string;
  readonly kmsKey: (name: string) => string | undefined;
  readonly permissions: Permissions;
}

/** Amazon S3: buckets and objects without versions. What is in them lies on disk, and outlives the process if the folder does. */
export function createS3(context: CloudContext, { directory, kmsKey, permissions }: S3Options): S3 {
  const { clock, region, accountId } = context;
  const buckets = new Buckets(context, directory, permissions);
  const keys = { kmsKey, awsKey: `arn:aws:kms:${region}:${accountId}:key/aws-s3` };
  const parts = { buckets, keys, clock };
  const owner = { ID: createHash("sha256").update(accountId).digest("hex") };
  const unencrypted: Encryption = { algorithm: "AES256", bucketKey: false };
  return {
    handlers: {
      ...bucketHandlers({ buckets, region, owner }),
      ...settingsHandlers({ buckets, region, owner }),
      ...objectHandlers(parts),
      ...listHandlers({ buckets, owner }),
      ...multipartHandlers(parts),
    },
    putBucket: (name, { encryption = {}, ...settings }) => {
      const byDefault = { ...unencrypted, bucketKey: encryption.BucketKeyEnabled ?? false };
      buckets.ensure(name, { ...settings, encryption: encryptionOf(byDefault, encryption, keys) });
    },
    putBucketPolicy: (name, policy) => {
      buckets.get(name).policy = policy;
    },
    policyOf: (arn) => buckets.find(/^arn:aws:s3:::([^/]+)/.exec(arn)?.[1] ?? "")?.policy,
    encryptionOf: (name, input) => {
      const bucket = buckets.find(name);
      return bucket && encryptionOf(bucket.settings.encryption, input, keys);
    },
    objectOf: (name, key, uploadId) => {
      const bucket = buckets.find(name);
      return uploadId === undefined ? bucket?.find(key) : bucket?.findUpload(uploadId);
    },
  };
}
