import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { TAG } from "../functions/domain/naming.ts";
import { Rights } from "./rights.ts";

/** Rights of the functions that look for what a cluster has, and take it away. */
export class RemovalRights extends Rights {
  /** To find everything that carries a tag of ours. Nothing but lists. */
  findByTag(): PolicyStatement[] {
    return [
      this.describe(
        "autoscaling:DescribeAutoScalingGroups",
        "ec2:DescribeAddresses",
        "ec2:DescribeInstances",
        "ec2:DescribeInternetGateways",
        "ec2:DescribeLaunchTemplates",
        "ec2:DescribeNatGateways",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeRouteTables",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVolumes",
        "ec2:DescribeVpcs",
        "elasticloadbalancing:DescribeLoadBalancers",
        "elasticloadbalancing:DescribeTargetGroups",
        "elasticloadbalancing:DescribeTags",
        "iam:ListRoles",
        "iam:ListInstanceProfiles",
      ),
      this.readIdentity(),
    ];
  }

  /** To find all that a deletion of a cluster removes: its parameters (no secret's value) and its DNS record, too. */
  survey(): PolicyStatement[] {
    return [
      ...this.findByTag(),
      this.describe("route53:ListHostedZonesByName", "ssm:DescribeParameters"),
      this.readParameterTags(),
      this.readHostedZones(),
    ];
  }

  /** Whose a parameter is; nothing of its value. */
  readParameterTags(): PolicyStatement {
    return this.parameters(["ssm:ListTagsForResource"], "*");
  }

  readIdentity(): PolicyStatement {
    return new PolicyStatement({
      actions: ["iam:GetRole", "iam:GetInstanceProfile"],
      resources: [this.clusterRoles(), this.clusterProfiles()],
    });
  }

  /** Snapshots have no account in their ARN. */
  createSnapshots(): PolicyStatement {
    return new PolicyStatement({
      actions: ["ec2:CreateSnapshot"],
      resources: [this.arn("ec2", "snapshot/*", { account: "" })],
      conditions: { Null: { [`aws:RequestTag/${TAG.uid}`]: "false" } },
    });
  }

  deleteLoadBalancing(): PolicyStatement {
    return new PolicyStatement({
      actions: ["elasticloadbalancing:DeleteLoadBalancer", "elasticloadbalancing:DeleteTargetGroup"],
      resources: ["loadbalancer/net/hf-*", "targetgroup/hf-*"].map((type) => this.arn("elasticloadbalancing", type)),
      conditions: { Null: { [`aws:ResourceTag/${TAG.uid}`]: "false" } },
    });
  }

  /** Of a group that users brought, only that it no longer serves a VPC; which one is said by `changeEc2`. */
  releaseForeignSecurityGroups(): PolicyStatement {
    return new PolicyStatement({
      actions: ["ec2:DisassociateSecurityGroupVpc"],
      resources: [this.arn("ec2", "security-group/*")],
    });
  }

  /** To delete instance roles and profiles that are ours, by path and by tag. */
  deleteIdentity(): PolicyStatement[] {
    const conditions = { Null: { [`aws:ResourceTag/${TAG.uid}`]: "false" } };
    return [
      new PolicyStatement({
        actions: [
          "iam:ListAttachedRolePolicies",
          "iam:ListRolePolicies",
          "iam:DetachRolePolicy",
          "iam:DeleteRolePolicy",
          "iam:DeleteRole",
        ],
        resources: [this.clusterRoles()],
        conditions,
      }),
      new PolicyStatement({
        actions: ["iam:RemoveRoleFromInstanceProfile", "iam:DeleteInstanceProfile"],
        resources: [this.clusterProfiles()],
        conditions,
      }),
    ];
  }
}
