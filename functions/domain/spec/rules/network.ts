import { contains, formatCidr, isCanonical, parseCidr, sizeOf } from "../../network/cidr.ts";
import { DEFAULT_NETWORK_CIDR, findNetwork, livingNetworks } from "../../network/networks.ts";
import { carveSubnets, maxZones, subnetZones } from "../../plan/subnets.ts";
import { isRecord } from "../fields.ts";
import type { ClusterSpec } from "../spec.ts";
import { Networking, Topology } from "../value-schemas.ts";
import { type Findings, type Given, quote, readText, refuse } from "../values.ts";

/** RFC 1918. Pods and services live in 100.64.0.0/10, so a private network never overlaps them. */
const PRIVATE_RANGES = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];
/** AWS allows /16 to /28; below /20 the utility subnets of eight slices become too small. */
const MIN_PREFIX = 16;
const MAX_PREFIX = 20;
/** Kept free a subnet: AWS' five, those before the first master, and room for load balancers and replacements. */
const KEPT_FREE = 32;

export function readTopology(given: Given | undefined, findings: Findings): ClusterSpec["topology"] | undefined {
  const text = readText(given, findings);
  if (!given) return "public";
  const topology = Topology.safeParse(text);
  if (topology.success || text === undefined) return topology.data;
  return refuse(findings, given, `${quote(text)} is not a topology; expected public or private`);
}

/** The word the user gave and the living network that stands for it. A document may hold both, as stored. */
export function readNetworking(
  given: Given | undefined,
  topology: ClusterSpec["topology"] | undefined,
  findings: Findings,
): ClusterSpec["networking"] | undefined {
  if (!given) return { requested: "cilium", used: "cilium" };
  const stored = isRecord(given.value) ? given.value : undefined;
  const requested = readText(stored ? { flag: given.flag, value: stored["requested"] } : given, findings);
  if (requested === undefined) return undefined;
  const choice = findNetwork(requested);
  if (!choice) {
    const known = `expected one of ${livingNetworks.join(", ")}`;
    return refuse(findings, given, `${quote(requested)} is not a known network; ${known}`, requested);
  }
  if (choice.used === "kindnet" && topology === "private") {
    const why = `${requested} needs a route for each node in one table, and a private topology has a table a zone`;
    const others = livingNetworks.filter((network) => network !== "kindnet");
    return refuse(findings, given, `${why}; expected one of ${others.join(", ")}`, requested);
  }
  const used = stored ? Networking.safeParse(stored["used"]) : undefined;
  if (used && !used.success) return refuse(findings, given, `${quote(stored?.["used"])} is not a network`);
  return { requested, used: used?.data ?? choice.used };
}

export function readNetworkCidr(given: Given | undefined, findings: Findings): string | undefined {
  const text = readText(given, findings);
  if (!given) return DEFAULT_NETWORK_CIDR;
  if (text === undefined) return undefined;
  const cidr = parseCidr(text);
  if (!cidr) return refuse(findings, given, `${quote(text)} is not an IPv4 network; expected e.g. 172.20.0.0/16`);
  if (!isCanonical(text)) {
    return refuse(findings, given, `${quote(text)} is not a network's first address; expected ${formatCidr(cidr)}`);
  }
  const ranges = PRIVATE_RANGES.map(parseCidr).filter((range) => range !== null);
  if (!ranges.some((range) => contains(range, cidr))) {
    const why = "is not in a private range (100.64.0.0/10 is that of pods and services)";
    return refuse(findings, given, `${quote(text)} ${why}; expected a part of ${PRIVATE_RANGES.join(", ")}`);
  }
  if (cidr.prefix < MIN_PREFIX || cidr.prefix > MAX_PREFIX) {
    return refuse(findings, given, `${quote(text)} has the wrong size; expected /${MIN_PREFIX} to /${MAX_PREFIX}`);
  }
  return text;
}

/** A domain name or the id of a hosted zone. The API's name must lie in the zone to be recorded there. */
export function readDnsZone(
  given: Given | undefined,
  name: string | undefined,
  findings: Findings,
): string | undefined {
  const text = readText(given, findings)?.replace(/\.$/, "");
  if (!given || text === undefined) return undefined;
  if (/^Z[A-Z0-9]{4,31}$/.test(text)) return text;
  if (text.length > 253 || !/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+$/.test(text)) {
    const expected = "expected a domain such as example.com or the id of a hosted zone";
    return refuse(findings, given, `${quote(text)} is not a DNS zone; ${expected}`);
  }
  if (name !== undefined && name !== text && !name.endsWith(`.${text}`)) {
    return refuse(findings, given, `${quote(text)} does not contain ${name}, so api.${name} cannot be recorded there`);
  }
  return text;
}

/** Is there room for the zones, and in each subnet for its instances? */
export function checkRoom(spec: ClusterSpec, at: { zones: Given; cidr: Given }, findings: Findings): void {
  const zones = subnetZones(spec);
  const max = maxZones(spec.topology);
  if (zones.length > max) {
    refuse(
      findings,
      at.zones,
      `${zones.length} zones are more than the ${max} that a ${spec.topology} network is cut for`,
    );
    return;
  }
  const instances = Math.ceil(spec.nodeCount / spec.zones.length) + spec.masterZones.length + KEPT_FREE;
  const homes = carveSubnets(spec.networkCidr, zones, spec.topology).filter(({ type }) => type !== "utility");
  const [home] = homes;
  const size = sizeOf(parseCidr(home?.cidr ?? "")?.prefix ?? 32);
  if (instances > size) {
    const what = `each zone gets ${size} addresses, and up to ${instances} are needed`;
    refuse(
      findings,
      at.cidr,
      `${quote(spec.networkCidr)} is too small: ${what}; expected a wider network or fewer nodes`,
    );
  }
}
