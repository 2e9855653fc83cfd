/** An IPv4 network as numbers; `last` is its broadcast address. */
export interface Network {
  readonly first: number;
  readonly last: number;
  readonly prefix: number;
}

const octet = "(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)";
const addressPattern = new RegExp(`^${octet}(?:\\.${octet}){3}$`);

/** A dotted address as an unsigned number; undefined if it is none. */
export function parseAddress(text: string): number | undefined {
  if (!addressPattern.test(text)) return undefined;
  return text.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}

export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".");
}

/** Parses `10.0.0.0/16` and clears the host bits, as EC2 does; undefined if it is no IPv4 network. */
export function parseNetwork(text: string): Network | undefined {
  const [address, length, ...rest] = text.split("/");
  const first = parseAddress(address ?? "");
  if (first === undefined || length === undefined || rest.length > 0 || !/^\d{1,2}$/.test(length)) return undefined;
  const prefix = Number(length);
  if (prefix > 32) return undefined;
  const size = 2 ** (32 - prefix);
  const start = first - (first % size);
  return { first: start, last: start + size - 1, prefix };
}

export function formatNetwork(network: Network): string {
  return `${formatAddress(network.first)}/${network.prefix}`;
}

export function overlaps(one: Network, other: Network): boolean {
  return one.first <= other.last && other.first <= one.last;
}

export function contains(outer: Network, inner: Network): boolean {
  return outer.first <= inner.first && inner.last <= outer.last;
}
