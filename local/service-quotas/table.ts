/**
 * The quotas that the local cloud enforces, as Service Quotas lists them: service, code, name, AWS's default, and what
 * is applied here. This is an account whose owner has had them raised, because one local account holds many clusters; a
 * quota without an applied value is at AWS's default. Defaults: docs/references/aws.md#throttling, quota pages of VPC,
 * EC2, EBS, ELB, Auto Scaling.
 */
export const table = [
  { key: "vpcs", service: "vpc", code: "L-F678F1CE", name: "VPCs per Region", byDefault: 5, applied: 10_000 },
  {
    key: "internetGateways",
    service: "vpc",
    code: "L-A4707A72",
    name: "Internet gateways per Region",
    byDefault: 5,
    applied: 10_000,
  },
  {
    key: "natGatewaysPerZone",
    service: "vpc",
    code: "L-FE5A380F",
    name: "NAT gateways per Availability Zone",
    byDefault: 5,
    applied: 10_000,
  },
  {
    key: "groupsPerInterface",
    service: "vpc",
    code: "L-2AFB9258",
    name: "Security groups per network interface",
    byDefault: 5,
  },
  { key: "elasticIps", service: "ec2", code: "L-0263D0A3", name: "EC2-VPC Elastic IPs", byDefault: 5, applied: 30_000 },
  {
    key: "standardVcpus",
    service: "ec2",
    code: "L-1216C47A",
    name: "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances",
    byDefault: 5,
    applied: 500_000,
  },
  {
    key: "gp3TiB",
    service: "ebs",
    code: "L-7A658B76",
    name: "Storage for General Purpose SSD (gp3) volumes, in TiB",
    byDefault: 50,
    applied: 10_000,
  },
  {
    key: "networkLoadBalancers",
    service: "elasticloadbalancing",
    code: "L-69A177A2",
    name: "Network Load Balancers per Region",
    byDefault: 50,
    applied: 10_000,
  },
  {
    key: "autoScalingGroups",
    service: "autoscaling",
    code: "L-CDE20ADC",
    name: "Auto Scaling groups per region",
    byDefault: 500,
    applied: 100_000,
  },
  {
    // A new account has 10 applied (docs/quotas-and-cost.md).
    key: "concurrentExecutions",
    service: "lambda",
    code: "L-B99A9384",
    name: "Concurrent executions",
    byDefault: 1_000,
    applied: 1_000,
  },
] as const;

export type QuotaKey = (typeof table)[number]["key"];
