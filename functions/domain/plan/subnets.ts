import { type Cidr, formatCidr, parseCidr, splitCidr } from "../network/cidr.ts";
import type { ClusterSpec } from "../spec/spec.ts";
import type { SubnetPlan } from "./plan-types.ts";

type Topology = ClusterSpec["topology"];

/** Utility subnets share one slice of the network, cut in eight (docs/references/kops.md#subnets). */
const UTILITY_PIECES = 8;
const MAX_SLICES = 8;

/** 8 zones, or 7 when one slice of the network goes to the utility subnets. */
export function maxZones(topology: Topology): number {
  return topology === "private" ? MAX_SLICES - 1 : MAX_SLICES;
}

/** Every zone that needs a subnet, in the order in which subnets are carved. */
export function subnetZones(spec: Pick<ClusterSpec, "zones" | "masterZones">): string[] {
  return [...new Set([...spec.zones, ...spec.masterZones])].sort();
}

/**
 * Carves the network as kops does: one slice a zone in sorted order, the number of slices rounded up to a power of two;
 * with private topology the first slice holds the utility subnets. Throws `RangeError` for more than `maxZones`.
 */
export function carveSubnets(networkCidr: string, zones: readonly string[], topology: Topology): SubnetPlan[] {
  const network = parseCidr(networkCidr);
  if (!network || zones.length > maxZones(topology)) {
    throw new RangeError(`${networkCidr} cannot be carved for ${zones.length} zones`);
  }
  const slices = splitCidr(network, powerOfTwoFrom(zones.length + (topology === "private" ? 1 : 0)));
  if (topology === "public") return zones.map((zone, index) => subnet(zone, "public", slices[index]));
  const [first, ...rest] = slices;
  const pieces = first ? splitCidr(first, UTILITY_PIECES) : [];
  return [
    ...zones.map((zone, index) => subnet(zone, "private", rest[index])),
    ...zones.map((zone, index) => subnet(zone, "utility", pieces[index])),
  ];
}

/** Where instances of a zone live: never the utility subnet. */
export function homeSubnet(subnets: readonly SubnetPlan[], zone: string): SubnetPlan {
  const subnet = subnets.find((candidate) => candidate.zone === zone && candidate.type !== "utility");
  if (!subnet) throw new RangeError(`no subnet in ${zone}`);
  return subnet;
}

function subnet(zone: string, type: SubnetPlan["type"], cidr: Cidr | undefined): SubnetPlan {
  if (!cidr) throw new RangeError(`no room for a ${type} subnet in ${zone}`);
  return { zone, type, cidr: formatCidr(cidr), name: type === "utility" ? `utility-${zone}` : zone };
}

function powerOfTwoFrom(count: number): number {
  return 2 ** Math.ceil(Math.log2(count));
}
