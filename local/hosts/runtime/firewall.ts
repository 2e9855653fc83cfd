import type { FirewallRule, HostFirewall } from "../firewall.ts";
import { metadataAddress, resolverAddress } from "../root-file-system.ts";
import { runProgram } from "./commands.ts";

const table = "inet security-groups";

/**
 * Enforces security groups in the network namespace of process `pid`, in place of those before. One transaction: no packet
 * meets half of the rules, and flows that have begun are still known afterwards.
 */
export async function enforceFirewall(pid: number, firewall: HostFirewall, router: string): Promise<void> {
  await runProgram("nsenter", ["--target", String(pid), "--net", "nft", "-f", "-"], ruleset(firewall, router));
}

/**
 * The rules in nftables' language. They see packets as they are on the wire, as AWS does: before addresses of services are
 * translated on the way in, and after that on the way out. AWS never filters instance metadata and its resolver; `router`
 * is the address from which the local cloud itself opens connections, for people's port forwards.
 */
export function ruleset(firewall: HostFirewall, router: string): string {
  const arriving = [`ip saddr ${router} accept`, ...firewall.ingress.flatMap((rule) => linesOf(rule, "saddr"))];
  const leaving = [
    `ip daddr ${metadataAddress} tcp dport 80 accept`,
    ...["udp", "tcp"].map((protocol) => `ip daddr ${resolverAddress} ${protocol} dport 53 accept`),
    ...(leadsToAws(firewall.egress) ? [`ip daddr ${resolverAddress} tcp dport { 80, 443 } accept`] : []),
    ...firewall.egress.flatMap((rule) => linesOf(rule, "daddr")),
  ];
  return [
    `table ${table}`,
    `delete table ${table}`,
    `table ${table} {`,
    ...chain("arriving", "prerouting", -150, ['iifname != "eth0" accept', ...tracked, ...arriving, "drop"]),
    ...chain("leaving", "postrouting", 150, ['oifname != "eth0" accept', ...tracked, ...leaving, "drop"]),
    "}",
    "",
  ].join("\n");
}

const tracked = ["ct state established accept"];

function chain(name: string, hook: string, priority: number, rules: readonly string[]): string[] {
  return [`chain ${name} {`, `type filter hook ${hook} priority ${priority}; policy accept;`, ...rules, "}"];
}

/** AWS's endpoints are public addresses, whatever stands for them here. */
function leadsToAws(egress: readonly FirewallRule[]): boolean {
  return egress.some(
    ({ protocol, from, to, peers }) =>
      (protocol === "-1" || (protocol === "tcp" && from <= 443 && to >= 443)) && peers.includes("0.0.0.0/0"),
  );
}

function linesOf(rule: FirewallRule, side: "saddr" | "daddr"): string[] {
  const what = matchOf(rule);
  if (what === undefined) return [];
  const addresses = rule.peers.filter((peer) => peer.endsWith("/32"));
  const networks = rule.peers.filter((peer) => !peer.endsWith("/32"));
  const peers = [...(addresses.length === 0 ? [] : [setOf(addresses)]), ...networks];
  return peers.map((peer) => [`ip ${side} ${peer}`, what, "accept"].filter((part) => part !== "").join(" "));
}

/** What the rule says of a packet beside its peer; undefined for what this network does not carry. */
function matchOf({ protocol, from, to }: FirewallRule): string | undefined {
  if (protocol === "-1") return "";
  if (protocol === "tcp" || protocol === "udp") return `${protocol} dport ${from}-${to}`;
  if (protocol === "icmp")
    return from < 0 ? "meta l4proto icmp" : `icmp type ${from}${to < 0 ? "" : ` icmp code ${to}`}`;
  return /^\d+$/.test(protocol) ? `meta l4proto ${protocol}` : undefined;
}

function setOf(addresses: readonly string[]): string {
  return `{ ${[...new Set(addresses.map((address) => address.replace("/32", "")))].join(", ")} }`;
}
