import type * as s3 from "@aws-sdk/client-s3";
import { parsePolicy } from "../iam/policy.ts";
import { AwsError, type Handlers } from "../wire/contract.ts";
import type { Buckets } from "./buckets.ts";
import { s3Error } from "./errors.ts";

/** "General purpose bucket naming rules" of the S3 user guide, but the reserved prefixes. */
const BUCKET_NAME = /^(?!.*\.\.)(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

export function bucketHandlers({
  buckets,
  region,
  owner,
}: {
  readonly buckets: Buckets;
  readonly region: string;
  readonly owner: s3.Owner;
}): Handlers<typeof s3> {
  return {
    CreateBucket: ({ Bucket: name = "" }) => {
      if (!BUCKET_NAME.test(name)) throw new AwsError("InvalidBucketName", "The specified bucket is not valid.");
      if (buckets.find(name))
        throw new AwsError(
          "BucketAlreadyOwnedByYou",
          "Your previous request to create the named bucket succeeded and you already own it.",
          { status: 409 },
        );
      buckets.ensure(name, { encryption: { algorithm: "AES256", bucketKey: false } });
      return { Location: `/${name}` };
    },
    DeleteBucket: ({ Bucket: name }) => {
      const bucket = buckets.get(name);
      if (!bucket.isEmpty)
        throw new AwsError("BucketNotEmpty", "The bucket you tried to delete is not empty", { status: 409 });
      buckets.remove(bucket);
      return {};
    },
    HeadBucket: ({ Bucket: name }) => {
      buckets.get(name);
      return { BucketRegion: region };
    },
    ListBuckets: () => ({
      Owner: owner,
      Buckets: buckets.list().map(({ name, createdAt }) => ({ Name: name, CreationDate: new Date(createdAt) })),
    }),
    GetBucketPolicy: ({ Bucket: name }) => {
      const { policy } = buckets.get(name);
      if (!policy) throw new AwsError("NoSuchBucketPolicy", "The bucket policy does not exist", { status: 404 });
      return { Policy: JSON.stringify(policy) };
    },
    PutBucketPolicy: ({ Bucket: name, Policy = "" }) => {
      buckets.get(name).policy = readPolicy(Policy);
      return {};
    },
    DeleteBucketPolicy: ({ Bucket: name }) => {
      buckets.get(name).policy = undefined;
      return {};
    },
    GetBucketVersioning: ({ Bucket: name }) => {
      const { versioning } = buckets.get(name).settings;
      return versioning ? { Status: versioning } : {};
    },
    PutBucketVersioning: () => {
      throw s3Error.notEmulated("Versioning");
    },
  };
}

function readPolicy(text: string) {
  try {
    return parsePolicy(text);
  } catch (error) {
    throw new AwsError("MalformedPolicy", error instanceof Error ? error.message : String(error));
  }
}
