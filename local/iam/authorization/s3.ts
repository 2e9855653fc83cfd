import type * as s3 from "@aws-sdk/client-s3";
import type { EncryptionInput } from "../../s3/encryption.ts";
import type { Encryption } from "../../s3/model.ts";
import { sourceOf } from "../../s3/object-handlers.ts";
import type { CloudState } from "./cloud-state.ts";
import { type ConditionKeys, type Demand, type Demands, demand, type Mapping, mappingOf } from "./demand.ts";

interface ObjectInput {
  readonly Bucket?: string | undefined;
  readonly Key?: string | undefined;
  readonly UploadId?: string | undefined;
}

interface WriteInput extends ObjectInput, EncryptionInput {
  readonly ACL?: string | undefined;
  readonly Tagging?: string | undefined;
  readonly IfMatch?: string | undefined;
  readonly IfNoneMatch?: string | undefined;
}

/** "Actions, resources, and condition keys for Amazon S3". ARNs of buckets and objects have neither Region nor account. */
export function s3Mapping(cloud: CloudState): Mapping {
  const demands = { ...objectDemands(cloud), ...multipartDemands(cloud), ...bucketDemands() };
  const mapping = mappingOf<typeof s3>("s3", demands);
  // Of these S3 asks for each key by itself, and answers for each by itself (`local/s3/object-handlers.ts`).
  return (operation, input) => (operation === "DeleteObjects" ? [] : mapping(operation, input));
}

function objectDemands(cloud: CloudState): Demands<typeof s3> {
  const read = (input: ObjectInput): Demand[] => [
    onObject("GetObject", input, existingTags(cloud, input)),
    ...useKey(cloud, "Decrypt", input, present(cloud, input)?.encryption),
  ];
  return {
    PutObject: (input) => write(cloud, input),
    GetObject: read,
    HeadObject: read,
    CopyObject: (input) => {
      const { bucketName, key } = sourceOf(input.CopySource);
      return [...read({ Bucket: bucketName, Key: key }), ...write(cloud, input)];
    },
    DeleteObject: (input) => [onObject("DeleteObject", input, existingTags(cloud, input))],
    GetObjectTagging: (input) => [onObject("GetObjectTagging", input, existingTags(cloud, input))],
    PutObjectTagging: (input) => [
      onObject("PutObjectTagging", input, {
        ...existingTags(cloud, input),
        ...requestedTags(
          Object.fromEntries((input.Tagging?.TagSet ?? []).map(({ Key = "", Value = "" }) => [Key, Value])),
        ),
      }),
    ],
  };
}

function multipartDemands(cloud: CloudState): Demands<typeof s3> {
  /** A part is encrypted by the data key of the upload, which KMS decrypts for each ("Protecting data with SSE-KMS"). */
  const decrypt = (input: ObjectInput) => useKey(cloud, "Decrypt", input, present(cloud, input)?.encryption);
  return {
    CreateMultipartUpload: (input) => write(cloud, input),
    UploadPart: (input) => [onObject("PutObject", input), ...decrypt(input)],
    CompleteMultipartUpload: (input) => [onObject("PutObject", input), ...decrypt(input)],
    AbortMultipartUpload: (input) => [onObject("AbortMultipartUpload", input)],
    ListParts: (input) => [onObject("ListMultipartUploadParts", input)],
    ListMultipartUploads: ({ Bucket }) => [onBucket("ListBucketMultipartUploads", Bucket)],
  };
}

function bucketDemands(): Demands<typeof s3> {
  return {
    HeadBucket: ({ Bucket }) => [onBucket("ListBucket", Bucket)],
    ListObjectsV2: ({ Bucket, Prefix = "", Delimiter, MaxKeys }) => [
      onBucket("ListBucket", Bucket, {
        "s3:prefix": Prefix,
        ...(Delimiter !== undefined && { "s3:delimiter": Delimiter }),
        ...(MaxKeys !== undefined && { "s3:max-keys": MaxKeys }),
      }),
    ],
    ListBuckets: () => [demand("s3:ListAllMyBuckets", "*")],
    CreateBucket: ({ Bucket }) => [onBucket("CreateBucket", Bucket)],
    DeleteBucket: ({ Bucket }) => [onBucket("DeleteBucket", Bucket)],
    GetBucketPolicy: ({ Bucket }) => [onBucket("GetBucketPolicy", Bucket)],
    PutBucketPolicy: ({ Bucket }) => [onBucket("PutBucketPolicy", Bucket)],
    DeleteBucketPolicy: ({ Bucket }) => [onBucket("DeleteBucketPolicy", Bucket)],
    GetBucketVersioning: ({ Bucket }) => [onBucket("GetBucketVersioning", Bucket)],
    PutBucketVersioning: ({ Bucket }) => [onBucket("PutBucketVersioning", Bucket)],
  };
}

/** A new object: its bytes, its tags, its key of KMS, and with If-Match a look at the one that is there. */
function write(cloud: CloudState, input: WriteInput): Demand[] {
  const { Bucket = "", ServerSideEncryption, SSEKMSKeyId, ACL, Tagging, IfMatch, IfNoneMatch } = input;
  const encryption = cloud.s3.encryptionOf(Bucket, input);
  const keys = {
    ...(ServerSideEncryption !== undefined && { "s3:x-amz-server-side-encryption": ServerSideEncryption }),
    ...(SSEKMSKeyId !== undefined && {
      "s3:x-amz-server-side-encryption-aws-kms-key-id": encryption?.keyArn ?? SSEKMSKeyId,
    }),
    ...(ACL !== undefined && { "s3:x-amz-acl": ACL }),
    ...(IfMatch !== undefined && { "s3:if-match": IfMatch }),
    ...(IfNoneMatch !== undefined && { "s3:if-none-match": IfNoneMatch }),
    ...requestedTags(Object.fromEntries(new URLSearchParams(Tagging ?? ""))),
  };
  return [
    onObject("PutObject", input, keys),
    ...(Tagging === undefined ? [] : [onObject("PutObjectTagging", input, keys)]),
    ...(IfMatch === undefined ? [] : [onObject("GetObject", input)]),
    ...useKey(cloud, "GenerateDataKey", input, encryption),
  ];
}

/**
 * S3 asks KMS in its caller's name, with the object as context, or the bucket where that has a key of its own. AWS's own key
 * for S3 lets everybody in the account.
 */
function useKey(
  cloud: CloudState,
  action: string,
  { Bucket = "", Key = "" }: ObjectInput,
  encryption: Encryption | undefined,
): Demand[] {
  const arn = cloud.kmsKey(encryption?.keyArn ?? "");
  if (arn === undefined) return [];
  const bucket = `arn:aws:s3:::${Bucket}`;
  const keys = {
    "aws:ViaAWSService": true,
    "kms:ViaService": `s3.${cloud.region}.amazonaws.com`,
    "kms:CallerAccount": cloud.accountId,
    "kms:EncryptionContext:aws:s3:arn": encryption?.bucketKey ? bucket : `${bucket}/${Key}`,
  };
  return [demand(`kms:${action}`, arn, keys)];
}

function present(cloud: CloudState, { Bucket = "", Key = "", UploadId }: ObjectInput) {
  return cloud.s3.objectOf(Bucket, Key, UploadId);
}

function existingTags(cloud: CloudState, input: ObjectInput): ConditionKeys {
  const tags = Object.entries(present(cloud, input)?.tags ?? {});
  return Object.fromEntries(tags.map(([key, value]) => [`s3:ExistingObjectTag/${key}`, value]));
}

function requestedTags(tags: Readonly<Record<string, string>>): ConditionKeys {
  const entries = Object.entries(tags);
  if (entries.length === 0) return {};
  const values = entries.map(([key, value]): [string, string] => [`s3:RequestObjectTag/${key}`, value]);
  return { ...Object.fromEntries(values), "s3:RequestObjectTagKeys": entries.map(([key]) => key) };
}

function onObject(action: string, { Bucket = "", Key = "" }: ObjectInput, keys: ConditionKeys = {}): Demand {
  return demand(`s3:${action}`, `arn:aws:s3:::${Bucket}/${Key}`, keys);
}

function onBucket(action: string, bucket = "", keys: ConditionKeys = {}): Demand {
  return demand(`s3:${action}`, `arn:aws:s3:::${bucket}`, keys);
}
