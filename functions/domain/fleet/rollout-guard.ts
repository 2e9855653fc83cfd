import type { ClusterOutline } from "../api/views.ts";
import { counted } from "../text/counted.ts";
import { refText } from "./fleet-records.ts";
import type { ClusterFacts } from "./rollout-observe.ts";
import type { RolloutCluster } from "./rollout-records.ts";

/** By {@link refText}. */
export type RolloutFacts = ReadonlyMap<string, ClusterFacts>;

/** Of all clusters, this part may be changing or unhealthy together, whatever the strategy says. */
const GUARD = 0.1;
const DISTURBED: ReadonlySet<string> = new Set(["UPDATING", "DEGRADED", "REPAIRING"]);
/** A zone is impaired where this many clusters, and this part of those that are there, have an unhealthy master. */
const IMPAIRED_CLUSTERS = 2;
const IMPAIRED_PART = 0.5;

/** How many of all clusters may be changing or unhealthy together. */
export function guardOf(clusters: number): number {
  return Math.max(1, Math.floor(clusters * GUARD));
}

/** It is changing, or is to be, or is not healthy. One whose endpoint does not answer may be anything. */
export function isDisturbed(each: RolloutCluster, facts: RolloutFacts): boolean {
  if (each.state === "running") return true;
  if (each.state === "skipped") return false;
  return isUnsettled(facts.get(refText(each))?.view);
}

/** It is changing or not healthy, or may be. */
export function isUnsettled(view: ClusterOutline | undefined): boolean {
  return view === undefined || DISTURBED.has(view.status);
}

/** Zones that several clusters have trouble in at once, each with what is to be said of it. Names are an account's own. */
export function impairedZones(clusters: readonly RolloutCluster[], facts: RolloutFacts): ReadonlyMap<string, string> {
  const there = clusters.flatMap((each) => {
    const view = facts.get(refText(each))?.view;
    return view ? zonesOf(view).map((zone) => ({ ...zone, id: zoneId(each, zone.name) })) : [];
  });
  const impaired = new Map<string, string>();
  for (const [id, all] of Map.groupBy(there, (zone) => zone.id)) {
    const bad = all.filter(({ isHealthy }) => !isHealthy).length;
    if (bad < IMPAIRED_CLUSTERS || bad < all.length * IMPAIRED_PART) continue;
    impaired.set(
      id,
      `zone ${id} is impaired: ${bad} of ${counted(all.length, "cluster")} there have unhealthy masters`,
    );
  }
  return impaired;
}

/** Why a cluster is not to be changed now: it has masters in an impaired zone. */
export function whyImpaired(
  each: RolloutCluster,
  view: ClusterOutline,
  impaired: ReadonlyMap<string, string>,
): string | undefined {
  const [found] = zonesOf(view).flatMap(({ name }) => impaired.get(zoneId(each, name)) ?? []);
  return found;
}

function zoneId({ endpoint }: RolloutCluster, zone: string): string {
  return `${endpoint}/${zone}`;
}

function zonesOf({ members }: ClusterOutline): { readonly name: string; readonly isHealthy: boolean }[] {
  return [...Map.groupBy(members, ({ zone }) => zone)].map(([name, own]) => ({
    name,
    isHealthy: own.every(({ health }) => health !== "unhealthy" && health !== "unknown"),
  }));
}
