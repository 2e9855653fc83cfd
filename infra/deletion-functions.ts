import type { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { type FunctionNeeds, route, step } from "./function-needs.ts";
import type { RemovalRights } from "./removal-rights.ts";

/** Functions that show what a cluster owns, and take it away. */
export const deletionNeeds = (rights: RemovalRights, countRequests: PolicyStatement): Record<string, FunctionNeeds> => {
  const tell = rights.publishEvents();
  const survey = rights.survey();
  const obstacles = rights.describe(
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DescribeRouteTables",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeVpcEndpoints",
    "ec2:DescribeVpcs",
  );

  return {
    "delete-cluster": route("write", [...rights.findByTag(), tell]),
    "list-resources": route("read", [...survey, rights.describe("ec2:DescribeVpcEndpoints"), countRequests]),
    "stop-operations": step(),
    "delete-compute": step([
      rights.describe("autoscaling:DescribeAutoScalingGroups", "ec2:DescribeInstances", "ec2:DescribeLaunchTemplates"),
      rights.changeGroups("autoscaling:DeleteAutoScalingGroup"),
      rights.changeEc2(["ec2:TerminateInstances", "ec2:DeleteLaunchTemplate"], ["instance", "launch-template"]),
    ]),
    "snapshot-member": step([
      rights.describe("ec2:DescribeSnapshots"),
      rights.createSnapshots(),
      rights.tagOnCreate("CreateSnapshot"),
      rights.changeEc2(["ec2:CreateSnapshot"], ["volume"]),
      tell,
    ]),
    "delete-workloads": step([
      rights.describe(
        "ec2:DescribeVpcs",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeVolumes",
        "elasticloadbalancing:DescribeLoadBalancers",
        "elasticloadbalancing:DescribeTargetGroups",
        "elasticloadbalancing:DescribeTags",
      ),
    ]),
    "delete-storage": step([
      rights.describe("ec2:DescribeVolumes", "ec2:DescribeNetworkInterfaces", "ec2:DescribeAddresses"),
      rights.changeEc2(
        ["ec2:DeleteVolume", "ec2:DeleteNetworkInterface", "ec2:ReleaseAddress"],
        ["volume", "network-interface", "elastic-ip"],
      ),
    ]),
    "delete-endpoint": step([
      rights.describe(
        "elasticloadbalancing:DescribeLoadBalancers",
        "elasticloadbalancing:DescribeTargetGroups",
        "elasticloadbalancing:DescribeTags",
        "route53:ListHostedZonesByName",
      ),
      rights.readHostedZones(),
      rights.hostedZones(),
      rights.deleteLoadBalancing(),
    ]),
    "delete-egress": step([
      rights.describe("ec2:DescribeNatGateways", "ec2:DescribeAddresses"),
      rights.changeEc2(["ec2:DeleteNatGateway", "ec2:ReleaseAddress"], ["natgateway", "elastic-ip"]),
    ]),
    "delete-network": step([
      obstacles,
      rights.describe("ec2:DescribeInternetGateways", "ec2:DescribeSecurityGroupVpcAssociations"),
      rights.changeEc2(
        [
          "ec2:RevokeSecurityGroupIngress",
          "ec2:RevokeSecurityGroupEgress",
          "ec2:DeleteSecurityGroup",
          "ec2:DeleteSubnet",
          "ec2:DeleteRouteTable",
          "ec2:DetachInternetGateway",
          "ec2:DeleteInternetGateway",
          "ec2:DisassociateSecurityGroupVpc",
          "ec2:DeleteVpc",
        ],
        ["security-group", "subnet", "route-table", "internet-gateway", "vpc"],
      ),
      rights.releaseForeignSecurityGroups(),
    ]),
    "delete-identity": step([
      ...rights.deleteIdentity(),
      rights.describe("ssm:DescribeParameters", "iam:ListRoles", "iam:ListInstanceProfiles"),
      rights.readIdentity(),
      rights.readParameterTags(),
      rights.parameters(["ssm:DeleteParameters"], "*"),
    ]),
    "verify-removal": step(survey),
    "delete-records": step(),
  };
};
