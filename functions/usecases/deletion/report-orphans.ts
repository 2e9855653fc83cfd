import { type Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import type { ClusterRecord } from "../../domain/cluster/records.ts";
import { evaluateOrphans, type TaggedResource } from "../../domain/deletion/orphans.ts";
import type { GroupFacts } from "../../domain/drift/group-drift.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { logger } from "../../runtime/logger.ts";
import { publishOrphans, recordEventCalls } from "../operations/record-event.ts";

export const reportOrphansCalls = { ...recordEventCalls };

type Collaborators = Deps<typeof reportOrphansCalls>;

/** An event holds at most this many; the log has them all. */
const NAMED = 100;

/**
 * Counts what carries our tag and belongs to no cluster on record: EC2's resources and groups. They are in the metric
 * and the log at each reconcile run, and reported once a day.
 */
export async function reportOrphans(
  deps: Collaborators,
  clusters: readonly ClusterRecord[],
  { owned, groups }: { readonly owned: readonly TaggedResource[]; readonly groups: ReadonlyMap<string, GroupFacts> },
  { metrics, now }: { readonly metrics: Metrics; readonly now: Date },
): Promise<void> {
  const before = await deps.store.readOrphans();
  const tagged = [...owned, ...[...groups.values()].map(({ name, uid }) => ({ id: name, uid }))];
  const uids = new Set(clusters.filter(({ status }) => status !== "DELETED").map(({ uid }) => uid));
  const { orphans, record } = evaluateOrphans(tagged, uids, before, Math.floor(now.getTime() / 1000));
  metrics.addMetric("OrphanedResources", MetricUnit.Count, orphans.length);
  const today = now.toISOString().slice(0, 10);
  const due = orphans.length > 0 && before.reportedOn !== today;
  if (orphans.length > 0) logger.warn("resources belong to no cluster", { orphans });
  if (due) await publishOrphans(deps, { count: orphans.length, resources: orphans.slice(0, NAMED) }, now);
  const after = due ? { ...record, reportedOn: today } : record;
  if (JSON.stringify(after) !== JSON.stringify(before)) await deps.store.writeOrphans(after);
}
