import type { Encryption } from "./model.ts";

export interface EncryptionInput {
  readonly ServerSideEncryption?: string | undefined;
  readonly SSEKMSKeyId?: string | undefined;
  readonly BucketKeyEnabled?: boolean | undefined;
}

/** How a new object is encrypted: as its writer says, else as the bucket does by default. */
export function encryptionOf(
  byDefault: Encryption,
  input: EncryptionInput,
  { kmsKey, awsKey }: { readonly kmsKey: (name: string) => string | undefined; readonly awsKey: string },
): Encryption {
  const asked = input.ServerSideEncryption;
  if (asked === undefined) return byDefault;
  if (asked === "AES256") return { algorithm: "AES256", bucketKey: false };
  const bucketKey = input.BucketKeyEnabled ?? byDefault.bucketKey;
  const key = input.SSEKMSKeyId;
  const keyArn = key === undefined ? (byDefault.keyArn ?? awsKey) : (kmsKey(key) ?? key);
  return { algorithm: "aws:kms", keyArn, bucketKey };
}

/** As the answers of S3 have it. */
export function viewEncryption({ algorithm, keyArn, bucketKey }: Encryption) {
  return {
    ServerSideEncryption: algorithm,
    ...(keyArn !== undefined && { SSEKMSKeyId: keyArn }),
    ...(bucketKey && { BucketKeyEnabled: true }),
  };
}
