import { BatchWriteCommand, TransactWriteCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import { ClusterBusy } from "../domain/cluster/errors.ts";
import type { ClusterRecord, OperationRecord } from "../domain/cluster/records.ts";
import { isOpenDeletion } from "../domain/deletion/deletion.ts";
import { claimWrite, findClaim, type IdempotencyClaim } from "./claims.ts";
import { findCluster, leaseLost } from "./clusters.ts";
import { CLUSTERS_INDEX, keys, type Table, type Write } from "./keys.ts";
import { getOperation, newOperation, startOf } from "./operation-records.ts";
import { cancelledBy } from "./operations.ts";
import { overrule } from "./overrule.ts";
import { queryAll } from "./query.ts";
import { endSideOperations, sideLeases } from "./side-operations.ts";

export interface DeletionRequest {
  readonly name: string;
  readonly operation: string;
  readonly claim: IdempotencyClaim | undefined;
  /**
   * The record to begin with where there is none, or where it says DELETED; undefined if there is nothing to delete.
   */
  readonly recover: (known: ClusterRecord | undefined) => Promise<ClusterRecord>;
}

const TRIES = 4;

/**
 * Takes the cluster for its deletion, from whatever operation holds it: a deletion has priority over all. Answers with
 * the deletion that is under way if there is one. Throws what `recover` throws, IdempotencyMismatch, or ClusterBusy if
 * others kept coming first.
 */
export async function requestDeletion(table: Table, request: DeletionRequest, now: Date): Promise<OperationRecord> {
  for (let tried = 0; tried < TRIES; tried++) {
    const before = request.claim && (await findClaim(table, request.claim, now));
    if (before !== undefined) return getOperation(table, before);
    const cluster = await findCluster(table, request.name);
    const holder = cluster?.operation ? await getOperation(table, cluster.operation) : undefined;
    if (cluster && holder && isOpenDeletion(cluster.status, holder, now)) return holder;
    const taken = await take(table, request, cluster, holder, now);
    if (taken) return taken;
  }
  throw new ClusterBusy(`${request.name} was taken by other operations at the same moment`, "unknown");
}

async function take(
  table: Table,
  request: DeletionRequest,
  cluster: ClusterRecord | undefined,
  holder: OperationRecord | undefined,
  now: Date,
): Promise<OperationRecord | undefined> {
  const operation = startOf(request.operation, request.name, "delete", now);
  const isThere = cluster !== undefined && cluster.status !== "DELETED";
  const begin = isThere
    ? hold(table, cluster, request.operation, now)
    : restore(table, { ...(await request.recover(cluster)), operation: request.operation });
  const writes: Write[] = [
    begin,
    ...newOperation(table, operation),
    ...(holder?.status === "RUNNING"
      ? [overrule(table, holder.id, { operation: request.operation, does: "deleted" }, now)]
      : []),
    ...(request.claim ? [claimWrite(table, request.claim, request.operation, now)] : []),
  ];
  try {
    await table.client.send(new TransactWriteCommand({ TransactItems: writes }));
    return operation;
  } catch (error) {
    if (!cancelledBy(error)) throw error;
    return undefined;
  }
}

function hold(table: Table, cluster: ClusterRecord, operation: string, now: Date): Write {
  return {
    Update: {
      TableName: table.name,
      Key: keys.cluster(cluster.name),
      UpdateExpression:
        "SET #r.#o = :me, #r.#status = :status, #r.#reason = :reason, #r.updatedAt = :now, #r.deleting = :true",
      ConditionExpression: "#r.#o = :holder AND #r.uid = :uid AND #r.#status <> :deleted",
      ExpressionAttributeNames: { "#r": "record", "#o": "operation", "#status": "status", "#reason": "reason" },
      ExpressionAttributeValues: {
        ":me": operation,
        ":holder": cluster.operation,
        ":uid": cluster.uid,
        ":status": "DELETING",
        ":deleted": "DELETED",
        ":reason": "The cluster is being deleted.",
        ":now": now.toISOString(),
        ":true": true,
      },
    },
  };
}

function restore(table: Table, cluster: ClusterRecord): Write {
  return {
    Put: {
      TableName: table.name,
      Item: { ...keys.cluster(cluster.name), kind: "CLUSTER", name: cluster.name, record: cluster },
      ConditionExpression: "attribute_not_exists(pk) OR #r.#status = :deleted",
      ExpressionAttributeNames: { "#r": "record", "#status": "status" },
      ExpressionAttributeValues: { ":deleted": "DELETED" },
    },
  };
}

const Key = z.object({ pk: z.string(), sk: z.string() });
type Key = z.output<typeof Key>;

async function keysOf(table: Table, query: Parameters<typeof queryAll>[1]): Promise<Key[]> {
  return z.array(Key).parse(await queryAll(table, query));
}

/**
 * Removes what the table knows of members and instances, and what the record says of things that are gone. A backup
 * or drill that still runs ends. The record itself, the event history and the operations stay; heartbeats expire within a day. Throws LeaseLost if the operation
 * does not hold the cluster.
 */
export async function forgetCluster(table: Table, cluster: ClusterRecord, operation: string, now: Date): Promise<void> {
  await table.client
    .send(
      new UpdateCommand({
        TableName: table.name,
        Key: keys.cluster(cluster.name),
        UpdateExpression: "SET #r.nodes = :none, #r.leader = :null REMOVE #r.network, #r.endpoint",
        ConditionExpression: "#r.#o = :me",
        ExpressionAttributeNames: { "#r": "record", "#o": "operation" },
        ExpressionAttributeValues: { ":none": [], ":null": null, ":me": operation },
      }),
    )
    .catch(leaseLost(operation, cluster.name));
  const doomed = await Promise.all([
    keysOf(table, {
      KeyConditionExpression: "pk = :pk AND begins_with(sk, :member)",
      ExpressionAttributeValues: { ":pk": keys.cluster(cluster.name).pk, ":member": "MEMBER#" },
      ConsistentRead: true,
    }),
    instancesOf(table, cluster.name),
    endSideOperations(table, cluster.name, operation, now).then(() => sideLeases(cluster.name)),
  ]);
  await removeAll(table, doomed.flat());
}

/** Only items that have the key of an instance: others in the index, whoever put them there, are not removed. */
async function instancesOf(table: Table, cluster: string): Promise<Key[]> {
  return (
    await keysOf(table, {
      IndexName: CLUSTERS_INDEX,
      KeyConditionExpression: "kind = :kind AND begins_with(#name, :prefix)",
      ExpressionAttributeNames: { "#name": "name" },
      ExpressionAttributeValues: { ":kind": "INSTANCE", ":prefix": `${cluster}/` },
    })
  ).filter(({ pk, sk }) => pk.startsWith(keys.instance("").pk) && sk === keys.instance("").sk);
}

/** Twenty-five a call; what DynamoDB left over is asked for again. */
async function removeAll(table: Table, doomed: readonly Key[]): Promise<void> {
  let pending = doomed.map((key) => ({ DeleteRequest: { Key: { ...key } } }));
  while (pending.length > 0) {
    const { UnprocessedItems = {} } = await table.client.send(
      new BatchWriteCommand({ RequestItems: { [table.name]: pending.slice(0, 25) } }),
    );
    const left = (UnprocessedItems[table.name] ?? []) as typeof pending;
    pending = [...left, ...pending.slice(25)];
  }
}
