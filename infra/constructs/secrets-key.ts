import { RemovalPolicy } from "aws-cdk-lib";
import { type IKey, Key } from "aws-cdk-lib/aws-kms";
import { Construct } from "constructs";
import { SECRETS_KEY } from "../../functions/domain/cluster/naming.ts";

/**
 * The KMS key of clusters' secrets in Parameter Store. Its policy delegates to IAM, which allows a role only its own
 * parameters. The key is retained, since without it no secret can be read.
 */
export class SecretsKey extends Construct {
  readonly arn: string;
  readonly key: IKey;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const key = new Key(this, "Key", {
      alias: SECRETS_KEY,
      description: "Encrypts the secrets of Holdfast's clusters in Parameter Store",
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.key = key;
    this.arn = key.keyArn;
  }
}
