import type { MemberRecord } from "../domain/cluster/records.ts";
import { readAll, readMember, readOutline } from "./items.ts";
import type { Table } from "./keys.ts";
import type { Projection } from "./query.ts";
import { listKind } from "./reconcile.ts";

/** Most of a cluster's item is its plan and what it is made of; a list of hundreds does without. */
const OF_CLUSTERS = [
  ...["name", "uid", "status", "reason", "spec", "plan.members", "plan.cost.monthly", "versions", "operation"],
  ...["endpoint", "leader", "nodes", "drift", "backup", "migration", "createdAt", "updatedAt"],
];
const OF_MEMBERS = ["member", "health", "migrating"];

/** All clusters by outline, each with what is known of its members. From the index, which lags by a moment. */
export async function listOutlines(table: Table) {
  const [clusters, members] = await Promise.all([
    listKind(table, "CLUSTER", projectionOf(OF_CLUSTERS)),
    listKind(table, "MEMBER", projectionOf(OF_MEMBERS)),
  ]);
  const byCluster = Map.groupBy(readAll(members, readMember), ({ cluster }) => cluster);
  return readAll(clusters, readOutline).map((cluster) => {
    const records = (byCluster.get(cluster.name) ?? []).map(({ record }): MemberRecord => record);
    return { cluster, records };
  });
}

/** These fields of the record, and the key that proves it. */
function projectionOf(paths: readonly string[]): Projection {
  const names = new Set(["record", ...paths.flatMap((path) => path.split("."))]);
  const placed = (path: string) => ["record", ...path.split(".")].map((name) => `#${name}`).join(".");
  return {
    ProjectionExpression: ["pk", "sk", ...paths.map(placed)].join(", "),
    ExpressionAttributeNames: Object.fromEntries([...names].map((name) => [`#${name}`, name])),
  };
}
