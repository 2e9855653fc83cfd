import type { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { describe } from "./ec2.ts";
import { readHostedZones } from "./endpoint.ts";
import { readIdentity, readRolePolicies } from "./iam.ts";
import { imageParameters, readParameterTags } from "./ssm.ts";

/** What a spec names in the account. */
const NAMED_FACTS = [
  "ec2:DescribeAvailabilityZones",
  "ec2:DescribeInstanceTypeOfferings",
  "ec2:DescribeInstanceTypes",
  "ec2:DescribeSecurityGroups",
  "ec2:DescribeImages",
  "route53:ListHostedZonesByName",
];

/** That, and the quotas of what it needs. */
const SPEC_FACTS = [
  ...NAMED_FACTS,
  "ec2:DescribeVpcs",
  "ec2:DescribeNatGateways",
  "ec2:DescribeSubnets",
  "ec2:DescribeAddresses",
  "ec2:DescribeVolumes",
  "ec2:DescribeInstances",
  "autoscaling:DescribeAccountLimits",
  "servicequotas:GetServiceQuota",
  "servicequotas:GetAWSDefaultServiceQuota",
];

/** To check a spec against the account: zones, instance types, images, networks, quotas. */
export function checkAccount(): PolicyStatement[] {
  return [
    describe(...SPEC_FACTS, "ec2:DescribeTags", "elasticloadbalancing:DescribeLoadBalancers"),
    readHostedZones(),
    ...imageParameters(),
  ];
}

/** To check a change of a cluster that serves. */
export function checkChanges(): PolicyStatement[] {
  return [describe(...NAMED_FACTS), ...imageParameters()];
}

/** To check other masters of a cluster that is there: its name and its load balancer are its own already. */
export function checkMasters(): PolicyStatement[] {
  return [describe(...SPEC_FACTS), ...imageParameters()];
}

/** To find everything that carries a tag of ours. Nothing but lists. */
export function findByTag(): PolicyStatement[] {
  return [
    describe(
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
    readIdentity(),
  ];
}

/** To find all that a deletion of a cluster removes: its parameters (no secret's value) and its DNS record, too. */
export function findResources(): PolicyStatement[] {
  return [
    ...findByTag(),
    describe("route53:ListHostedZonesByName", "ssm:DescribeParameters"),
    readParameterTags("*"),
    readHostedZones(),
  ];
}

/** To look for what is missing of clusters: networks, groups with their hooks, targets, roles and names of parameters. */
export function findDrift(): PolicyStatement[] {
  return [
    describe(
      "ec2:DescribeSecurityGroups",
      "ec2:DescribeRouteTables",
      "ec2:DescribeNatGateways",
      "ec2:DescribeAddresses",
      "ec2:DescribeLaunchTemplates",
      "autoscaling:DescribeLifecycleHooks",
      "elasticloadbalancing:DescribeTargetHealth",
      "ssm:DescribeParameters",
    ),
    readRolePolicies(),
  ];
}

/** To read tags of what members share and of what launches them. */
export function readSharedTags(): PolicyStatement {
  return describe(
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeLaunchTemplates",
    "ec2:DescribeLaunchTemplateVersions",
    "elasticloadbalancing:DescribeTags",
  );
}
