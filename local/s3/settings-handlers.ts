import type * as s3 from "@aws-sdk/client-s3";
import { BucketLocationConstraint } from "@aws-sdk/client-s3";
import { AwsError, type Handlers } from "../wire/contract.ts";
import type { Buckets } from "./buckets.ts";

interface Parts {
  readonly buckets: Buckets;
  readonly region: string;
  readonly owner: s3.Owner;
}

/** Settings as an operator reads them. Nothing here is public, and no object has another owner than the account. */
export function settingsHandlers({ buckets, region, owner }: Parts): Handlers<typeof s3> {
  return {
    GetBucketLocation: ({ Bucket: name }) => {
      buckets.get(name);
      // The oldest Region has no name there.
      const LocationConstraint = Object.values(BucketLocationConstraint).find((known) => known === region);
      return LocationConstraint === undefined ? {} : { LocationConstraint };
    },
    GetBucketEncryption: ({ Bucket: name }) => {
      const { algorithm, keyArn, bucketKey } = buckets.get(name).settings.encryption;
      const byDefault = { SSEAlgorithm: algorithm, ...(keyArn !== undefined && { KMSMasterKeyID: keyArn }) };
      const rule = { ApplyServerSideEncryptionByDefault: byDefault, BucketKeyEnabled: bucketKey };
      return { ServerSideEncryptionConfiguration: { Rules: [rule] } };
    },
    GetPublicAccessBlock: ({ Bucket: name }) => {
      buckets.get(name);
      const PublicAccessBlockConfiguration = {
        ...{ BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true },
      };
      return { PublicAccessBlockConfiguration };
    },
    GetBucketOwnershipControls: ({ Bucket: name }) => {
      buckets.get(name);
      return { OwnershipControls: { Rules: [{ ObjectOwnership: "BucketOwnerEnforced" }] } };
    },
    GetBucketAcl: ({ Bucket: name }) => {
      buckets.get(name);
      return { Owner: owner, Grants: [{ Grantee: { ...owner, Type: "CanonicalUser" }, Permission: "FULL_CONTROL" }] };
    },
    GetBucketPolicyStatus: ({ Bucket: name }) => {
      if (!buckets.get(name).policy)
        throw new AwsError("NoSuchBucketPolicy", "The bucket policy does not exist", { status: 404 });
      return { PolicyStatus: { IsPublic: false } };
    },
    GetBucketTagging: ({ Bucket: name }) => {
      buckets.get(name);
      throw new AwsError("NoSuchTagSet", "The TagSet does not exist", { status: 404 });
    },
  };
}
