import { formatCidr, isCanonical, parseCidr } from "../../network/cidr.ts";
import type { ClusterSpec } from "../spec.ts";
import { ApiLoadBalancerType } from "../value-schemas.ts";
import { duplicatesOf, type Findings, type Given, quote, readList, readText, refuse } from "../values.ts";

/** Rules that a security group may have, less those of the cluster itself (docs/references/aws.md#throttling: 60). */
const MAX_NETWORKS = 40;

export function readApiLoadBalancerType(
  given: Given | undefined,
  findings: Findings,
): ClusterSpec["apiLoadBalancerType"] {
  const text = readText(given, findings);
  if (!given || text === undefined) return undefined;
  const type = ApiLoadBalancerType.safeParse(text);
  // The default is not said in a spec.
  if (type.success) return type.data === "public" ? undefined : type.data;
  return refuse(findings, given, `${quote(text)} is not a type of load balancer; expected public or internal`);
}

/**
 * The networks that may reach the API; undefined where all may. The cluster's own machines always may: those of a
 * private topology come from the addresses of its NAT gateways, which are known; those of a public one from addresses
 * that change.
 */
export function readAdminAccess(
  given: Given | undefined,
  at: { topology: ClusterSpec["topology"] | undefined; apiLoadBalancerType: ClusterSpec["apiLoadBalancerType"] },
  findings: Findings,
): string[] | undefined {
  const networks = readList(given, findings);
  if (!given || networks === undefined) return undefined;
  const before = findings.problems.length;
  if (networks.length === 0 || networks.length > MAX_NETWORKS)
    refuse(findings, given, `${networks.length} networks were given; expected 1 to ${MAX_NETWORKS}`);
  for (const network of networks) checkNetwork(network, given, findings);
  for (const twice of duplicatesOf(networks)) refuse(findings, given, `${quote(twice)} is given more than once`, twice);
  if (findings.problems.length > before) return undefined;
  if (networks.includes("0.0.0.0/0")) return undefined;
  if (at.topology === "public" && at.apiLoadBalancerType !== "internal") {
    const why = "the machines of a public topology reach a public load balancer from addresses that change";
    return refuse(findings, given, `${why}; expected --topology private or --api-loadbalancer-type internal with it`);
  }
  return networks;
}

function checkNetwork(network: string, given: Given, findings: Findings): void {
  const cidr = parseCidr(network);
  if (!cidr) {
    refuse(findings, given, `${quote(network)} is not an IPv4 network; expected e.g. 203.0.113.0/24`, network);
  } else if (!isCanonical(network)) {
    const expected = `expected ${formatCidr(cidr)}`;
    refuse(findings, given, `${quote(network)} is not a network's first address; ${expected}`, network);
  }
}
