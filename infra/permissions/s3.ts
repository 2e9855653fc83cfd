import { Aws } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";

export interface BackupStore {
  readonly bucketArn: string;
  readonly keyArn: string;
}

/** Objects of any cluster's backups: `manifest.json`. */
function objects({ bucketArn }: BackupStore, names: readonly string[]): string[] {
  return names.map((name) => `${bucketArn}/clusters/*/${name}`);
}

/** S3 uses the key in its caller's name, and says which object it is for. */
function useKey(store: BackupStore, actions: string[], names: readonly string[]): PolicyStatement {
  return new PolicyStatement({
    actions,
    resources: [store.keyArn],
    conditions: {
      StringEquals: { "kms:ViaService": `s3.${Aws.REGION}.amazonaws.com` },
      StringLike: { "kms:EncryptionContext:aws:s3:arn": objects(store, names) },
    },
  });
}

/** To read objects of backups, or to see that they are there and what their checksum is. */
export function readBackups(store: BackupStore, ...names: string[]): PolicyStatement[] {
  return [
    new PolicyStatement({ actions: ["s3:GetObject"], resources: objects(store, names) }),
    // Without it S3 answers for what is not there as if it were forbidden.
    listBackups(store),
    useKey(store, ["kms:Decrypt"], names),
  ];
}

export function writeBackups(store: BackupStore, ...names: string[]): PolicyStatement[] {
  return [
    new PolicyStatement({ actions: ["s3:PutObject"], resources: objects(store, names) }),
    useKey(store, ["kms:GenerateDataKey"], names),
  ];
}

/** To say of objects whether they end with the bucket's rule, or are pinned. */
export function tagBackups(store: BackupStore, ...names: string[]): PolicyStatement[] {
  return [
    new PolicyStatement({ actions: ["s3:PutObjectTagging"], resources: objects(store, names) }),
    listBackups(store),
  ];
}

/** Not their versions: what a mistake removes stays. */
export function removeBackups(store: BackupStore): PolicyStatement {
  return new PolicyStatement({ actions: ["s3:DeleteObject"], resources: objects(store, ["*"]) });
}

function listBackups({ bucketArn }: BackupStore): PolicyStatement {
  return new PolicyStatement({
    actions: ["s3:ListBucket"],
    resources: [bucketArn],
    // Where S3 only asks whether a missing key may be named (HeadObject, GetObject), there is no prefix.
    conditions: { StringLikeIfExists: { "s3:prefix": "clusters/*" } },
  });
}
