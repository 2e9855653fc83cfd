import * as z from "zod";
import type { Read } from "../api/output.ts";

export const TRAFFIC_POLICIES = ["failover", "weighted", "latency"] as const;

/** What Route 53 asks each cluster's load balancer. */
export const TrafficCheck = z.looseObject({
  protocol: z.enum(["https", "http", "tcp"]),
  port: z.int().min(1).max(65_535),
  /** Null for TCP. */
  path: z.string().nullable(),
});
export type TrafficCheck = Read<typeof TrafficCheck>;

const TrafficTarget = z.looseObject({
  endpoint: z.string(),
  cluster: z.string(),
  region: z.string(),
  /** The load balancer of its ingress: its name in DNS, and the zone that AWS keeps that name in. */
  balancer: z.looseObject({ dnsName: z.string(), hostedZoneId: z.string() }),
  /** Null until Route 53 has made it. */
  checkId: z.string().nullable(),
  weight: z.int().min(0).max(255),
  /** It gets no traffic for now, though it may be healthy. */
  drained: z.boolean(),
});
export type TrafficTarget = Read<typeof TrafficTarget>;

/** The public name of a fleet, and which clusters answer it. The first target is the primary of a failover. */
export const TrafficRecordSchema = z.looseObject({
  fleet: z.string(),
  /** In the identifiers of its records and the tags of its checks, so that they are known to be its own. */
  id: z.string(),
  /** Changes with what is wanted, since Route 53 takes a reference of a health check only once. */
  revision: z.int().min(1),
  host: z.string(),
  hostedZoneId: z.string(),
  policy: z.enum(TRAFFIC_POLICIES),
  check: TrafficCheck,
  /** Null: aliases, which keep the 60 seconds of load balancers. */
  ttl: z.int().nullable(),
  /** `namespace/name` of the service of type LoadBalancer; null: the only one that each cluster has. */
  service: z.string().nullable(),
  targets: z.array(TrafficTarget),
  /** What is still to be deleted. */
  retired: z.looseObject({
    checks: z.array(z.string()),
    names: z.array(z.looseObject({ hostedZoneId: z.string(), host: z.string() })),
  }),
  createdAt: z.string(),
  updatedAt: z.string(),
});
export type TrafficRecord = Read<typeof TrafficRecordSchema>;

/** Seconds for which resolvers may keep an answer. */
export function ttlOf({ ttl }: Pick<TrafficRecord, "ttl">): number {
  return ttl ?? 60;
}

/** Seconds after which a change of the records has reached everybody: changes take up to 60 (docs/references/aws.md#route53). */
export function settleSeconds(traffic: Pick<TrafficRecord, "ttl">): number {
  return ttlOf(traffic) + 60;
}
