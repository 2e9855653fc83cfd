import { BatchGetCommand, GetCommand, PutCommand, QueryCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import type { EventView } from "../domain/api/views.ts";
import { ClusterUnknown, LeaseLost } from "../domain/cluster/errors.ts";
import type { ClusterRecord, MemberRecord, OperationRecord } from "../domain/cluster/records.ts";
import type { DriftState } from "../domain/drift/drift-records.ts";
import { readAll, readCluster, readEvent, readMember, readOperation } from "./items.ts";
import { isConditionFailure, keys, type Table } from "./keys.ts";

export const findCluster = async (table: Table, name: string): Promise<ClusterRecord | undefined> => {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: keys.cluster(name), ConsistentRead: true }),
  );
  return Item && readCluster(Item);
};

export const getCluster = async (table: Table, name: string): Promise<ClusterRecord> => {
  const found = await findCluster(table, name);
  if (!found) throw new ClusterUnknown(`there is no cluster ${name}`);
  return found;
};

/** Fields to change; an undefined one stays as it is. */
export type ClusterChange = {
  readonly [K in keyof Omit<ClusterRecord, "name" | "uid" | "spec" | "createdAt" | "updatedAt">]?:
    | ClusterRecord[K]
    | undefined;
};

/**
 * Writes what an operation found or made. Refused with LeaseLost unless the operation still holds the cluster: this is
 * the fence that keeps a paused or superseded run from writing (docs/references/faults.md#w5).
 */
export const updateCluster = async (
  table: Table,
  cluster: string,
  operation: string,
  change: ClusterChange,
  now: Date,
): Promise<void> => {
  const { names, values, sets } = recordUpdate({ ...change, updatedAt: now.toISOString() });
  await table.client
    .send(
      new UpdateCommand({
        TableName: table.name,
        Key: keys.cluster(cluster),
        UpdateExpression: `SET ${sets}`,
        ConditionExpression: "#record.#holder = :holder",
        ExpressionAttributeNames: { ...names, "#holder": "operation" },
        ExpressionAttributeValues: { ...values, ":holder": operation },
      }),
    )
    .catch(leaseLost(operation, cluster));
};

/**
 * Says of a cluster that it is not as it should be, though nothing is done about it now; false while an operation holds
 * it.
 */
export const markDegraded = async (table: Table, cluster: string, reason: string, now: Date): Promise<boolean> => {
  const change: ClusterChange = { status: "DEGRADED", reason };
  const { names, values, sets } = recordUpdate({ ...change, updatedAt: now.toISOString() });
  try {
    await table.client.send(
      new UpdateCommand({
        TableName: table.name,
        Key: keys.cluster(cluster),
        UpdateExpression: `SET ${sets}`,
        ConditionExpression: "#record.#holder = :nobody",
        ExpressionAttributeNames: { ...names, "#holder": "operation" },
        ExpressionAttributeValues: { ...values, ":nobody": null },
      }),
    );
    return true;
  } catch (error) {
    if (isConditionFailure(error)) return false;
    throw error;
  }
};

/** What was observed of etcd: no lease is needed to have looked, so this never touches status or operation. */
export const recordObservation = async (
  table: Table,
  cluster: string,
  change: Pick<ClusterChange, "leader" | "nodes">,
  now: Date,
): Promise<void> => {
  const { names, values, sets } = recordUpdate({ ...change, updatedAt: now.toISOString() });
  await table.client.send(
    new UpdateCommand({
      TableName: table.name,
      Key: keys.cluster(cluster),
      UpdateExpression: `SET ${sets}`,
      ConditionExpression: "attribute_exists(pk)",
      ExpressionAttributeNames: names,
      ExpressionAttributeValues: values,
    }),
  );
};

/** Writes what is known of drift, unless another look has written since; false then. */
export const recordDrift = async (
  table: Table,
  cluster: string,
  before: number,
  state: DriftState,
): Promise<boolean> => {
  const { names, values, sets } = recordUpdate({ drift: state });
  try {
    await table.client.send(
      new UpdateCommand({
        TableName: table.name,
        Key: keys.cluster(cluster),
        UpdateExpression: `SET ${sets}`,
        ConditionExpression:
          before === 0
            ? "attribute_exists(pk) AND attribute_not_exists(#record.#f0)"
            : "#record.#f0.#version = :before",
        ExpressionAttributeNames: before === 0 ? names : { ...names, "#version": "version" },
        ExpressionAttributeValues: before === 0 ? values : { ...values, ":before": before },
      }),
    );
    return true;
  } catch (error) {
    if (isConditionFailure(error)) return false;
    throw error;
  }
};

/** Written once, by whoever is first: what the members of a cluster serve does not change. */
export const recordClusterId = async (table: Table, cluster: string, etcdClusterId: string): Promise<void> => {
  const { names, values, sets } = recordUpdate({ etcdClusterId });
  await table.client
    .send(
      new UpdateCommand({
        TableName: table.name,
        Key: keys.cluster(cluster),
        UpdateExpression: `SET ${sets}`,
        ConditionExpression: "attribute_exists(pk) AND attribute_not_exists(#record.#f0)",
        ExpressionAttributeNames: names,
        ExpressionAttributeValues: values,
      }),
    )
    .catch((error: unknown) => {
      if (!isConditionFailure(error)) throw error;
    });
};

/** `SET #record.#f0 = :f0, …` for the defined fields of a change. */
const recordUpdate = (change: object) => {
  const fields = Object.entries(change).filter(([, value]) => value !== undefined);
  return {
    names: Object.fromEntries([["#record", "record"], ...fields.map(([field], index) => [`#f${index}`, field])]),
    values: Object.fromEntries(fields.map(([, value], index) => [`:f${index}`, value])),
    sets: fields.map((_, index) => `#record.#f${index} = :f${index}`).join(", "),
  };
};

export const leaseLost =
  (operation: string, cluster: string) =>
  (error: unknown): never => {
    if (isConditionFailure(error)) throw new LeaseLost(`operation ${operation} no longer holds ${cluster}`);
    throw error;
  };

export const listMembers = async (table: Table, cluster: string): Promise<MemberRecord[]> => {
  const { Items = [] } = await table.client.send(
    new QueryCommand({
      TableName: table.name,
      KeyConditionExpression: "pk = :pk AND begins_with(sk, :member)",
      ExpressionAttributeValues: { ":pk": keys.cluster(cluster).pk, ":member": "MEMBER#" },
      ConsistentRead: true,
    }),
  );
  return readAll(Items, readMember).map(({ record }) => record);
};

/** Changes some fields of a member's record; makes the record if there is none. */
export const updateMember = async (
  table: Table,
  cluster: string,
  member: string,
  change: Partial<Omit<MemberRecord, "member">>,
): Promise<MemberRecord> => {
  const blank: MemberRecord = {
    member,
    volumeId: null,
    interfaceId: null,
    instanceId: null,
    generation: 1,
    health: "pending",
    observedAt: null,
  };
  const send = async () => {
    const { names, values, sets } = recordUpdate(change);
    const { Attributes } = await table.client.send(
      new UpdateCommand({
        TableName: table.name,
        Key: keys.member(cluster, member),
        UpdateExpression: `SET ${sets}`,
        ConditionExpression: "attribute_exists(pk)",
        ExpressionAttributeNames: names,
        ExpressionAttributeValues: values,
        ReturnValues: "ALL_NEW",
      }),
    );
    return readMember(Attributes ?? {}).record;
  };
  try {
    return await send();
  } catch (error) {
    if (!isConditionFailure(error)) throw error;
  }
  await table.client
    .send(
      new PutCommand({
        TableName: table.name,
        Item: { ...keys.member(cluster, member), kind: "MEMBER", name: `${cluster}/${member}`, cluster, record: blank },
        ConditionExpression: "attribute_not_exists(pk)",
      }),
    )
    .catch((error: unknown) => {
      if (!isConditionFailure(error)) throw error;
    });
  return send();
};

/** Who an instance was, so that an event that names only the instance finds its member. Kept for a week. */
export const rememberInstance = async (
  table: Table,
  instanceId: string,
  of: { cluster: string; member: string },
  now: Date,
): Promise<void> => {
  await table.client.send(
    new PutCommand({
      TableName: table.name,
      // In the index, so that a deletion finds all that a cluster ever had.
      Item: {
        ...keys.instance(instanceId),
        ...of,
        kind: "INSTANCE",
        name: `${of.cluster}/${instanceId}`,
        expiresAt: Math.floor(now.getTime() / 1000) + 7 * 86_400,
      },
    }),
  );
};

export const findInstance = async (
  table: Table,
  instanceId: string,
): Promise<{ cluster: string; member: string } | undefined> => {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: keys.instance(instanceId), ConsistentRead: true }),
  );
  return InstanceItem.safeParse(Item).data;
};

const InstanceItem = z.object({ cluster: z.string(), member: z.string() });

/** The same for the same event of the same operation, however often its step runs. */
export const eventId = (event: EventView): string =>
  `${event.operation ?? event.time}#${event.type}#${event.member ?? ""}`;

/**
 * Adds a sentence to the cluster's event history; false when one of this id was there: the same event of the same
 * operation is written once.
 */
export const addEvent = async (
  table: Table,
  cluster: string,
  event: EventView,
  id: string = eventId(event),
): Promise<boolean> => {
  try {
    await table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: { ...keys.event(cluster, id), record: event },
        ConditionExpression: "attribute_not_exists(pk)",
      }),
    );
    return true;
  } catch (error) {
    if (isConditionFailure(error)) return false;
    throw error;
  }
};

/** The event of that id (`eventId`) in the cluster's event history. */
export const findEvent = async (table: Table, cluster: string, id: string): Promise<EventView | undefined> => {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: keys.event(cluster, id), ConsistentRead: true }),
  );
  return Item?.["record"];
};

/** All events of a cluster, oldest first. */
export const listEvents = async (table: Table, cluster: string): Promise<EventView[]> => {
  const { Items = [] } = await table.client.send(
    new QueryCommand({
      TableName: table.name,
      KeyConditionExpression: "pk = :pk AND begins_with(sk, :event)",
      ExpressionAttributeValues: { ":pk": keys.cluster(cluster).pk, ":event": "EVENT#" },
    }),
  );
  return readAll(Items, readEvent).sort((a, b) => a.time.localeCompare(b.time));
};

/** The latest operations of a cluster, newest first. */
export const listOperations = async (table: Table, cluster: string, limit: number): Promise<OperationRecord[]> => {
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
};
