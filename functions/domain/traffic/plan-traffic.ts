import { isDeepStrictEqual } from "node:util";
import { type ClusterRef, refText } from "../fleet/fleet-records.ts";
import type { Problem } from "../spec/spec.ts";
import { checkText, monthlyCost } from "./traffic-check.ts";
import { type TrafficCheck, type TrafficRecord, type TrafficTarget, ttlOf } from "./traffic-records.ts";

/** A load balancer that a cluster's Kubernetes made for a service. */
export interface Ingress {
  /** `namespace/name` */
  readonly service: string;
  readonly dnsName: string;
  readonly hostedZoneId: string;
  /** Whether it can be reached, and checked, from the internet. */
  readonly isPublic: boolean;
}

export interface TrafficRequest {
  readonly fleet: string;
  readonly host: string;
  readonly policy: TrafficRecord["policy"];
  readonly check: TrafficCheck;
  readonly ttl: number | null;
  readonly service: string | null;
  /** The cluster that answers while it is healthy; null: the fleet's first. */
  readonly primary: string | null;
}

/** A cluster of the fleet, as its endpoint knows it. */
export interface TrafficCluster extends ClusterRef {
  readonly region: string;
  readonly ingresses: readonly Ingress[];
}

/** The public hosted zones that the host may lie in, by their names without a dot at the end. */
export type Zones = ReadonlyMap<string, string>;

export type TrafficPlan =
  | { readonly ok: false; readonly problems: readonly Problem[] }
  | { readonly ok: true; readonly traffic: TrafficRecord; readonly warnings: readonly string[] };

/** Route 53 has one primary and one secondary. */
const FAILOVER_CLUSTERS = 2;

export interface PlanFacts {
  readonly clusters: readonly TrafficCluster[];
  readonly zones: Zones;
  readonly former: TrafficRecord | undefined;
  /** Of a name that has no record yet. */
  readonly newId: string;
  readonly now: string;
}

/** What is to be remembered for a request, with everything that is wrong with it in one answer. */
export function planTraffic(request: TrafficRequest, facts: PlanFacts): TrafficPlan {
  const clusters = ordered(request, facts.clusters);
  const zone = zoneOf(request.host, facts.zones);
  const chosen = clusters.map((cluster) => ({ cluster, ...ingressOf(request, cluster) }));
  const problems = [
    ...(zone ? [] : [problem("host", request.host, `no public hosted zone of this account holds ${request.host}`)]),
    ...(zone?.name === request.host && request.ttl !== null
      ? [problem("ttl", String(request.ttl), `${request.host} is the zone itself, whose records have no TTL of ours`)]
      : []),
    ...countProblems(request, clusters),
    ...chosen.flatMap(({ problems }) => problems),
  ];
  if (!zone || problems.length > 0) return { ok: false, problems };
  const traffic = recordOf(request, zone.id, facts, chosen);
  return { ok: true, traffic, warnings: warningsOf(traffic) };
}

function ordered({ primary }: TrafficRequest, clusters: readonly TrafficCluster[]): TrafficCluster[] {
  return clusters.toSorted((a, b) => Number(b.cluster === primary) - Number(a.cluster === primary));
}

function zoneOf(host: string, zones: Zones): { name: string; id: string } | undefined {
  const [found] = [...zones]
    .filter(([name]) => host === name || host.endsWith(`.${name}`))
    .toSorted(([a], [b]) => b.length - a.length);
  return found && { name: found[0], id: found[1] };
}

function countProblems({ policy, primary }: TrafficRequest, clusters: readonly TrafficCluster[]): Problem[] {
  const regions = clusters.map(({ region }) => region);
  const twice = regions.find((region, index) => regions.indexOf(region) !== index);
  return [
    ...(clusters.length < 2 ? [problem("policy", policy, "a fleet of one cluster has nothing to fail over to")] : []),
    ...(policy === "failover" && clusters.length > FAILOVER_CLUSTERS
      ? [problem("policy", policy, `Route 53 fails over between two clusters, and the fleet has ${clusters.length}`)]
      : []),
    ...(policy === "latency" && twice !== undefined
      ? [problem("policy", policy, `Route 53 takes one cluster a Region by latency, and ${twice} has several`)]
      : []),
    ...(primary !== null && !clusters.some(({ cluster }) => cluster === primary)
      ? [problem("primary", primary, `the fleet has no cluster ${primary}`)]
      : []),
  ];
}

function ingressOf(
  { service }: TrafficRequest,
  cluster: TrafficCluster,
): { readonly ingress?: Ingress; readonly problems: readonly Problem[] } {
  const reachable = cluster.ingresses.filter(({ isPublic }) => isPublic);
  const fitting = service === null ? reachable : reachable.filter((each) => each.service === service);
  const [ingress] = fitting;
  if (ingress && fitting.length === 1) return { ingress, problems: [] };
  const name = refText(cluster);
  if (fitting.length > 1) {
    const services = fitting.map((each) => each.service).toSorted();
    return { problems: [problem("service", "", `cluster ${name} has several services: ${services.join(", ")}`)] };
  }
  const of = service === null ? "a service of type LoadBalancer" : `the service ${service}`;
  const isInternal = cluster.ingresses.length > reachable.length ? ", only internal ones" : "";
  return {
    problems: [problem("service", service ?? "", `cluster ${name} has no public load balancer of ${of}${isInternal}`)],
  };
}

function recordOf(
  request: TrafficRequest,
  hostedZoneId: string,
  { former, newId, now }: PlanFacts,
  chosen: readonly { readonly cluster: TrafficCluster; readonly ingress?: Ingress }[],
): TrafficRecord {
  const { fleet, host, policy, check, ttl, service } = request;
  const targets = chosen.flatMap(({ cluster, ingress }): TrafficTarget[] => {
    if (!ingress) return [];
    const { endpoint, cluster: name, region } = cluster;
    const known = former?.targets.find((each) => refText(each) === refText(cluster));
    const balancer = { dnsName: ingress.dnsName, hostedZoneId: ingress.hostedZoneId };
    const isChecked = isDeepStrictEqual(former?.check, check) && known?.balancer.dnsName === ingress.dnsName;
    return [
      {
        ...{ endpoint, cluster: name, region, balancer },
        checkId: isChecked ? (known?.checkId ?? null) : null,
        ...{ weight: known?.weight ?? 100, drained: known?.drained ?? false },
      },
    ];
  });
  return retiring(former, {
    ...{
      fleet,
      id: former?.id ?? newId,
      revision: (former?.revision ?? 0) + 1,
      host,
      hostedZoneId,
      policy,
      check,
      ttl,
    },
    ...{ service, targets, retired: { checks: [], names: [] } },
    ...{ createdAt: former?.createdAt ?? now, updatedAt: now },
  });
}

/** What the former record had and this one has not is to be deleted. */
export function retiring(former: TrafficRecord | undefined, traffic: TrafficRecord): TrafficRecord {
  if (!former) return traffic;
  const used = new Set(traffic.targets.map(({ checkId }) => checkId));
  const checks = former.targets.flatMap(({ checkId }) => (checkId === null || used.has(checkId) ? [] : [checkId]));
  const names = [...former.retired.names, { hostedZoneId: former.hostedZoneId, host: former.host }].filter(
    (name) => name.host !== traffic.host || name.hostedZoneId !== traffic.hostedZoneId,
  );
  return { ...traffic, retired: { checks: [...new Set([...former.retired.checks, ...checks])], names } };
}

/** Whether two records want the same, so that the second only continues the first. */
export function wantsTheSame(one: TrafficRecord, other: TrafficRecord): boolean {
  const essence = ({ host, hostedZoneId, policy, check, ttl, service, targets }: TrafficRecord) => ({
    ...{ host, hostedZoneId, policy, check, ttl, service },
    targets: targets.map(({ checkId: _, ...target }) => target),
  });
  return isDeepStrictEqual(essence(one), essence(other));
}

export function warningsOf(traffic: TrafficRecord): string[] {
  const { targets, check, policy } = traffic;
  const cost = monthlyCost(check);
  const checks = `${targets.length} health checks`;
  return [
    "The data of your applications is your problem: clusters share none, and a failover copies none.",
    `${checks} cost about $${(cost * targets.length).toFixed(2)} a month ($${cost.toFixed(2)} each).`,
    `Clients may keep an answer for ${ttlOf(traffic)} seconds, and a check fails after three failures, 30 seconds apart.`,
    `Route 53 asks ${checkText(check)} by the load balancer's own name, so the service must answer it for any host.`,
    ...(policy === "weighted" ? [] : ["If no cluster is healthy, Route 53 answers as if all were."]),
  ];
}

function problem(flag: string, value: string, message: string): Problem {
  return { flag, value, message };
}
