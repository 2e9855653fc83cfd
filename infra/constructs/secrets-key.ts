import { RemovalPolicy } from "aws-cdk-lib";
import { Key } from "aws-cdk-lib/aws-kms";
import { Construct } from "constructs";
import { SECRETS_KEY } from "../../functions/domain/cluster/naming.ts";

/**
 * What clusters' secrets in Parameter Store are encrypted with. Its policy leaves it to IAM who may use it, and IAM lets a role
 * decrypt just the parameters that are meant for it. It stays when the stack goes: without it no secret could be read again.
 */
export class SecretsKey extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const key = new Key(this, "Key", {
      alias: SECRETS_KEY,
      description: "Encrypts the secrets of Holdfast's clusters in Parameter Store",
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.arn = key.keyArn;
  }
}
