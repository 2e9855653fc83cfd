import { GetCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { ClusterUnknown, LeaseLost } from "../domain/cluster/errors.ts";
import type { ClusterRecord } from "../domain/cluster/records.ts";
import type { DriftState } from "../domain/drift/drift-records.ts";
import { readCluster } from "./items.ts";
import { isConditionFailure, keys, type Table } from "./keys.ts";

export async function findCluster(table: Table, name: string): Promise<ClusterRecord | undefined> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: keys.cluster(name), ConsistentRead: true }),
  );
  return Item && readCluster(Item);
}

export async function getCluster(table: Table, name: string): Promise<ClusterRecord> {
  const found = await findCluster(table, name);
  if (!found) throw new ClusterUnknown(`there is no cluster ${name}`);
  return found;
}

/** Fields to change; an undefined one stays as it is. */
export type ClusterChange = {
  readonly [K in keyof Omit<ClusterRecord, "name" | "uid" | "createdAt" | "updatedAt">]?: ClusterRecord[K] | undefined;
};

/**
 * Writes what an operation found or made. Refused with LeaseLost unless the operation still holds the cluster: this is
 * the fence that keeps a paused or superseded run from writing (docs/references/faults.md#w5).
 */
export async function updateCluster(
  table: Table,
  cluster: string,
  operation: string,
  change: ClusterChange,
  now: Date,
): Promise<void> {
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
}

/**
 * Says of a cluster that it is not as it should be, though nothing is done about it now; false while an operation holds
 * it.
 */
export async function markDegraded(table: Table, cluster: string, reason: string, now: Date): Promise<boolean> {
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
}

/** What was observed of etcd: no lease is needed to have looked, so this never touches status or operation. */
export async function recordObservation(
  table: Table,
  cluster: string,
  change: Pick<ClusterChange, "leader" | "nodes">,
  now: Date,
): Promise<void> {
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
}

/** Writes what is known of drift, unless another look has written since; false then. */
export async function recordDrift(table: Table, cluster: string, before: number, state: DriftState): Promise<boolean> {
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
}

/** Written once, by whoever is first: what the members of a cluster serve does not change. */
export async function recordClusterId(table: Table, cluster: string, etcdClusterId: string): Promise<void> {
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
}

/** `SET #record.#f0 = :f0, …` for the defined fields of a change. */
export function recordUpdate(change: object) {
  const fields = Object.entries(change).filter(([, value]) => value !== undefined);
  return {
    names: Object.fromEntries([["#record", "record"], ...fields.map(([field], index) => [`#f${index}`, field])]),
    values: Object.fromEntries(fields.map(([, value], index) => [`:f${index}`, value])),
    sets: fields.map((_, index) => `#record.#f${index} = :f${index}`).join(", "),
  };
}

export function leaseLost(operation: string, cluster: string) {
  return (error: unknown): never => {
    if (isConditionFailure(error)) throw new LeaseLost(`operation ${operation} no longer holds ${cluster}`);
    throw error;
  };
}
