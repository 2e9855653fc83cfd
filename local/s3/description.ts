import { type EncryptionInput, encryptionOf } from "./encryption.ts";
import { s3Error } from "./errors.ts";
import type { Description, Encryption } from "./model.ts";

/** What a writer says of an object: PutObject, CreateMultipartUpload, CopyObject. */
export interface DescriptionInput extends EncryptionInput {
  readonly ContentType?: string | undefined;
  readonly ContentEncoding?: string | undefined;
  readonly ContentDisposition?: string | undefined;
  readonly ContentLanguage?: string | undefined;
  readonly CacheControl?: string | undefined;
  readonly Metadata?: Record<string, string> | undefined;
  readonly Tagging?: string | undefined;
  readonly ObjectLockMode?: string | undefined;
  readonly ObjectLockLegalHoldStatus?: string | undefined;
  readonly SSECustomerAlgorithm?: string | undefined;
}

/** The account's keys, and the one that AWS has for S3. */
export interface KmsKeys {
  readonly kmsKey: (name: string) => string | undefined;
  readonly awsKey: string;
}

/** @throws AwsError `KMS.NotFoundException`, or `NotImplemented` for what is not emulated */
export function describe(byDefault: Encryption, input: DescriptionInput, keys: KmsKeys): Description {
  if (input.ObjectLockMode ?? input.ObjectLockLegalHoldStatus) throw s3Error.notEmulated("Object Lock");
  if (input.SSECustomerAlgorithm) throw s3Error.notEmulated("Encryption with the customer's own key");
  const encryption = encryptionOf(byDefault, input, keys);
  const { keyArn } = encryption;
  if (keyArn !== undefined && keyArn !== keys.awsKey && keys.kmsKey(keyArn) === undefined)
    throw s3Error.kmsKeyNotFound(keyArn);
  const { ContentType, ContentEncoding, ContentDisposition, ContentLanguage, CacheControl } = input;
  // `aws-chunked` is the transfer's encoding, not the content's.
  const encoding = ContentEncoding?.replace(/(^|,)\s*aws-chunked\s*(,|$)/, "") || undefined;
  return {
    headers: { ContentType, ContentEncoding: encoding, ContentDisposition, ContentLanguage, CacheControl },
    metadata: input.Metadata ?? {},
    tags: Object.fromEntries(new URLSearchParams(input.Tagging ?? "")),
    encryption,
  };
}
