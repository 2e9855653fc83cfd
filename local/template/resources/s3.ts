import * as z from "zod";
import { parsePolicy } from "../../iam/policy.ts";
import type { Provision } from "../resource-type.ts";

const EncryptionRule = z.object({
  BucketKeyEnabled: z.boolean().optional(),
  ServerSideEncryptionByDefault: z.object({
    SSEAlgorithm: z.enum(["AES256", "aws:kms"]),
    KMSMasterKeyID: z.string().optional(),
  }),
});
const BucketProperties = z.looseObject({
  BucketName: z.string().optional(),
  BucketEncryption: z.object({ ServerSideEncryptionConfiguration: z.tuple([EncryptionRule]) }).optional(),
  VersioningConfiguration: z.object({ Status: z.enum(["Enabled", "Suspended"]) }).optional(),
});

/** Nothing here is public, no object has an owner but the account, and tags of buckets are asked for by nobody. */
const WITHOUT_MEANING = ["OwnershipControls", "PublicAccessBlockConfiguration", "Tags"];

/** `AWS::S3::Bucket`; the log names the properties that have no effect on this machine. */
export const provisionBucket: Provision = (request, { s3, context }) => {
  const { BucketName, BucketEncryption, VersioningConfiguration, ...others } = BucketProperties.parse(
    request.properties,
  );
  const name = BucketName ?? request.name(63).toLowerCase();
  const [rule] = BucketEncryption?.ServerSideEncryptionConfiguration ?? [];
  const { SSEAlgorithm, KMSMasterKeyID } = rule?.ServerSideEncryptionByDefault ?? {};
  s3.putBucket(name, {
    ...(rule && {
      encryption: {
        ServerSideEncryption: SSEAlgorithm,
        SSEKMSKeyId: KMSMasterKeyID,
        BucketKeyEnabled: rule.BucketKeyEnabled,
      },
    }),
    ...(VersioningConfiguration && { versioning: VersioningConfiguration.Status }),
  });
  const idle = Object.keys({ ...others, ...(VersioningConfiguration && { VersioningConfiguration }) });
  const ignored = idle.filter((property) => !WITHOUT_MEANING.includes(property));
  if (ignored.length > 0) context.log(`s3: of the bucket ${name} these have no effect here: ${ignored.join(", ")}`);
  const attributes = {
    Arn: `arn:aws:s3:::${name}`,
    DomainName: `${name}.s3.amazonaws.com`,
    RegionalDomainName: `${name}.s3.${context.region}.amazonaws.com`,
    DualStackDomainName: `${name}.s3.dualstack.${context.region}.amazonaws.com`,
  };
  return { ref: name, attributes };
};

const PolicyProperties = z.object({ Bucket: z.string(), PolicyDocument: z.record(z.string(), z.unknown()) });

/** `AWS::S3::BucketPolicy` */
export const provisionBucketPolicy: Provision = (request, { s3 }) => {
  const { Bucket, PolicyDocument } = PolicyProperties.parse(request.properties);
  s3.putBucketPolicy(Bucket, parsePolicy(JSON.stringify(PolicyDocument)));
  return { ref: Bucket, attributes: {} };
};
