/**
 * Quotas of an account that a cluster uses up, all per Region. Names, codes and defaults as Service Quotas lists them
 * (`aws service-quotas list-aws-default-service-quotas`; `quotas.md` of gruntwork-io/terraform-aws-utilities has the
 * same table). EBS has no quota for the number of volumes, only for what they hold.
 */
export interface Quota {
  readonly service: string;
  readonly code: string;
  /** As Service Quotas names it. */
  readonly name: string;
}

function quota(service: string, code: string, name: string): Quota {
  return { service, code, name };
}

export const QUOTAS = {
  vpcs: quota("vpc", "L-F678F1CE", "VPCs per Region"),
  internetGateways: quota("vpc", "L-A4707A72", "Internet gateways per Region"),
  natGateways: quota("vpc", "L-FE5A380F", "NAT gateways per Availability Zone"),
  elasticIps: quota("ec2", "L-0263D0A3", "EC2-VPC Elastic IPs"),
  loadBalancers: quota("elasticloadbalancing", "L-69A177A2", "Network Load Balancers per Region"),
  autoScalingGroups: quota("autoscaling", "L-CDE20ADC", "Auto Scaling groups per region"),
  concurrency: quota("lambda", "L-B99A9384", "Concurrent executions"),
  storage: quota("ebs", "L-7A658B76", "Storage for General Purpose SSD (gp3) volumes, in TiB"),
} as const satisfies Record<string, Quota>;

/** Running On-Demand vCPUs by the letters that an instance type begins with; the rest is STANDARD. */
const FAMILIES: readonly (readonly [prefix: RegExp, quota: Quota])[] = [
  [/^dl/, quota("ec2", "L-6E869C2A", "Running On-Demand DL instances")],
  [/^f\d/, quota("ec2", "L-74FC7D96", "Running On-Demand F instances")],
  [/^(g|gr|vt)\d/, quota("ec2", "L-DB2E81BA", "Running On-Demand G and VT instances")],
  [/^u(-|\d)/, quota("ec2", "L-43DA4232", "Running On-Demand High Memory instances")],
  [/^hpc/, quota("ec2", "L-F7808C92", "Running On-Demand HPC instances")],
  [/^inf/, quota("ec2", "L-1945791B", "Running On-Demand Inf instances")],
  [/^p\d/, quota("ec2", "L-417A185B", "Running On-Demand P instances")],
  [/^trn/, quota("ec2", "L-2C3B7624", "Running On-Demand Trn instances")],
  [/^x\d/, quota("ec2", "L-7295265B", "Running On-Demand X instances")],
];
const STANDARD = quota("ec2", "L-1216C47A", "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances");

/** The quota that counts the vCPUs of an instance type. */
export function vcpuQuotaOf(instanceType: string): Quota {
  return FAMILIES.find(([prefix]) => prefix.test(instanceType))?.[1] ?? STANDARD;
}

/** Where a person asks for more. */
export function requestLink({ service, code }: Quota, region?: string): string {
  return `https://${region === undefined ? "" : `${region}.`}console.aws.amazon.com/servicequotas/home/services/${service}/quotas/${code}`;
}

/**
 * The quota behind an error of a creating call: EC2's error codes, and the SDK's names for those of Auto Scaling and
 * ELB.
 */
const REACHED: Readonly<Record<string, Quota>> = {
  VpcLimitExceeded: QUOTAS.vpcs,
  InternetGatewayLimitExceeded: QUOTAS.internetGateways,
  NatGatewayLimitExceeded: QUOTAS.natGateways,
  AddressLimitExceeded: QUOTAS.elasticIps,
  VolumeLimitExceeded: QUOTAS.storage,
  LimitExceededFault: QUOTAS.autoScalingGroups,
  TooManyLoadBalancersException: QUOTAS.loadBalancers,
  VcpuLimitExceeded: STANDARD,
};

/** EC2's words in an activity of an Auto Scaling group, which has no error code. */
const TOO_MANY_VCPUS = /more vCPU capacity than your current vCPU limit/;

/** The same for a group's failed launch; undefined unless a vCPU quota of this type was reached. */
export function launchQuotaReached(failure: string, instanceType: string): string | undefined {
  return TOO_MANY_VCPUS.test(failure) ? usedUp(vcpuQuotaOf(instanceType)) : undefined;
}

function usedUp(quota: Quota): string {
  return `The quota "${quota.name}" (${quota.service} ${quota.code}) is used up; ask for more: ${requestLink(quota)}`;
}

/** Says which quota an error of AWS is about and where to ask for more; undefined for any other error. */
export function quotaReached(errorCode: string): string | undefined {
  const found = Object.hasOwn(REACHED, errorCode) ? REACHED[errorCode] : undefined;
  return found && usedUp(found);
}

/** With fewer, ten concurrent creations or repairs leave no concurrency for the API. */
const ENOUGH_FUNCTIONS = 100;

/** Says that the account runs few functions at once, as a new one does; undefined where it runs enough. */
export function fewFunctions(limit: number, region: string): string | undefined {
  if (limit >= ENOUGH_FUNCTIONS) return undefined;
  const { name, code } = QUOTAS.concurrency;
  return (
    `the account runs ${limit} functions at once ("${name}", lambda ${code}): operations take longer, and the API may be busy. ` +
    `Ask for 1,000, which costs nothing: ${requestLink(QUOTAS.concurrency, region)}`
  );
}
