/**
 * What the security groups of a host's interface let through. New flows need a rule; whatever belongs to a flow that has
 * begun passes both ways, also after its rule was revoked, as EC2's connection tracking has it.
 */
export interface HostFirewall {
  readonly ingress: readonly FirewallRule[];
  readonly egress: readonly FirewallRule[];
}

export interface FirewallRule {
  /** `tcp`, `udp`, `icmp`, `-1` for all, or a protocol number. */
  readonly protocol: string;
  /** Inclusive; of ICMP the type and the code. -1 where all are meant. */
  readonly from: number;
  readonly to: number;
  /** IPv4 networks; a reference to a group stands here as the addresses of its members. */
  readonly peers: readonly string[];
}

/** May a new TCP connection between the host and `address` use this port? */
export function admits(rules: readonly FirewallRule[], port: number, address: string): boolean {
  const isPort = ({ protocol, from, to }: FirewallRule) =>
    protocol === "-1" || protocol === "6" || (protocol === "tcp" && from <= port && port <= to);
  return rules.some((rule) => isPort(rule) && rule.peers.some((network) => contains(network, address)));
}

function contains(network: string, address: string): boolean {
  const [base = "", prefix = "32"] = network.split("/");
  const size = 2 ** (32 - Number(prefix));
  return Math.floor(numberOf(base) / size) === Math.floor(numberOf(address) / size);
}

function numberOf(address: string): number {
  return address.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
}
