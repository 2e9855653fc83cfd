import { BatchGetCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import type { ClusterStatus, EventView, OperationStatus } from "../domain/api/views.ts";
import type { ClusterRecord, OperationRecord } from "../domain/cluster/records.ts";
import { eventId } from "./events.ts";
import { readAll, readCluster, readEvent, readOperation } from "./items.ts";
import { CLUSTERS_INDEX, keys, type Table } from "./keys.ts";
import { queryAll } from "./query.ts";

/** A part of a list; `next` is where it ended, and undefined at the end of the list. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next?: string;
}

/** A filter that matches little must not make one request read a whole table: then a page has few items, or none. */
const MAX_READS = 10;
/** Sorts before and after every character of a cluster's name. */
const BEFORE = "!";
const AFTER = "~";

/** More than a page shows, since a caller may see few of those that are there. */
const CLUSTERS_A_READ = 100;

/**
 * Clusters by name. `shows` says which the caller may see: the end of a page reveals no others. While none of those
 * has been met it is read on, since there is no place to end at that the caller may know.
 */
export async function pageOfClusters(
  table: Table,
  wanted: {
    readonly limit: number;
    readonly after?: string | undefined;
    readonly prefix?: string | undefined;
    readonly status?: ClusterStatus | undefined;
    readonly selects?: ((cluster: ClusterRecord) => boolean) | undefined;
    readonly shows: (name: string) => boolean;
  },
): Promise<Page<ClusterRecord>> {
  const { limit, prefix = "", status, selects, shows } = wanted;
  const items: ClusterRecord[] = [];
  let next: string | undefined;
  let from = startOfClusters(prefix, wanted.after);
  for (let read = 0; read < MAX_READS || next === undefined; read++) {
    if (from > `${prefix}${AFTER}`) return { items };
    const { Items = [], LastEvaluatedKey } = await table.client.send(
      new QueryCommand({
        TableName: table.name,
        IndexName: CLUSTERS_INDEX,
        KeyConditionExpression: "kind = :kind AND #name BETWEEN :from AND :to",
        ExpressionAttributeNames: { "#name": "name" },
        ExpressionAttributeValues: { ":kind": "CLUSTER", ":from": from, ":to": `${prefix}${AFTER}` },
        Limit: CLUSTERS_A_READ,
      }),
    );
    for (const cluster of readAll(Items, readCluster).filter(({ name }) => shows(name))) {
      if (items.length === limit) return { items, ...(next === undefined ? {} : { next }) };
      if ((status === undefined || cluster.status === status) && (selects?.(cluster) ?? true)) items.push(cluster);
      next = cluster.name;
    }
    if (!LastEvaluatedKey) return { items };
    from = startOfClusters(prefix, String(LastEvaluatedKey["name"]));
  }
  return { items, ...(next === undefined ? {} : { next }) };
}

function startOfClusters(prefix: string, after: string | undefined): string {
  return after !== undefined && `${after}${BEFORE}` > prefix ? `${after}${BEFORE}` : prefix || BEFORE;
}

/** Operations of a cluster, newest first. */
export async function pageOfOperations(
  table: Table,
  cluster: string,
  wanted: {
    readonly limit: number;
    readonly after?: string | undefined;
    readonly status?: OperationStatus | undefined;
  },
): Promise<Page<OperationRecord>> {
  const { pk } = keys.cluster(cluster);
  const items: OperationRecord[] = [];
  let next = wanted.after;
  for (let read = 0; read < MAX_READS; read++) {
    const { Items = [], LastEvaluatedKey } = await table.client.send(
      new QueryCommand({
        TableName: table.name,
        KeyConditionExpression: "pk = :pk AND begins_with(sk, :operation)",
        ExpressionAttributeValues: { ":pk": pk, ":operation": OPERATION },
        ScanIndexForward: false,
        Limit: wanted.limit - items.length,
        ...(next === undefined ? {} : { ExclusiveStartKey: { pk, sk: `${OPERATION}${next}` } }),
      }),
    );
    const found = await operationsOf(table, Items);
    items.push(...found.filter(({ status }) => wanted.status === undefined || status === wanted.status));
    if (!LastEvaluatedKey) return { items };
    next = String(LastEvaluatedKey["sk"]).slice(OPERATION.length);
    if (items.length >= wanted.limit) break;
  }
  return { items, ...(next === undefined ? {} : { next }) };
}

const OPERATION = "OPERATION#";

/** In the order of the pointers. What DynamoDB left over is asked for again. */
async function operationsOf(table: Table, pointers: readonly Record<string, unknown>[]): Promise<OperationRecord[]> {
  const ids = pointers.map(({ id }) => String(id));
  const found = new Map<string, OperationRecord>();
  let pending = ids.map((id): Record<string, unknown> => keys.operation(id));
  while (pending.length > 0) {
    const { Responses = {}, UnprocessedKeys = {} } = await table.client.send(
      new BatchGetCommand({ RequestItems: { [table.name]: { Keys: pending } } }),
    );
    for (const record of readAll(Responses[table.name] ?? [], readOperation)) found.set(record.id, record);
    pending = UnprocessedKeys[table.name]?.Keys ?? [];
  }
  return ids.map((id) => found.get(id)).filter((operation) => operation !== undefined);
}

/**
 * A cluster's event history, oldest first. The keys of events are not in order of time (they make each be written
 * once), so all that match are read for each page.
 */
export async function pageOfEvents(
  table: Table,
  cluster: string,
  wanted: {
    readonly limit: number;
    readonly after?: string | undefined;
    readonly since?: string | undefined;
    readonly type?: string | undefined;
  },
): Promise<Page<EventView>> {
  const found = await matchingEvents(table, cluster, wanted);
  const inOrder = found
    .map((event) => ({ event, position: `${event.time} ${eventId(event)}` }))
    .sort((a, b) => (a.position < b.position ? -1 : 1));
  const rest = inOrder.filter(({ position }) => wanted.after === undefined || position > wanted.after);
  const page = rest.slice(0, wanted.limit);
  const last = page.at(-1);
  return {
    items: page.map(({ event }) => event),
    ...(last && rest.length > page.length ? { next: last.position } : {}),
  };
}

async function matchingEvents(
  table: Table,
  cluster: string,
  { since, type }: { readonly since?: string | undefined; readonly type?: string | undefined },
): Promise<EventView[]> {
  const conditions = [
    ...(since === undefined ? [] : ["#record.#time >= :since"]),
    ...(type === undefined ? [] : ["#record.#type = :type"]),
  ];
  const items = await queryAll(table, {
    KeyConditionExpression: "pk = :pk AND begins_with(sk, :event)",
    ...(conditions.length === 0
      ? {}
      : {
          FilterExpression: conditions.join(" AND "),
          ExpressionAttributeNames: {
            "#record": "record",
            ...(since === undefined ? {} : { "#time": "time" }),
            ...(type === undefined ? {} : { "#type": "type" }),
          },
        }),
    ExpressionAttributeValues: {
      ":pk": keys.cluster(cluster).pk,
      ":event": "EVENT#",
      ...(since === undefined ? {} : { ":since": since }),
      ...(type === undefined ? {} : { ":type": type }),
    },
  });
  return readAll(items, readEvent);
}
