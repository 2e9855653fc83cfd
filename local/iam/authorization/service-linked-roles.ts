import { type ServiceWithRole, serviceLinkedRoleName } from "../service-linked-roles.ts";
import type { CloudState } from "./cloud-state.ts";
import { type Demand, demand } from "./demand.ts";

/**
 * Until its role exists Elastic Load Balancing reads EC2 with the caller's permissions (kubernetes/cloud-provider-aws#59,
 * kubernetes-sigs/aws-load-balancer-controller#748; the role itself has the same reads: ELB user guide, "Service-linked role").
 */
const READS: Readonly<Record<ServiceWithRole, readonly string[]>> = {
  "autoscaling.amazonaws.com": [],
  "elasticloadbalancing.amazonaws.com": [
    "ec2:DescribeAccountAttributes",
    "ec2:DescribeAddresses",
    "ec2:DescribeInternetGateways",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
  ],
};

/**
 * The first call of some services in an account makes their service-linked role, with the caller's permissions. A fresh
 * account has none of these roles.
 */
export function serviceLinkedRole(cloud: CloudState, service: ServiceWithRole): Demand[] {
  const name = serviceLinkedRoleName(service);
  if (cloud.iam().roles[name]) return [];
  const resource = `arn:aws:iam::${cloud.accountId}:role/aws-service-role/${service}/${name}`;
  return [
    demand("iam:CreateServiceLinkedRole", resource, { "iam:AWSServiceName": service }),
    ...READS[service].map((action) => demand(action, "*")),
  ];
}
