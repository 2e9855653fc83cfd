import { GetCommand, PutCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import type { EventView } from "../domain/api/views.ts";
import { readAll, readEvent } from "./items.ts";
import { holds, keys, type Table } from "./keys.ts";

/** The same for the same event of the same operation, however often its step runs. */
export function eventId(event: EventView): string {
  return `${event.operation ?? event.time}#${event.type}#${event.member ?? ""}`;
}

/**
 * Adds a sentence to the cluster's event history; false when one of this id was there: the same event of the same
 * operation is written once.
 */
export async function addEvent(
  table: Table,
  cluster: string,
  event: EventView,
  id: string = eventId(event),
): Promise<boolean> {
  return holds(
    table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: { ...keys.event(cluster, id), record: event },
        ConditionExpression: "attribute_not_exists(pk)",
      }),
    ),
  );
}

/** The event of that id (`eventId`) in the cluster's event history. */
export async function findEvent(table: Table, cluster: string, id: string): Promise<EventView | undefined> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: keys.event(cluster, id), ConsistentRead: true }),
  );
  return Item?.["record"];
}

/** All events of a cluster, oldest first. */
export async function listEvents(table: Table, cluster: string): Promise<EventView[]> {
  const { Items = [] } = await table.client.send(
    new QueryCommand({
      TableName: table.name,
      KeyConditionExpression: "pk = :pk AND begins_with(sk, :event)",
      ExpressionAttributeValues: { ":pk": keys.cluster(cluster).pk, ":event": "EVENT#" },
    }),
  );
  return readAll(Items, readEvent).sort((a, b) => a.time.localeCompare(b.time));
}
