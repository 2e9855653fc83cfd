import { isDeepStrictEqual } from "node:util";
import { refText } from "../fleet/fleet-records.ts";
import type { TrafficRecord, TrafficTarget } from "./traffic-records.ts";

export type RecordRouting =
  | { readonly policy: "weighted"; readonly weight: number }
  | { readonly policy: "latency"; readonly region: string }
  | { readonly policy: "failover"; readonly role: "PRIMARY" | "SECONDARY" };

/** One record of a name; those of one name share a policy, and each has an identifier of its own. */
export interface RecordSet {
  readonly identifier: string;
  readonly routing: RecordRouting;
  readonly healthCheckId: string | null;
  /** Null for an alias. */
  readonly ttl: number | null;
  readonly target: { readonly dnsName: string; readonly hostedZoneId: string | null };
}

export interface RecordChange {
  readonly action: "CREATE" | "UPSERT" | "DELETE";
  readonly record: RecordSet;
}

/** What begins the identifiers of this fleet's records, and of no others. */
export function identifierPrefix({ id }: Pick<TrafficRecord, "id">): string {
  return `holdfast/${id}/`;
}

/** The records that the fleet's name is to have. One that is drained has no weight, is secondary, or is not there. */
export function wantedRecords(traffic: TrafficRecord): RecordSet[] {
  const active = traffic.targets.filter(({ drained }) => !drained);
  const primary = active[0] ?? traffic.targets[0];
  const shown = traffic.policy === "latency" && active.length > 0 ? active : traffic.targets;
  return shown.map((target) => ({
    identifier: `${identifierPrefix(traffic)}${refText(target)}`,
    routing: routingOf(traffic, target, target === primary),
    healthCheckId: target.checkId,
    ttl: traffic.ttl,
    target: {
      dnsName: target.balancer.dnsName.toLowerCase(),
      hostedZoneId: traffic.ttl === null ? target.balancer.hostedZoneId : null,
    },
  }));
}

function routingOf({ policy }: TrafficRecord, target: TrafficTarget, isPrimary: boolean): RecordRouting {
  if (policy === "weighted") return { policy, weight: target.drained ? 0 : target.weight };
  if (policy === "latency") return { policy, region: target.region };
  return { policy, role: isPrimary ? "PRIMARY" : "SECONDARY" };
}

/**
 * The changes, as one batch that happens at once. Route 53 checks them one after the other, and refuses two primaries,
 * two policies or two TTLs in between: then all records are deleted first and created again.
 */
export function changesBetween(current: readonly RecordSet[], wanted: readonly RecordSet[]): RecordChange[] {
  const former = new Map(current.map((record) => [record.identifier, record]));
  const kept = new Set(wanted.map(({ identifier }) => identifier));
  const mustReplace = wanted.some((record) => {
    const known = former.get(record.identifier);
    return known !== undefined && partOf(known) !== partOf(record);
  });
  const removed = mustReplace ? current : current.filter(({ identifier }) => !kept.has(identifier));
  const added = wanted.filter((record) => mustReplace || !isDeepStrictEqual(former.get(record.identifier), record));
  return [
    ...removed.map((record): RecordChange => ({ action: "DELETE", record })),
    ...added.map((record): RecordChange => {
      const isThere = !mustReplace && former.has(record.identifier);
      return { action: isThere ? "UPSERT" : "CREATE", record };
    }),
  ];
}

/** What cannot change in place: a weight, a check and a target can. */
function partOf({ routing, ttl }: RecordSet): string {
  if (routing.policy === "weighted") return `weighted ${ttl}`;
  return routing.policy === "latency" ? `latency ${routing.region} ${ttl}` : `failover ${routing.role} ${ttl}`;
}
