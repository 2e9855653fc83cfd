import type { RRType } from "@aws-sdk/client-route-53";
import { isHealthy } from "./checkers.ts";
import type { RecordSet, Route53State, Routing, Zone } from "./model.ts";
import { normalName } from "./records.ts";

/** What lies outside of every hosted zone: the names of load balancers, in this account and in others. */
export interface Names {
  /** The addresses of a load balancer by its name in small letters without a dot at the end. */
  addresses(name: string): readonly string[] | undefined;
  /** Whether each of its target groups has a healthy target (AliasTarget, EvaluateTargetHealth). */
  isHealthy(name: string): boolean;
}

/** Who asks: latency depends on where the resolver is. */
export interface Resolver {
  readonly region: string;
  /** From 0 to 1: decides between weights. */
  readonly chance: () => number;
}

export interface Answer {
  readonly code: "NOERROR" | "NXDOMAIN" | "REFUSED";
  readonly values: readonly string[];
  /** The load balancer that the chosen record leads to. */
  readonly target?: string;
}

type Member = RecordSet & { readonly routing: Routing };

/** An alias may lead to another, but not round in circles. */
const MAX_ALIASES = 8;

/**
 * The name servers of the account's zones: which record is the answer, as Route 53 chooses it
 * (docs/references/aws.md#route53-routing).
 */
export class NameServer {
  readonly #state: Route53State;
  readonly #names: Names;

  constructor(state: Route53State, names: Names) {
    this.#state = state;
    this.#names = names;
  }

  /** What a resolver gets that asks for this name, which may also be that of a load balancer. */
  resolve(name: string, type: RRType, resolver: Resolver): Answer {
    const wanted = normalName(name);
    const zone = Object.values(this.#state.zones)
      .filter((each) => wanted === each.name || wanted.endsWith(`.${each.name}`))
      .toSorted((a, b) => b.name.length - a.name.length)[0];
    if (zone) return this.answer(zone, wanted, type, resolver);
    return this.#balancer(wanted) ?? { code: "REFUSED", values: [] };
  }

  /** What the zone itself says. */
  answer(zone: Zone, name: string, type: RRType, resolver: Resolver, depth = 0): Answer {
    const named = matching(zone, normalName(name));
    if (named.length === 0) return { code: "NXDOMAIN", values: [] };
    const group = named.filter((each) => each.type === type);
    const chosen = this.#choose(
      zone,
      group.length > 0 ? group : named.filter((each) => each.type === "CNAME"),
      resolver,
    );
    if (!chosen) return { code: "NOERROR", values: [] };
    if (!chosen.alias) return { code: "NOERROR", values: chosen.values };
    const { hostedZoneId, dnsName } = chosen.alias;
    if (hostedZoneId === zone.id) {
      return depth < MAX_ALIASES
        ? this.answer(zone, dnsName, type, resolver, depth + 1)
        : { code: "NOERROR", values: [] };
    }
    return this.#balancer(dnsName) ?? { code: "NOERROR", values: [], target: bare(dnsName) };
  }

  #balancer(dnsName: string): Answer | undefined {
    const target = bare(dnsName);
    const values = this.#names.addresses(target);
    return values && { code: "NOERROR", values, target };
  }

  /** If no record of the group is healthy, all are considered so. */
  #choose(zone: Zone, group: readonly RecordSet[], resolver: Resolver): RecordSet | undefined {
    const members = group.flatMap((each): Member[] => (each.routing ? [{ ...each, routing: each.routing }] : []));
    if (members.length === 0) return group[0];
    const healthy = members.filter((each) => this.#isHealthy(zone, each));
    return byPolicy(healthy, resolver) ?? byPolicy(members, resolver);
  }

  /** A record is healthy unless its check is not, or what it leads to is not. */
  #isHealthy(zone: Zone, { healthCheckId, alias, type }: RecordSet, depth = 0): boolean {
    if (healthCheckId !== undefined) {
      const check = this.#state.healthChecks[healthCheckId];
      // What happens with a check that was deleted is not predictable on AWS (DeleteHealthCheck).
      if (!check || !isHealthy(check)) return false;
    }
    if (!alias?.evaluateTargetHealth) return true;
    if (alias.hostedZoneId !== zone.id) return this.#names.isHealthy(bare(alias.dnsName));
    const targets = zone.records.filter((each) => each.name === alias.dnsName && each.type === type);
    return depth >= MAX_ALIASES || targets.some((each) => this.#isHealthy(zone, each, depth + 1));
  }
}

/** The record of a group for this resolver, by the group's policy alone. */
function byPolicy(members: readonly Member[], resolver: Resolver): Member | undefined {
  switch (members[0]?.routing.policy) {
    case "weighted":
      return byWeight(members, resolver.chance());
    case "latency":
      return members.toSorted((a, b) => distance(a.routing, resolver.region) - distance(b.routing, resolver.region))[0];
    default:
      return members.find(({ routing }) => routing.policy === "failover" && routing.role === "PRIMARY") ?? members[0];
  }
}

/** Weights of zero count only where there is no other; then all are equal. */
function byWeight(members: readonly Member[], chance: number): Member | undefined {
  const weights = members.map(({ routing }) => (routing.policy === "weighted" ? routing.weight : 0));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (total === 0) return members[Math.floor(chance * members.length)];
  let left = chance * total;
  return members.find((_, index) => {
    left -= weights[index] ?? 0;
    return left < 0;
  });
}

/** Nobody publishes Route 53's table of latencies: the Region itself, then its own part of the world, then the rest. */
function distance(routing: Routing, region: string): number {
  if (routing.policy !== "latency") return 0;
  if (routing.region === region) return 0;
  return routing.region.split("-")[0] === region.split("-")[0] ? 1 : 2;
}

/** The records of a name, or of the wildcard nearest to it. */
function matching({ records, name: apex }: Zone, name: string): RecordSet[] {
  const named = records.filter((each) => each.name === name);
  if (named.length > 0 || name === apex || !name.includes(".")) return named;
  for (let parent = name; parent !== apex; ) {
    parent = parent.slice(parent.indexOf(".") + 1);
    const wild = records.filter((each) => each.name === `\\052.${parent}`);
    if (wild.length > 0) return wild;
  }
  return [];
}

function bare(name: string): string {
  return name.toLowerCase().replace(/\.$/, "");
}
