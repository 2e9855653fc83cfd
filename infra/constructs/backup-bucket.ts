import { Duration, RemovalPolicy, Validations } from "aws-cdk-lib";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import { pinnedTags } from "../../functions/domain/backup/manifest.ts";

/**
 * The bucket of all clusters' backups. It outlives the stack. Versions and lifecycle rules are a net below retention:
 * what a mistake removes stays for a month, and what nobody removes or pins goes after 400 days.
 */
export class BackupBucket extends Construct {
  readonly name: string;
  readonly arn: string;

  constructor(scope: Construct, id: string, { key }: { readonly key: IKey }) {
    super(scope, id);
    const bucket = new Bucket(this, "Bucket", {
      encryption: BucketEncryption.KMS,
      encryptionKey: key,
      // Each object is encrypted by itself, with its own name as context: that is what IAM holds masters to.
      bucketKeyEnabled: false,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      versioned: true,
      removalPolicy: RemovalPolicy.RETAIN,
      lifecycleRules: [
        {
          noncurrentVersionExpiration: Duration.days(30),
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
        // A rule can name tags, and not their absence: so each object carries one, and a pin changes it.
        { expiration: Duration.days(400), tagFilters: pinnedTags(false) },
      ],
    });
    Validations.of(bucket).acknowledge({
      id: "AwsSolutions-S1",
      reason: "CloudTrail's data events say who read a backup; a log bucket would need a log of its own",
    });
    this.name = bucket.bucketName;
    this.arn = bucket.bucketArn;
  }
}
