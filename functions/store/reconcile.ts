import { BatchGetCommand, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import type { ClusterRecord, MemberRecord, OperationRecord } from "../domain/cluster/records.ts";
import type { OrphanRecord } from "../domain/deletion/orphans.ts";
import { readAll, readCluster, readMember, readOperation } from "./items.ts";
import { CLUSTERS_INDEX, keys, type Table } from "./keys.ts";
import { type Projection, queryAll } from "./query.ts";

/** Everything of one kind from the index. */
export function listKind(
  table: Table,
  kind: "CLUSTER" | "MEMBER",
  only: Projection = {},
): Promise<Record<string, unknown>[]> {
  return queryAll(table, {
    IndexName: CLUSTERS_INDEX,
    KeyConditionExpression: "kind = :kind",
    ExpressionAttributeValues: { ":kind": kind },
    ...only,
  });
}

export async function allClusters(table: Table): Promise<ClusterRecord[]> {
  return readAll(await listKind(table, "CLUSTER"), readCluster);
}

/** Members of all clusters, by cluster. */
export async function allMembers(table: Table): Promise<Map<string, MemberRecord[]>> {
  const found = readAll(await listKind(table, "MEMBER"), readMember);
  const groups = Map.groupBy(found, ({ cluster }) => cluster);
  return new Map([...groups].map(([cluster, members]) => [cluster, members.map(({ record }) => record)]));
}

type Key = { readonly pk: string; readonly sk: string };

/** Up to a hundred items a call; what DynamoDB left over is asked for again. */
async function getAll(table: Table, wanted: readonly Key[]): Promise<Record<string, unknown>[]> {
  const found: Record<string, unknown>[] = [];
  let pending: Record<string, unknown>[] = [...wanted];
  while (pending.length > 0) {
    const { Responses = {}, UnprocessedKeys = {} } = await table.client.send(
      new BatchGetCommand({ RequestItems: { [table.name]: { Keys: pending.slice(0, 100) } } }),
    );
    found.push(...(Responses[table.name] ?? []));
    pending = [...(UnprocessedKeys[table.name]?.Keys ?? []), ...pending.slice(100)];
  }
  return found;
}

export async function readOperations(table: Table, ids: readonly string[]): Promise<Map<string, OperationRecord>> {
  const items = await getAll(
    table,
    ids.map((id) => keys.operation(id)),
  );
  return new Map(readAll(items, readOperation).map((record) => [record.id, record]));
}

/** What the last reconcile run remembered of things that belong to no cluster. */
export async function readOrphans(table: Table): Promise<OrphanRecord> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: keys.orphans(), ConsistentRead: true }),
  );
  return Orphans.parse(Item?.["record"]);
}

/** Whatever cannot be read is seen for the first time again. */
const Orphans = z
  .object({ seen: z.record(z.string(), z.number()), reportedOn: z.string().nullable() })
  .catch({ seen: {}, reportedOn: null });

export async function writeOrphans(table: Table, record: OrphanRecord): Promise<void> {
  await table.client.send(new PutCommand({ TableName: table.name, Item: { ...keys.orphans(), record } }));
}
