import { Effect, ManagedPolicy, PolicyStatement } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";

/**
 * The most that an instance role made by Holdfast can ever have, whatever its own policy says: so the right to make roles
 * is no way to more rights.
 */
export class PermissionsBoundary extends Construct {
  readonly policy: ManagedPolicy;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.policy = new ManagedPolicy(this, "Policy", {
      description: "Upper bound of the instance roles of Holdfast's clusters",
      statements: [
        new PolicyStatement({
          actions: [
            "ec2:Describe*",
            "ec2:AttachVolume",
            "ec2:DetachVolume",
            "ec2:CreateVolume",
            "ec2:DeleteVolume",
            "ec2:CreateTags",
            "ec2:CreateSnapshot",
            "ec2:DeleteSnapshot",
            "elasticloadbalancing:*",
            "dynamodb:PutItem",
            "ecr:Get*",
            "ecr:BatchGetImage",
            "ecr:BatchCheckLayerAvailability",
            "ssm:*",
            "ssmmessages:*",
            "ec2messages:*",
            "kms:Decrypt",
          ],
          resources: ["*"],
        }),
        new PolicyStatement({
          effect: Effect.DENY,
          actions: ["ssm:SendCommand", "ssm:StartSession"],
          resources: ["*"],
        }),
      ],
    });
  }
}
