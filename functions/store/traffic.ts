import { DeleteCommand, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { NotReadyYet } from "../domain/cluster/errors.ts";
import type { TrafficRecord } from "../domain/traffic/traffic-records.ts";
import { readAll, readTraffic } from "./items.ts";
import { CLUSTERS_INDEX, holds, keys, type Table } from "./keys.ts";
import { queryAll } from "./query.ts";

export async function findTraffic(table: Table, fleet: string): Promise<TrafficRecord | undefined> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: keys.traffic(fleet), ConsistentRead: true }),
  );
  return Item && readTraffic(Item);
}

/** Of all fleets; lags by a moment. */
export async function listTraffic(table: Table): Promise<TrafficRecord[]> {
  const items = await queryAll(table, {
    IndexName: CLUSTERS_INDEX,
    KeyConditionExpression: "kind = :kind",
    ExpressionAttributeValues: { ":kind": "TRAFFIC" },
  });
  return readAll(items, readTraffic);
}

/** Writes a new record, or one that was read as `former`. Throws NotReadyYet if somebody has changed it meanwhile. */
export async function writeTraffic(
  table: Table,
  traffic: TrafficRecord,
  former: TrafficRecord | undefined,
): Promise<void> {
  const Item = { ...keys.traffic(traffic.fleet), kind: "TRAFFIC", name: traffic.fleet, record: traffic };
  const put = new PutCommand({ TableName: table.name, Item, ...unchangedSince(former) });
  if (!(await holds(table.client.send(put)))) throw changed(traffic.fleet);
}

export async function deleteTraffic(table: Table, former: TrafficRecord): Promise<void> {
  const key = { TableName: table.name, Key: keys.traffic(former.fleet) };
  const isGone = await holds(table.client.send(new DeleteCommand({ ...key, ...unchangedSince(former) })));
  if (!isGone) throw changed(former.fleet);
}

function unchangedSince(former: TrafficRecord | undefined) {
  if (!former) return { ConditionExpression: "attribute_not_exists(pk)" };
  return {
    ConditionExpression: "#r = :former",
    ExpressionAttributeNames: { "#r": "record" },
    ExpressionAttributeValues: { ":former": former },
  };
}

function changed(fleet: string): NotReadyYet {
  return new NotReadyYet(`the public name of fleet ${fleet} was changed at the same moment`);
}
