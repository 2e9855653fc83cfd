import * as z from "zod";
import type { ClusterOutline } from "../../domain/api/views.ts";
import {
  type EndpointRecord,
  type KnownCluster,
  type MirrorRecord,
  ownCluster,
  unknownSince,
} from "../../domain/fleet/endpoint-records.ts";
import { parseJson } from "../../domain/text/parse-json.ts";
import type { EndpointStore } from "../../store/endpoints.ts";
import type { Table } from "../../store/keys.ts";
import { listLocalClusters } from "./local-clusters.ts";

/** It was checked when it was written (refresh-endpoints.ts). */
const Checked = z.custom<ClusterOutline>((value) => typeof value === "object" && value !== null);

/** All clusters that this Holdfast knows: its own, and as they were last seen those of its endpoints. */
export async function listKnownClusters(
  table: Table,
  endpoints: Pick<EndpointStore, "listEndpoints" | "listMirror">,
  now: Date,
): Promise<KnownCluster[]> {
  const [own, joined] = await Promise.all([listLocalClusters(table), endpoints.listEndpoints()]);
  const mirror = joined.length === 0 ? [] : await endpoints.listMirror();
  return [...own.map(ownCluster), ...seenClusters(mirror, joined, now)];
}

/** Clusters of endpoints as they were last seen, and since when nothing is known of them. */
export function seenClusters(
  mirror: readonly MirrorRecord[],
  endpoints: readonly EndpointRecord[],
  now: Date,
): readonly KnownCluster[] {
  const since = new Map(endpoints.map((endpoint) => [endpoint.name, unknownSince(endpoint, now)]));
  return mirror.flatMap(({ endpoint, view }) => {
    const seen = since.get(endpoint);
    // Its endpoint has left.
    if (seen === undefined) return [];
    return [{ endpoint, view: Checked.parse(parseJson(view)), unknownSince: seen }];
  });
}
