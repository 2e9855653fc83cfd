import { createHash } from "node:crypto";
import type { ClusterOutline } from "../api/views.ts";
import { drillOf, intervalOf } from "../spec/rules/backups.ts";
import type { KnownCluster } from "./endpoint-records.ts";
import { type ClusterRef, type FleetPolicy, type FleetRecord, refText } from "./fleet-records.ts";
import { byRef, clustersOf } from "./fleet-view.ts";
import { guardOf, isUnsettled } from "./rollout-guard.ts";
import type { Patch } from "./rollout-records.ts";

/** A change that the policy of a fleet asks for. */
export interface EnforcedChange {
  readonly ref: ClusterRef;
  readonly patch: Patch;
  /** The same change is sent under the same key, within an hour: one that failed is tried again after that. */
  readonly key: string;
}

/**
 * What of the clusters of a fleet is to be changed now, so that they are as its policy asks. Those of an open roll-out
 * are left, and never more change at once than the guard of roll-outs allows.
 */
export function planEnforcement(
  fleet: FleetRecord,
  known: readonly KnownCluster[],
  isHeld: (ref: ClusterRef) => boolean,
  now: Date,
): EnforcedChange[] {
  const found = byRef(known);
  const clusters = clustersOf(fleet, known).map((ref) => ({ ref, view: viewOf(found.get(refText(ref))) }));
  const disturbed = clusters.filter(({ view }) => isUnsettled(view)).length;
  const room = Math.max(0, guardOf(clusters.length) - disturbed);
  const changes = clusters.flatMap(({ ref, view }): EnforcedChange[] => {
    if (view?.status !== "ACTIVE" || view.operation !== null || isHeld(ref)) return [];
    const patch = enforcedPatch(view.spec, fleet.policy);
    return patch ? [{ ref, patch, key: keyOf(fleet, ref, { patch, spec: view.spec, now }) }] : [];
  });
  return changes.slice(0, room);
}

/** Nothing counts that was seen of one whose endpoint does not answer. */
function viewOf(known: KnownCluster | undefined): ClusterOutline | undefined {
  return known?.unknownSince === null ? known.view : undefined;
}

type Spec = ClusterOutline["spec"];

/** Backup settings as the policy asks; undefined if they are so, or if it does not enforce them. */
function enforcedPatch(spec: Spec, { enforce = [], backup }: FleetPolicy): Patch | undefined {
  if (!enforce.includes("backup") || backup === undefined) return undefined;
  const [interval, most] = [intervalOf(spec), backup.intervalMinutes];
  const isTooLong = most !== undefined && (interval === 0 || interval > most);
  // Without backups there is nothing to drill.
  const hasBackups = isTooLong || interval > 0;
  const lacksDrill = hasBackups && backup.drill === "weekly" && spec.drill === "off";
  if (!isTooLong && !lacksDrill) return undefined;
  return { ...(isTooLong ? { backupIntervalMinutes: most } : {}), ...(lacksDrill ? { drill: "weekly" } : {}) };
}

function keyOf(
  { name }: FleetRecord,
  ref: ClusterRef,
  { patch, spec, now }: { readonly patch: Patch; readonly spec: Spec; readonly now: Date },
): string {
  const former = [intervalOf(spec), drillOf(spec)];
  const parts = [name, refText(ref), patch, former, now.toISOString().slice(0, 13)];
  return `policy-${createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 40)}`;
}
