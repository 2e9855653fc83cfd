import { DeleteCommand, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { FleetExists, FleetUnknown, NotReadyYet } from "../domain/cluster/errors.ts";
import type { FleetRecord } from "../domain/fleet/fleet-records.ts";
import { readAll, readFleet } from "./items.ts";
import { CLUSTERS_INDEX, holds, keys, type Table } from "./keys.ts";
import { queryAll } from "./query.ts";

/** Throws FleetUnknown. */
export async function getFleet(table: Table, name: string): Promise<FleetRecord> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: keys.fleet(name), ConsistentRead: true }),
  );
  if (!Item) throw new FleetUnknown(`there is no fleet ${name}`);
  return readFleet(Item);
}

/** By name; lags by a moment. */
export async function listFleets(table: Table): Promise<FleetRecord[]> {
  const items = await queryAll(table, {
    IndexName: CLUSTERS_INDEX,
    KeyConditionExpression: "kind = :kind",
    ExpressionAttributeValues: { ":kind": "FLEET" },
  });
  return readAll(items, readFleet);
}

/**
 * Writes a new fleet, or one that was read as `former`. Throws FleetExists for a new one whose name is in use, and
 * NotReadyYet if somebody has changed it meanwhile.
 */
export async function writeFleet(table: Table, fleet: FleetRecord, former?: FleetRecord): Promise<void> {
  const isWritten = await holds(
    table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: { ...keys.fleet(fleet.name), kind: "FLEET", name: fleet.name, record: fleet },
        ConditionExpression: former ? "#r = :former" : "attribute_not_exists(pk)",
        ...(former
          ? { ExpressionAttributeNames: { "#r": "record" }, ExpressionAttributeValues: { ":former": former } }
          : {}),
      }),
    ),
  );
  if (isWritten) return;
  if (former) throw new NotReadyYet(`fleet ${fleet.name} was changed at the same moment`);
  throw new FleetExists(`fleet ${fleet.name} exists already`);
}

export async function deleteFleet(table: Table, name: string): Promise<void> {
  await table.client.send(new DeleteCommand({ TableName: table.name, Key: keys.fleet(name) }));
}
