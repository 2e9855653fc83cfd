import { Validations } from "aws-cdk-lib";
import { Effect, ManagedPolicy, PolicyStatement } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";

const MOST = [
  "ec2:Describe*",
  "ec2:AttachVolume",
  "ec2:DetachVolume",
  "ec2:CreateVolume",
  "ec2:DeleteVolume",
  "ec2:ModifyVolume",
  "ec2:CreateTags",
  "ec2:*SecurityGroup*",
  "ec2:*NetworkInterface*",
  "ec2:*PrivateIpAddresses",
  "ec2:CreateRoute",
  "ec2:DeleteRoute",
  "ec2:ModifyInstanceAttribute",
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
  "kms:Encrypt",
];

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
        new PolicyStatement({ actions: MOST, resources: ["*"] }),
        new PolicyStatement({
          effect: Effect.DENY,
          actions: ["ssm:SendCommand", "ssm:StartSession"],
          resources: ["*"],
        }),
      ],
    });
    const patterns = MOST.filter((action) => action.includes("*")).map((action) => `Action::${action}`);
    for (const pattern of ["Resource::*", ...patterns])
      Validations.of(this.policy).acknowledge({
        id: `AwsSolutions-IAM5[${pattern}]`,
        reason: "A boundary grants nothing; what a role may do is in its own policy",
      });
  }
}
