/** An IPv4 block. `base` is its first address as an unsigned 32-bit number. */
export interface Cidr {
  readonly base: number;
  readonly prefix: number;
}

const ADDRESS = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/;

/** Null when the text is no IPv4 block. Host bits are kept out of `base`; see `isCanonical`. */
export function parseCidr(text: string): Cidr | null {
  const match = ADDRESS.exec(text);
  if (!match) return null;
  const [a = 256, b = 256, c = 256, d = 256, prefix = 33] = match.slice(1).map(Number);
  if ([a, b, c, d].some((octet) => octet > 255) || prefix > 32) return null;
  const address = ((a * 256 + b) * 256 + c) * 256 + d;
  return { base: address - (address % sizeOf(prefix)), prefix };
}

/** True when the text is written with its network address: `172.20.0.0/16`, not `172.20.1.0/16`. */
export function isCanonical(text: string): boolean {
  const cidr = parseCidr(text);
  return cidr !== null && formatCidr(cidr) === text;
}

export function formatCidr(cidr: Cidr): string {
  return `${formatAddress(cidr.base)}/${cidr.prefix}`;
}

/** The address `index` places after the first; `addressAt(subnet, 10)` is the 11th. */
export function addressAt(cidr: Cidr, index: number): string {
  if (index < 0 || index >= sizeOf(cidr.prefix)) {
    throw new RangeError(`${formatCidr(cidr)} has no address number ${index}`);
  }
  return formatAddress(cidr.base + index);
}

/** Cuts a block into `parts` (a power of two) equal blocks, in address order. */
export function splitCidr(cidr: Cidr, parts: number): Cidr[] {
  const prefix = cidr.prefix + Math.log2(parts);
  return Array.from({ length: parts }, (_, index) => ({ base: cidr.base + index * sizeOf(prefix), prefix }));
}

export function overlaps(one: Cidr, other: Cidr): boolean {
  return one.base < other.base + sizeOf(other.prefix) && other.base < one.base + sizeOf(one.prefix);
}

export function contains(outer: Cidr, inner: Cidr): boolean {
  return inner.prefix >= outer.prefix && overlaps(outer, inner);
}

/** Number of addresses in a block of this prefix length. */
export function sizeOf(prefix: number): number {
  return 2 ** (32 - prefix);
}

function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}
