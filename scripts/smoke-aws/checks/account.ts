import { DescribeAvailabilityZonesCommand, DescribeVpcsCommand } from "@aws-sdk/client-ec2";
import { GetServiceQuotaCommand } from "@aws-sdk/client-service-quotas";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { failed, type Outcome, passed, type Tools } from "../tools.ts";

const QUOTAS = {
  "concurrent functions": ["lambda", "L-B99A9384"],
  "Elastic IPs": ["ec2", "L-0263D0A3"],
  "On-Demand vCPUs": ["ec2", "L-1216C47A"],
} as const;
const ZONES = 3;

/** Reads only. Keeps the zones, of which clusters take the first three. */
export async function checkAccount({ aws, save, state }: Tools): Promise<Outcome> {
  await aws.sts.send(new GetCallerIdentityCommand({}));
  const zoneFilter = [
    { Name: "zone-type", Values: ["availability-zone"] },
    { Name: "opt-in-status", Values: ["opt-in-not-required"] },
  ];
  const { AvailabilityZones = [] } = await aws.ec2.send(new DescribeAvailabilityZonesCommand({ Filters: zoneFilter }));
  const zones = AvailabilityZones.flatMap(({ ZoneName, State }) =>
    ZoneName !== undefined && State === "available" ? [ZoneName] : [],
  ).toSorted();
  const { Vpcs = [] } = await aws.ec2.send(new DescribeVpcsCommand({}));
  const quotas = await Promise.all(
    Object.entries(QUOTAS).map(async ([name, quota]) => [name, await quotaValue(aws, quota)]),
  );
  const evidence = {
    zones,
    vpcs: Vpcs.length,
    defaultVpc: Vpcs.some(({ IsDefault }) => IsDefault === true),
    quotas: Object.fromEntries(quotas),
  };
  if (zones.length < ZONES) return failed(`${state.region} has ${zones.length} zones of ${ZONES}`, evidence);
  await save({ zones });
  return passed(`${zones.length} zones, ${evidence.defaultVpc ? "a" : "no"} default VPC`, evidence);
}

/** Null where the caller may not read it. */
async function quotaValue(
  aws: Tools["aws"],
  [ServiceCode, QuotaCode]: readonly [string, string],
): Promise<number | null> {
  try {
    const { Quota } = await aws.quotas.send(new GetServiceQuotaCommand({ ServiceCode, QuotaCode }));
    return Quota?.Value ?? null;
  } catch {
    return null;
  }
}
