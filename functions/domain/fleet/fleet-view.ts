import { FLEET_STATUSES, type FleetClusterView, type FleetSummary, type FleetView } from "../api/fleet-views.ts";
import { evaluateCluster } from "../cluster/cluster-validation.ts";
import type { KnownCluster } from "./endpoint-records.ts";
import { type ClusterRef, type FleetPolicy, type FleetRecord, refText } from "./fleet-records.ts";
import { parseSelector, selects } from "./selector.ts";
import { violationsOf } from "./violations.ts";

/** The clusters of a fleet among those that are known, by name. One that it lists and that is not there is among them. */
export function clustersOf({ clusters, selector }: FleetRecord, known: readonly KnownCluster[]): ClusterRef[] {
  if (clusters) return clusters.toSorted(byName);
  const parsed = parseSelector(selector ?? "", "selector");
  if (!parsed.ok) return [];
  return known
    .filter(({ view: { status, spec } }) => status !== "DELETED" && selects(parsed.selector, spec.labels))
    .map(({ endpoint, view }) => ({ endpoint, cluster: view.name }))
    .toSorted(byName);
}

function byName(a: ClusterRef, b: ClusterRef): number {
  if (a.cluster === b.cluster) return a.endpoint < b.endpoint ? -1 : 1;
  return a.cluster < b.cluster ? -1 : 1;
}

/** Known clusters by {@link refText}. */
export function byRef(known: readonly KnownCluster[]): Map<string, KnownCluster> {
  return new Map(known.map((each) => [refText({ endpoint: each.endpoint, cluster: each.view.name }), each]));
}

/** A fleet as it is shown to somebody who may read these clusters; `shows` says which. */
export function toFleetView(
  fleet: FleetRecord,
  known: readonly KnownCluster[],
  shows: (cluster: string) => boolean = () => true,
): FleetView {
  const found = byRef(known);
  const clusters = clustersOf(fleet, known)
    .filter(({ cluster }) => shows(cluster))
    .map((ref) => toClusterView(ref, found.get(refText(ref)), fleet.policy))
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
  known: KnownCluster | undefined,
  policy: FleetPolicy,
): FleetClusterView {
  const named = { endpoint, name: cluster };
  const view = known?.view;
  if (!known || !view || view.status === "DELETED") {
    const reason = `there is no cluster ${cluster}`;
    const unknown = { kubernetesVersion: null, masters: 0, nodes: 0, lastBackupAt: null, monthlyCost: null };
    return { ...named, status: "UNKNOWN", reason, labels: {}, ...unknown, problems: [reason], violations: [] };
  }
  const { unknownSince } = known;
  const lost = unknownSince === null ? undefined : `unknown since ${unknownSince}; last seen ${view.status}`;
  return {
    ...named,
    status: lost === undefined ? view.status : "UNKNOWN",
    reason: lost ?? view.reason,
    unknownSince,
    labels: view.spec.labels ?? {},
    kubernetesVersion: view.versions?.kubernetes ?? view.spec.kubernetesVersion,
    masters: view.quorum.size,
    nodes: view.spec.nodeCount,
    lastBackupAt: view.backup?.lastVerifiedAt ?? null,
    monthlyCost: view.plan.cost?.monthly ?? null,
    problems: lost === undefined ? evaluateCluster(view).reasons : [lost],
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
