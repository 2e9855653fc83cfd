import { type Cidr, formatCidr, overlaps, parseCidr, sizeOf } from "../network/cidr.ts";
import { chooseFurtherBlock } from "../network/further-block.ts";
import type { ClusterSpec } from "../spec/spec.ts";
import type { Plan, SubnetPlan } from "./plan-types.ts";

/** 251 addresses: for the masters of a zone, their nodes and the load balancer. */
const SMALLEST_HOME = 24;
/** AWS's smallest subnet; a load balancer wants 8 free addresses, a NAT gateway one (docs/references/aws.md#load-balancer). */
const SMALLEST_UTILITY = 28;
/** A block that is added has room for eight subnets, so that the next zone needs no other. */
const PIECES_BITS = 3;

/** What further zones get, or why there is no room. */
export type FurtherSubnets =
  | {
      readonly ok: true;
      readonly subnets: readonly SubnetPlan[];
      /** Blocks that the VPC does not have yet. */
      readonly addedBlocks: readonly string[];
    }
  | NoRoom;

interface NoRoom {
  readonly ok: false;
  readonly zone: string;
  readonly type: SubnetPlan["type"];
  /** Addresses of the smallest subnet that would do. */
  readonly needed: number;
  /** Addresses in no subnet, however they lie. */
  readonly free: number;
}

/** What there is: a cluster's subnets, and its VPC as EC2 describes it. */
export interface SubnetRoom {
  readonly plan: Pick<Plan, "subnets" | "network">;
  /** Blocks of the VPC, its first one first. */
  readonly blocks: readonly string[];
  /** Blocks of subnets that somebody else made in the network. */
  readonly others: readonly string[];
}

/** With the numbers, for people. */
export function explainNoRoom({ zone, type, needed, free }: NoRoom, blocks: readonly string[]): string {
  return (
    `the network ${blocks.join(", ")} has no room for a ${type} subnet in ${zone}: a block of ${needed} addresses is needed, ` +
    `${free} are free. AWS allows no further block for this VPC.`
  );
}

/**
 * Subnets for zones that a cluster has none in, out of what is free in its network. They are as large as those of
 * before if there is room, or else smaller, never below 256 addresses. A network that is full gets a further block.
 */
export function planFurtherSubnets(
  { topology }: Pick<ClusterSpec, "topology">,
  { plan, blocks, others }: SubnetRoom,
  zones: readonly string[],
): FurtherSubnets {
  const taken = [...plan.subnets.map(({ cidr }) => cidr), ...others].flatMap((cidr) => parseCidr(cidr) ?? []);
  const types = topology === "private" ? (["utility", "private"] as const) : (["public"] as const);
  const networks = [...blocks];
  const subnets: SubnetPlan[] = [];
  for (const zone of zones) {
    for (const type of types) {
      const largest = prefixOf(plan.subnets, type);
      const smallest = type === "utility" ? SMALLEST_UTILITY : SMALLEST_HOME;
      const find = () => findBlock(networks, taken, largest, smallest);
      const block = find() ?? (addBlock(networks, plan) ? find() : undefined);
      if (!block) return { ok: false, zone, type, needed: sizeOf(smallest), free: freeAddresses(networks, taken) };
      taken.push(block);
      subnets.push({ zone, type, cidr: formatCidr(block), name: type === "utility" ? `utility-${zone}` : zone });
    }
  }
  return { ok: true, subnets, addedBlocks: networks.slice(blocks.length) };
}

/** Adds a block that nothing of the cluster uses; false if AWS allows none. */
function addBlock(networks: string[], { network: { pods, services, cidr } }: SubnetRoom["plan"]): boolean {
  // Pods of a network of the VPC's have its own addresses.
  const used = [services, ...(pods === cidr ? [] : [pods])];
  const added = chooseFurtherBlock(networks[0] ?? cidr, networks, used);
  if (added !== undefined) networks.push(added);
  return added !== undefined;
}

/** Of the cluster's subnets of this type; they are equal, unless some came later. */
function prefixOf(existing: readonly SubnetPlan[], type: SubnetPlan["type"]): number {
  const prefixes = existing
    .filter((subnet) => subnet.type === type)
    .flatMap(({ cidr }) => parseCidr(cidr)?.prefix ?? []);
  return Math.min(...prefixes);
}

/** In the first of the networks that has room. */
function findBlock(networks: readonly string[], taken: readonly Cidr[], largest: number, smallest: number) {
  for (const [index, cidr] of networks.entries()) {
    const network = parseCidr(cidr);
    if (!network) continue;
    const widest = network.prefix + (index === 0 ? 0 : PIECES_BITS);
    const block = largestFree(network, taken, Math.max(widest, largest), smallest);
    if (block) return block;
  }
  return undefined;
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

function freeAddresses(networks: readonly string[], taken: readonly Cidr[]): number {
  const free = networks
    .flatMap((cidr) => parseCidr(cidr) ?? [])
    .map((network) => {
      const inside = taken.filter((block) => overlaps(network, block));
      return sizeOf(network.prefix) - inside.reduce((sum, { prefix }) => sum + sizeOf(prefix), 0);
    });
  return free.reduce((sum, each) => sum + each, 0);
}
