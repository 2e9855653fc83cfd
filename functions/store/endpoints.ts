import { DeleteCommand, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { EndpointUnknown, NotReadyYet } from "../domain/cluster/errors.ts";
import type { EndpointRecord, MirrorRecord } from "../domain/fleet/endpoint-records.ts";
import { bind } from "../runtime/bind.ts";
import { readAll, readEndpoint, readMirror } from "./items.ts";
import { CLUSTERS_INDEX, holds, keys, type Table } from "./keys.ts";
import { queryAll } from "./query.ts";

/** Throws EndpointUnknown. */
async function getEndpoint(table: Table, name: string): Promise<EndpointRecord> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: keys.endpoint(name), ConsistentRead: true }),
  );
  if (!Item) throw new EndpointUnknown(`there is no endpoint ${name}`);
  return readEndpoint(Item);
}

/** By name; lags by a moment. */
async function listEndpoints(table: Table): Promise<EndpointRecord[]> {
  const items = await queryAll(table, {
    IndexName: CLUSTERS_INDEX,
    KeyConditionExpression: "kind = :kind",
    ExpressionAttributeValues: { ":kind": "ENDPOINT" },
  });
  return readAll(items, readEndpoint);
}

/** Writes one that joins, or one that was read as `former`. Throws NotReadyYet if it has changed, or left, meanwhile. */
async function writeEndpoint(table: Table, endpoint: EndpointRecord, former?: EndpointRecord): Promise<void> {
  const condition = former && {
    ConditionExpression: "#r = :former",
    ExpressionAttributeNames: { "#r": "record" },
    ExpressionAttributeValues: { ":former": former },
  };
  const Item = { ...keys.endpoint(endpoint.name), kind: "ENDPOINT", name: endpoint.name, record: endpoint };
  const isWritten = await holds(
    table.client.send(new PutCommand({ TableName: table.name, Item, ...(condition ?? {}) })),
  );
  if (!isWritten) throw new NotReadyYet(`endpoint ${endpoint.name} was changed at the same moment`);
}

async function deleteEndpoint(table: Table, name: string): Promise<void> {
  await table.client.send(new DeleteCommand({ TableName: table.name, Key: keys.endpoint(name) }));
}

/** Of one endpoint, or of all; lags by a moment. */
async function listMirror(table: Table, endpoint?: string): Promise<MirrorRecord[]> {
  const items = await queryAll(table, {
    IndexName: CLUSTERS_INDEX,
    ...(endpoint === undefined
      ? { KeyConditionExpression: "kind = :kind", ExpressionAttributeValues: { ":kind": "FLEETCLUSTER" } }
      : {
          KeyConditionExpression: "kind = :kind AND begins_with(#name, :endpoint)",
          ExpressionAttributeNames: { "#name": "name" },
          ExpressionAttributeValues: { ":kind": "FLEETCLUSTER", ":endpoint": `${endpoint}/` },
        }),
  });
  return readAll(items, readMirror);
}

async function writeMirror(table: Table, record: MirrorRecord): Promise<void> {
  const { endpoint, cluster } = record;
  const Item = { ...keys.mirror(endpoint, cluster), kind: "FLEETCLUSTER", name: `${endpoint}/${cluster}`, record };
  await table.client.send(new PutCommand({ TableName: table.name, Item }));
}

async function deleteMirror(table: Table, { endpoint, cluster }: Omit<MirrorRecord, "view">): Promise<void> {
  await table.client.send(new DeleteCommand({ TableName: table.name, Key: keys.mirror(endpoint, cluster) }));
}

/** What a hub remembers of the Holdfasts that have joined it. */
export function openEndpointStore(table: Table) {
  return bind(table, {
    deleteEndpoint,
    deleteMirror,
    getEndpoint,
    listEndpoints,
    listMirror,
    writeEndpoint,
    writeMirror,
  });
}

export type EndpointStore = ReturnType<typeof openEndpointStore>;
