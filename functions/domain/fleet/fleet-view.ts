import { FLEET_STATUSES, type FleetClusterView, type FleetSummary, type FleetView } from "../api/fleet-views.ts";
import type { ClusterView } from "../api/views.ts";
import { evaluateCluster } from "../cluster/cluster-validation.ts";
import { type ClusterRef, type FleetPolicy, type FleetRecord, LOCAL } from "./fleet-records.ts";
import { parseSelector, selects } from "./selector.ts";
import { violationsOf } from "./violations.ts";

/** The clusters of a fleet among those that there are, by name. One that it lists and that is not there is among them. */
export function clustersOf({ clusters, selector }: FleetRecord, views: readonly ClusterView[]): ClusterRef[] {
  if (clusters) return [...clusters].sort((a, b) => (a.cluster < b.cluster ? -1 : 1));
  const parsed = parseSelector(selector ?? "", "selector");
  if (!parsed.ok) return [];
  return views
    .filter(({ status, spec }) => status !== "DELETED" && selects(parsed.selector, spec.labels))
    .map(({ name }) => ({ endpoint: LOCAL, cluster: name }))
    .sort((a, b) => (a.cluster < b.cluster ? -1 : 1));
}

/** A fleet as it is shown to somebody who may read these clusters; `shows` says which. */
export function toFleetView(
  fleet: FleetRecord,
  views: readonly ClusterView[],
  shows: (cluster: string) => boolean = () => true,
): FleetView {
  const byName = new Map(views.map((view) => [view.name, view]));
  const clusters = clustersOf(fleet, views)
    .filter(({ cluster }) => shows(cluster))
    .map((ref) => toClusterView(ref, byName.get(ref.cluster), fleet.policy))
    .sort((a, b) => rank(a) - rank(b));
  const { name, selector, policy, strategy, createdAt, updatedAt } = fleet;
  const status = clusters[0]?.status ?? "EMPTY";
  const costs = clusters.map(({ monthlyCost }) => monthlyCost ?? 0);
  return {
    ...{ name, status, selector, policy, strategy },
    counts: {
      clusters: clusters.length,
      byStatus: countBy(clusters.map((cluster) => cluster.status)),
      byVersion: countBy(clusters.flatMap(({ kubernetesVersion }) => kubernetesVersion ?? [])),
      violations: clusters.reduce((sum, { violations }) => sum + violations.length, 0),
    },
    oldestBackup: oldestBackup(clusters),
    monthlyCost: Math.round(costs.reduce((sum, cost) => sum + cost, 0) * 100) / 100,
    ...{ createdAt, updatedAt, clusters },
  };
}

/** Without the clusters, as lists have it. */
export function toSummary({ clusters: _, ...summary }: FleetView): FleetSummary {
  return summary;
}

function toClusterView(
  { endpoint, cluster }: ClusterRef,
  view: ClusterView | undefined,
  policy: FleetPolicy,
): FleetClusterView {
  const named = { endpoint, name: cluster };
  if (!view || view.status === "DELETED") {
    const reason = `there is no cluster ${cluster}`;
    const unknown = { kubernetesVersion: null, masters: 0, nodes: 0, lastBackupAt: null, monthlyCost: null };
    return { ...named, status: "UNKNOWN", reason, labels: {}, ...unknown, problems: [reason], violations: [] };
  }
  return {
    ...named,
    status: view.status,
    reason: view.reason,
    labels: view.spec.labels ?? {},
    kubernetesVersion: view.versions?.kubernetes ?? view.spec.kubernetesVersion,
    masters: view.quorum.size,
    nodes: view.spec.nodeCount,
    lastBackupAt: view.backup?.lastVerifiedAt ?? null,
    monthlyCost: view.plan.cost?.monthly ?? null,
    problems: evaluateCluster(view).reasons,
    violations: violationsOf(view, policy),
  };
}

/** The worst status first; among equals those with problems or violations, then by name. */
function rank({ status, problems, violations }: FleetClusterView): number {
  return FLEET_STATUSES.indexOf(status) * 2 + (problems.length + violations.length > 0 ? 0 : 1);
}

function countBy(values: readonly string[]): Record<string, number> {
  const groups = [...Map.groupBy(values, (value) => value)];
  return Object.fromEntries(groups.map(([value, { length }]) => [value, length]));
}

/** A cluster without a backup counts before all others. */
function oldestBackup(clusters: readonly FleetClusterView[]): FleetView["oldestBackup"] {
  const [oldest] = clusters.toSorted((a, b) => ((a.lastBackupAt ?? "") < (b.lastBackupAt ?? "") ? -1 : 1));
  return oldest ? { cluster: oldest.name, at: oldest.lastBackupAt } : null;
}
