import * as z from "zod";
import { refText } from "../fleet/fleet-records.ts";
import { wantedRecords } from "../traffic/record-sets.ts";
import { checkText, monthlyCost } from "../traffic/traffic-check.ts";
import { TRAFFIC_POLICIES, type TrafficRecord, ttlOf } from "../traffic/traffic-records.ts";
import type { Read } from "./output.ts";

/** A load balancer that a cluster's Kubernetes made for a service. */
export const IngressViewSchema = z.looseObject({
  /** `namespace/name` */
  service: z.string(),
  dnsName: z.string(),
  /** The zone that AWS keeps that name in. */
  hostedZoneId: z.string(),
  /** Whether it can be reached, and checked, from the internet. */
  isPublic: z.boolean(),
});
export const IngressesSchema = z.looseObject({ items: z.array(IngressViewSchema) });

/** The public name of a fleet, and who answers it. */
export const TrafficViewSchema = z.looseObject({
  fleet: z.string(),
  host: z.string(),
  policy: z.enum(TRAFFIC_POLICIES),
  /** `https:/healthz` */
  check: z.string(),
  /** Seconds for which clients may keep an answer. */
  ttl: z.number(),
  clusters: z.array(
    z.looseObject({
      endpoint: z.string(),
      name: z.string(),
      region: z.string(),
      /** The load balancer of its service. */
      target: z.string(),
      /** `PRIMARY`, `weight 100`, `us-west-2`; null: it has no record. */
      part: z.string().nullable(),
      drained: z.boolean(),
      /** By Route 53; null: not known yet. */
      healthy: z.boolean().nullable(),
    }),
  ),
  /** USD, of the health checks. */
  monthlyCost: z.number(),
  warnings: z.array(z.string()),
});
export type TrafficView = Read<typeof TrafficViewSchema>;

export function toTrafficView(
  traffic: TrafficRecord,
  {
    health = new Map(),
    warnings = [],
  }: { health?: ReadonlyMap<string, boolean | undefined>; warnings?: readonly string[] },
): TrafficView {
  const parts = new Map(
    wantedRecords(traffic).map(({ identifier, routing }) => [identifier.split("/").slice(2).join("/"), routing]),
  );
  const { fleet, host, policy, check, targets } = traffic;
  return {
    ...{ fleet, host, policy, check: checkText(check), ttl: ttlOf(traffic) },
    clusters: targets.map((target) => ({
      ...{ endpoint: target.endpoint, name: target.cluster, region: target.region, target: target.balancer.dnsName },
      part: partText(parts.get(refText(target))),
      drained: target.drained,
      healthy: health.get(refText(target)) ?? null,
    })),
    monthlyCost: monthlyCost(check) * targets.length,
    warnings: [...warnings],
  };
}

type Routing = ReturnType<typeof wantedRecords>[number]["routing"];

function partText(routing: Routing | undefined): string | null {
  if (!routing) return null;
  if (routing.policy === "weighted") return `weight ${routing.weight}`;
  return routing.policy === "latency" ? routing.region : routing.role;
}
