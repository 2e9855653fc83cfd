import { BatchGetCommand, GetCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import type { OperationKind } from "../domain/api/views.ts";
import { OperationUnknown } from "../domain/cluster/errors.ts";
import { LEASE_MS, type OperationRecord } from "../domain/cluster/records.ts";
import { readAll, readOperation } from "./items.ts";
import { keys, type Table, type Write } from "./keys.ts";

export async function findOperation(table: Table, id: string): Promise<OperationRecord | undefined> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: keys.operation(id), ConsistentRead: true }),
  );
  return Item && readOperation(Item);
}

export async function getOperation(table: Table, id: string): Promise<OperationRecord> {
  const found = await findOperation(table, id);
  if (!found) throw new OperationUnknown(`there is no operation ${id}`);
  return found;
}

export function newOperation(table: Table, operation: OperationRecord): Write[] {
  return [
    {
      Put: {
        TableName: table.name,
        Item: { ...keys.operation(operation.id), record: operation },
        ConditionExpression: "attribute_not_exists(pk)",
      },
    },
    {
      Put: {
        TableName: table.name,
        Item: { ...keys.clusterOperation(operation.cluster, operation.startedAt, operation.id), id: operation.id },
      },
    },
  ];
}

export function startOf(
  id: string,
  cluster: string,
  kind: OperationKind,
  now: Date,
  { loss, parent }: { readonly loss?: OperationRecord["loss"] | undefined; readonly parent?: string | undefined } = {},
): OperationRecord {
  return {
    id,
    cluster,
    kind,
    status: "RUNNING",
    leaseUntil: now.getTime() + LEASE_MS,
    startedAt: now.toISOString(),
    finishedAt: null,
    steps: {},
    error: null,
    ...(loss ? { loss } : {}),
    ...(parent ? { parent } : {}),
  };
}

/** The latest operations of a cluster, newest first. */
export async function listOperations(table: Table, cluster: string, limit: number): Promise<OperationRecord[]> {
  const { Items = [] } = await table.client.send(
    new QueryCommand({
      TableName: table.name,
      KeyConditionExpression: "pk = :pk AND begins_with(sk, :operation)",
      ExpressionAttributeValues: { ":pk": keys.cluster(cluster).pk, ":operation": "OPERATION#" },
      ScanIndexForward: false,
      Limit: limit,
    }),
  );
  if (Items.length === 0) return [];
  const { Responses = {} } = await table.client.send(
    new BatchGetCommand({
      RequestItems: { [table.name]: { Keys: Items.map((item) => keys.operation(item["id"])) } },
    }),
  );
  return readAll(Responses[table.name] ?? [], readOperation).sort((a, b) => b.startedAt.localeCompare(a.startedAt));
}
