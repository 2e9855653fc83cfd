import { GetCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { ClusterUnknown, LeaseLost } from "../domain/cluster/errors.ts";
import type { ClusterRecord } from "../domain/cluster/records.ts";
import type { DriftState } from "../domain/drift/drift-records.ts";
import type { QuorumLoss } from "../domain/restore/restore-records.ts";
import { readCluster } from "./items.ts";
import { holds, isConditionFailure, keys, type Table } from "./keys.ts";

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

/** What must hold of a cluster's record for a change: an expression over `#record`, with the names and values in it. */
interface Condition {
  readonly expression: string;
  readonly names?: Readonly<Record<string, string>>;
  readonly values?: Readonly<Record<string, unknown>>;
}

function change(table: Table, cluster: string, fields: object, { expression, names: own, values: given }: Condition) {
  const { names, values, sets } = recordUpdate(fields);
  return table.client.send(
    new UpdateCommand({
      TableName: table.name,
      Key: keys.cluster(cluster),
      UpdateExpression: `SET ${sets}`,
      ConditionExpression: expression,
      ExpressionAttributeNames: { ...names, ...own },
      ExpressionAttributeValues: { ...values, ...given },
    }),
  );
}

function heldBy(operation: string | null): Condition {
  return {
    expression: "#record.#holder = :holder",
    names: { "#holder": "operation" },
    values: { ":holder": operation },
  };
}

/**
 * Writes what an operation found or made. Refused with LeaseLost unless the operation still holds the cluster: this is
 * the fence that keeps a paused or superseded run from writing (docs/references/faults.md#w5).
 */
export async function updateCluster(
  table: Table,
  cluster: string,
  operation: string,
  fields: ClusterChange,
  now: Date,
): Promise<void> {
  await change(table, cluster, { ...fields, updatedAt: now.toISOString() }, heldBy(operation)).catch(
    leaseLost(operation, cluster),
  );
}

/**
 * Says of a cluster that it is not as it should be, though nothing is done about it now; false while an operation holds
 * it.
 */
export function markDegraded(table: Table, cluster: string, reason: string, now: Date): Promise<boolean> {
  const fields: ClusterChange = { status: "DEGRADED", reason };
  return holds(change(table, cluster, { ...fields, updatedAt: now.toISOString() }, heldBy(null)));
}

/** What was observed of etcd: no lease is needed to have looked, so this never touches status or operation. */
export async function recordObservation(
  table: Table,
  cluster: string,
  fields: Pick<ClusterChange, "leader" | "nodes">,
  now: Date,
): Promise<void> {
  await change(table, cluster, { ...fields, updatedAt: now.toISOString() }, { expression: "attribute_exists(pk)" });
}

/** Writes what is known of drift, unless another look has written since; false then. */
export function recordDrift(table: Table, cluster: string, before: number, drift: DriftState): Promise<boolean> {
  const isFirst = { expression: "attribute_exists(pk) AND attribute_not_exists(#record.#f0)" };
  const isLater = {
    expression: "#record.#f0.#version = :before",
    names: { "#version": "version" },
    values: { ":before": before },
  };
  return holds(change(table, cluster, { drift }, before === 0 ? isFirst : isLater));
}

/** Writes what was seen of a majority's volumes: to have looked takes no lease. A later cluster of the name is left alone. */
export async function recordQuorumLoss(
  table: Table,
  { name, uid }: Pick<ClusterRecord, "name" | "uid">,
  quorumLoss: QuorumLoss | null,
): Promise<void> {
  const { names, values, sets } = recordUpdate({ quorumLoss });
  await table.client
    .send(
      new UpdateCommand({
        TableName: table.name,
        Key: keys.cluster(name),
        UpdateExpression: `SET ${sets}`,
        ConditionExpression: "#record.#uid = :uid",
        ExpressionAttributeNames: { ...names, "#uid": "uid" },
        ExpressionAttributeValues: { ...values, ":uid": uid },
      }),
    )
    .catch((error: unknown) => {
      if (!isConditionFailure(error)) throw error;
    });
}

/** Written once, by whoever is first: what the members of a cluster serve does not change. */
export async function recordClusterId(table: Table, cluster: string, etcdClusterId: string): Promise<void> {
  const isUnknown = { expression: "attribute_exists(pk) AND attribute_not_exists(#record.#f0)" };
  await holds(change(table, cluster, { etcdClusterId }, isUnknown));
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
