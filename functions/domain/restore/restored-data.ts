import type { RestorationRecord } from "./restore-records.ts";

export interface RestoredData {
  readonly clusterId: string;
  /** What each member says. */
  readonly clusterIds: readonly (string | null)[];
  readonly revision: number;
  readonly keys: number;
}

/** What is wrong with the restored etcd; undefined if it is one new cluster with what the file has. */
export function explainRestored(
  { clusterId, clusterIds, revision, keys }: RestoredData,
  { file, bump, formerClusterId }: Pick<RestorationRecord, "file" | "bump" | "formerClusterId">,
): string | undefined {
  const others = new Set(clusterIds);
  if (others.size !== 1 || !others.has(clusterId))
    return `the members serve different clusters: ${clusterIds.map((id) => id ?? "none").join(", ")}`;
  if (clusterId === formerClusterId) return `etcd has the former cluster id ${clusterId}`;
  const least = (file?.revision ?? 0) + bump;
  if (revision < least) return `etcd is at revision ${revision}, and ${least} was to be skipped to`;
  if (file?.keys != null && keys !== file.keys) return `etcd has ${keys} keys, and the file has ${file.keys}`;
  return undefined;
}
