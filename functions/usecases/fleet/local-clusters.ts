import type { ClusterOutline } from "../../domain/api/views.ts";
import type { Table } from "../../store/keys.ts";
import { listOutlines } from "../../store/outlines.ts";
import { toClusterView } from "../operations/views.ts";

/** All clusters of this Holdfast, from the index, which lags by a moment. */
export async function listLocalClusters(table: Table): Promise<ClusterOutline[]> {
  const outlines = await listOutlines(table);
  return outlines.map(({ cluster, records }) => toClusterView(cluster, records));
}
