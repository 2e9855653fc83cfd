import type * as elb from "@aws-sdk/client-elastic-load-balancing-v2";
import { AwsError } from "../wire/contract.ts";
import type { Engine } from "./engine.ts";
import { getBalancer, validationError } from "./lookup.ts";
import type { Balancer, BalancerZone } from "./model.ts";

type WantedZone = Pick<BalancerZone, "zone" | "subnetId">;

/** A balancer takes an address of each subnet, and wants room to grow (NLB user guide, "Availability Zones"). */
const FREE_ADDRESSES = 8;

/**
 * The zones of these subnets.
 * @throws AwsError `SubnetNotFoundException`, `InvalidConfigurationRequestException`, `InvalidSubnetException`.
 */
export async function zonesOf(engine: Engine, subnets: readonly string[], has: readonly WantedZone[] = []) {
  const found = await describeSubnets(engine, subnets);
  if (new Set(found.map(({ zone }) => zone)).size < found.length) {
    throw new AwsError(
      "InvalidConfigurationRequestException",
      "A load balancer cannot be attached to multiple subnets in the same Availability Zone",
    );
  }
  const full = found.find(
    ({ subnetId, free }) => free < FREE_ADDRESSES && !has.some((each) => each.subnetId === subnetId),
  );
  if (full) {
    throw new AwsError(
      "InvalidSubnetException",
      `Not enough IP space available in ${full.subnetId}. ELB requires at least ${FREE_ADDRESSES} free IP addresses in each subnet.`,
    );
  }
  return found.map(({ zone, subnetId }): WantedZone => ({ zone, subnetId }));
}

async function describeSubnets(engine: Engine, subnets: readonly string[]) {
  try {
    const answer = await engine.ec2("DescribeSubnets", { SubnetIds: [...subnets] });
    return (answer.Subnets ?? []).map((each) => ({
      zone: each.AvailabilityZone ?? "",
      subnetId: each.SubnetId ?? "",
      free: each.AvailableIpAddressCount ?? FREE_ADDRESSES,
    }));
  } catch (error) {
    if (error instanceof AwsError && error.code.startsWith("InvalidSubnetID")) {
      throw new AwsError("SubnetNotFoundException", error.message);
    }
    throw error;
  }
}

/** One managed interface a subnet. */
export function addZones(
  engine: Engine,
  { path, groups, activeAt }: { readonly path: string; readonly groups: string[]; readonly activeAt: number },
  zones: readonly WantedZone[],
): BalancerZone[] {
  return zones.map(({ zone, subnetId }) => {
    const made = engine.service.createManagedInterface({ subnetId, description: `ELB ${path}`, groups });
    return { zone, subnetId, interfaceId: made.networkInterfaceId, address: made.privateIpAddress, activeAt };
  });
}

/**
 * All subnets that are to be enabled: those that are left out are disabled, which ends their connections. A zone gets
 * another subnet by being disabled and enabled again, in two calls.
 */
export async function setSubnets(engine: Engine, input: elb.SetSubnetsInput): Promise<elb.SetSubnetsOutput> {
  const balancer = getBalancer(engine.state, input.LoadBalancerArn);
  const subnets = input.Subnets ?? (input.SubnetMappings ?? []).map(({ SubnetId = "" }) => SubnetId);
  if (subnets.length === 0) throw validationError("At least one subnet must be specified");
  const wanted = await zonesOf(engine, subnets, balancer.zones);
  refuseOtherVpc(engine, balancer, wanted);
  const replaced = wanted.find((each) =>
    balancer.zones.some(({ zone, subnetId }) => zone === each.zone && subnetId !== each.subnetId),
  );
  if (replaced) {
    throw new AwsError(
      "InvalidConfigurationRequestException",
      `The subnet of the Availability Zone '${replaced.zone}' cannot be replaced: disable the zone first`,
    );
  }
  const isKept = ({ subnetId }: WantedZone) => wanted.some((each) => each.subnetId === subnetId);
  const isNew = ({ subnetId }: WantedZone) => !balancer.zones.some((each) => each.subnetId === subnetId);
  const now = engine.context.clock.now();
  const place = {
    path: balancer.arn.slice(balancer.arn.indexOf("net/")),
    groups: [...balancer.securityGroups],
    activeAt: Math.max(balancer.activeAt, now + engine.timings.zoneChange),
  };
  const added = addZones(engine, place, wanted.filter(isNew));
  const gone = balancer.zones.filter((each) => !isKept(each));
  engine.state.releasing.push(...gone.map(({ interfaceId }) => ({ interfaceId, at: now + engine.timings.zoneChange })));
  balancer.zones = [...balancer.zones.filter(isKept), ...added];
  engine.sync();
  return { AvailabilityZones: balancer.zones.map(({ zone, subnetId }) => ({ ZoneName: zone, SubnetId: subnetId })) };
}

function refuseOtherVpc(engine: Engine, balancer: Balancer, zones: readonly WantedZone[]): void {
  const foreign = zones.find(({ subnetId }) => engine.service.vpcOf(subnetId) !== balancer.vpcId);
  if (!foreign) return;
  throw new AwsError("InvalidSubnetException", `${foreign.subnetId} is not in the VPC of the load balancer`);
}

/** Zones whose addresses are in DNS and forward. */
export function activeZones(engine: Engine, { zones, activeAt: balancerActiveAt }: Balancer): readonly BalancerZone[] {
  const now = engine.context.clock.now();
  return zones.filter(({ activeAt = balancerActiveAt }) => activeAt <= now);
}
