import type { ClusterView } from "../../domain/api/views.ts";
import type { Table } from "../../store/keys.ts";
import { allClusters, allMembers } from "../../store/reconcile.ts";
import { toClusterView } from "../operations/views.ts";

/** All clusters of this Holdfast, from the index, which lags by a moment. */
export async function listLocalClusters(table: Table): Promise<ClusterView[]> {
  const [clusters, members] = await Promise.all([allClusters(table), allMembers(table)]);
  return clusters.map((cluster) => toClusterView(cluster, members.get(cluster.name) ?? []));
}
