import { type Cidr, formatCidr, overlaps, parseCidr, sizeOf } from "../network/cidr.ts";
import type { ClusterSpec } from "../spec/spec.ts";
import type { SubnetPlan } from "./plan-types.ts";

/** 251 addresses: for the masters of a zone, their nodes and the load balancer. */
const SMALLEST_HOME = 24;
/** AWS's smallest subnet; a load balancer wants 8 free addresses, a NAT gateway one (docs/references/aws.md#load-balancer). */
const SMALLEST_UTILITY = 28;

/** What further zones get, or why there is no room. */
type FurtherSubnets = { readonly ok: true; readonly subnets: readonly SubnetPlan[] } | NoRoom;

interface NoRoom {
  readonly ok: false;
  readonly zone: string;
  readonly type: SubnetPlan["type"];
  /** Addresses of the smallest subnet that would do. */
  readonly needed: number;
  /** Addresses in no subnet, however they lie. */
  readonly free: number;
}

/** With the numbers, for people. */
export function explainNoRoom({ zone, type, needed, free }: NoRoom, networkCidr: string): string {
  return (
    `the network ${networkCidr} has no room for a ${type} subnet in ${zone}: a block of ${needed} addresses is needed, ` +
    `${free} are free`
  );
}

/**
 * Subnets for zones that a cluster has none in, out of what is free in its network. They are as large as those of
 * before if there is room, or else smaller, never below 256 addresses. `others` are blocks of subnets that somebody
 * else made in the network.
 */
export function planFurtherSubnets(
  { networkCidr, topology }: Pick<ClusterSpec, "networkCidr" | "topology">,
  existing: readonly SubnetPlan[],
  others: readonly string[],
  zones: readonly string[],
): FurtherSubnets {
  const network = parseCidr(networkCidr);
  if (!network) throw new RangeError(`${networkCidr} is no network`);
  const taken = [...existing.map(({ cidr }) => cidr), ...others].flatMap((cidr) => parseCidr(cidr) ?? []);
  const types = topology === "private" ? (["utility", "private"] as const) : (["public"] as const);
  const subnets: SubnetPlan[] = [];
  for (const zone of zones) {
    for (const type of types) {
      const largest = Math.max(network.prefix, prefixOf(existing, type));
      const smallest = type === "utility" ? SMALLEST_UTILITY : SMALLEST_HOME;
      const block = largestFree(network, taken, largest, smallest);
      if (!block) return { ok: false, zone, type, needed: sizeOf(smallest), free: freeAddresses(network, taken) };
      taken.push(block);
      subnets.push({ zone, type, cidr: formatCidr(block), name: type === "utility" ? `utility-${zone}` : zone });
    }
  }
  return { ok: true, subnets };
}

/** Of the cluster's subnets of this type; they are equal, unless some came later. */
function prefixOf(existing: readonly SubnetPlan[], type: SubnetPlan["type"]): number {
  const prefixes = existing
    .filter((subnet) => subnet.type === type)
    .flatMap(({ cidr }) => parseCidr(cidr)?.prefix ?? []);
  return Math.min(...prefixes);
}

/** The first free block that is aligned to its size, as large as there is one. */
function largestFree(network: Cidr, taken: readonly Cidr[], largest: number, smallest: number): Cidr | undefined {
  for (let prefix = largest; prefix <= smallest; prefix++) {
    for (let base = network.base; base < network.base + sizeOf(network.prefix); base += sizeOf(prefix)) {
      const block = { base, prefix };
      if (!taken.some((other) => overlaps(block, other))) return block;
    }
  }
  return undefined;
}

function freeAddresses(network: Cidr, taken: readonly Cidr[]): number {
  const inside = taken.filter((block) => overlaps(network, block));
  return sizeOf(network.prefix) - inside.reduce((sum, { prefix }) => sum + sizeOf(prefix), 0);
}
