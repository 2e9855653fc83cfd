/**
 * Quotas that the local cloud enforces and reports. AWS's defaults are 5 VPCs and 5 Elastic IPs a region (aws-facts
 * §4.4); this is an account whose owner has had them raised, because one local account holds many clusters.
 */
export const quotas = {
  vpcs: 10_000,
  elasticIps: 30_000,
  /** Security groups of one interface: AWS's default. */
  groupsPerInterface: 5,
} as const;
