import { ClusterBusy } from "../domain/cluster/errors.ts";
import type { ClusterRecord, OperationRecord } from "../domain/cluster/records.ts";
import type { RestorationRecord } from "../domain/restore/restore-records.ts";
import { claimWrite, type IdempotencyClaim } from "./claims.ts";
import { getCluster } from "./clusters.ts";
import { keys, type Table, type Write } from "./keys.ts";
import { findOperation, newOperation, startOf } from "./operation-records.ts";
import { transact } from "./operations.ts";
import { overrule } from "./overrule.ts";

export interface RestorationRequest {
  readonly cluster: ClusterRecord;
  readonly operation: string;
  readonly restoration: RestorationRecord;
  readonly reason: string;
  readonly claim: IdempotencyClaim | undefined;
  /** Nobody asked for it: it takes the cluster from nobody. */
  readonly onlyIfFree?: boolean;
}

const TRIES = 4;

/** What a restore never takes a cluster from, while it runs. */
const KEEPS = new Set(["create", "delete", "restore", "migrate"]);

/**
 * Takes the cluster for its restore, from a repair or a change that holds it, and writes the restore down, in one
 * transaction: no repair begins from here on. Throws ClusterBusy while a creation, a deletion, a migration or another
 * restore runs, or if others kept coming first.
 */
export async function requestRestoration(
  table: Table,
  request: RestorationRequest,
  now: Date,
): Promise<OperationRecord> {
  for (let tried = 0; tried < TRIES; tried++) {
    const { name, operation: holderId } = await getCluster(table, request.cluster.name);
    if (request.onlyIfFree && holderId !== null)
      throw new ClusterBusy(`${name} is held by operation ${holderId}`, holderId);
    const holder = holderId === null ? undefined : await findOperation(table, holderId);
    if (holder?.status === "RUNNING" && KEEPS.has(holder.kind) && holder.leaseUntil > now.getTime())
      throw new ClusterBusy(`${name} is held by operation ${holder.id}`, holder.id);
    const taken = await tryToTake(table, request, { holderId, holder }, now);
    if (taken) return taken;
  }
  throw new ClusterBusy(`${request.cluster.name} was taken by other operations at the same moment`, "unknown");
}

/** Undefined if another operation came first, as repairs do that begin and end beside it. */
async function tryToTake(
  table: Table,
  request: RestorationRequest,
  { holderId, holder }: { readonly holderId: string | null; readonly holder: OperationRecord | undefined },
  now: Date,
): Promise<OperationRecord | undefined> {
  const operation = startOf(request.operation, request.cluster.name, "restore", now);
  const writes: Write[] = [
    take(table, request, holderId, now),
    ...newOperation(table, operation),
    ...(holder?.status === "RUNNING"
      ? [overrule(table, holder.id, { operation: request.operation, does: "restored" }, now)]
      : []),
    ...(request.claim ? [claimWrite(table, request.claim, request.operation, now)] : []),
  ];
  return (await transact(table, writes)) ? operation : undefined;
}

function take(
  table: Table,
  { cluster, operation, restoration, reason }: RestorationRequest,
  holder: string | null,
  now: Date,
): Write {
  return {
    Update: {
      TableName: table.name,
      Key: keys.cluster(cluster.name),
      UpdateExpression:
        "SET #r.#o = :me, #r.#status = :status, #r.#reason = :reason, #r.updatedAt = :now, #r.restoration = :restoration",
      ConditionExpression: "#r.#o = :holder AND #r.uid = :uid AND NOT #r.#status IN (:deleting, :deleted)",
      ExpressionAttributeNames: { "#r": "record", "#o": "operation", "#status": "status", "#reason": "reason" },
      ExpressionAttributeValues: {
        ":me": operation,
        ":holder": holder,
        ":uid": cluster.uid,
        ":status": "REPAIRING",
        ":deleting": "DELETING",
        ":deleted": "DELETED",
        ":reason": reason,
        ":now": now.toISOString(),
        ":restoration": restoration,
      },
    },
  };
}
