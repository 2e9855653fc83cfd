import { TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import type { ClusterStatus, OperationKind } from "../domain/api/views.ts";
import { ClusterBusy, ClusterExists, ClusterUnknown, NotReadyYet, TakeoverRefused } from "../domain/cluster/errors.ts";
import type { ClusterRecord, OperationRecord, PendingChange } from "../domain/cluster/records.ts";
import type { Migration } from "../domain/migrate/migration-records.ts";
import type { Plan } from "../domain/plan/plan-types.ts";
import { takenAlready } from "../domain/restore/takeover.ts";
import type { ClusterSpec } from "../domain/spec/spec.ts";
import { claimWrite, findClaim, type IdempotencyClaim } from "./claims.ts";
import { findCluster } from "./clusters.ts";
import { keys, type Table, type Write } from "./keys.ts";
import { getOperation, newOperation, startOf } from "./operation-records.ts";
import { takeoverWrite, takerOfUid } from "./takeovers.ts";

export function cancelledBy(error: unknown): string[] | undefined {
  return error instanceof Error && error.name === "TransactionCanceledException" && "CancellationReasons" in error
    ? (error.CancellationReasons as { Code?: string }[]).map(({ Code }) => Code ?? "None")
    : undefined;
}

/** Writes all or nothing. False if a condition does not hold, or another transaction was at the same items. */
export async function transact(table: Table, writes: Write[]): Promise<boolean> {
  try {
    await table.client.send(new TransactWriteCommand({ TransactItems: writes }));
    return true;
  } catch (error) {
    if (cancelledBy(error)) return false;
    throw error;
  }
}

/**
 * Records a new cluster together with the operation that creates it, or finds that this very request was accepted
 * before. Throws ClusterExists, IdempotencyMismatch, TakeoverRefused if another cluster has taken over the data, or
 * NotReadyYet while another request for the name is being recorded.
 */
export async function createClusterRecord(
  table: Table,
  cluster: ClusterRecord,
  operationId: string,
  claim: IdempotencyClaim | undefined,
  now: Date,
): Promise<OperationRecord> {
  const operation = startOf(operationId, cluster.name, "create", now);
  const { takenFrom } = cluster;
  const writes: Write[] = [
    {
      Put: {
        TableName: table.name,
        Item: { ...keys.cluster(cluster.name), kind: "CLUSTER", name: cluster.name, record: cluster },
        ConditionExpression: "attribute_not_exists(pk) OR #record.#status = :deleted",
        ExpressionAttributeNames: { "#record": "record", "#status": "status" },
        ExpressionAttributeValues: { ":deleted": "DELETED" satisfies ClusterStatus },
      },
    },
    ...newOperation(table, operation),
    ...(claim ? [claimWrite(table, claim, operationId, now)] : []),
    ...(takenFrom ? [await takeoverWrite(table, takenFrom.uid, cluster)] : []),
  ];
  if (await transact(table, writes)) return operation;
  // The same request may have been first, or be under way at this moment.
  const before = claim && (await findClaim(table, claim, now));
  if (before !== undefined) return getOperation(table, before);
  const taker = takenFrom && (await takerOfUid(table, takenFrom.uid));
  if (takenFrom && taker !== undefined && taker !== cluster.name)
    throw new TakeoverRefused(takenAlready(takenFrom.cluster, taker));
  const existing = await findCluster(table, cluster.name);
  if (!existing) throw new NotReadyYet(`another request for ${cluster.name} is being recorded`);
  throw new ClusterExists(`cluster ${cluster.name} exists already (${existing.status})`, existing.operation);
}

/** What is asked of a cluster changes together with its being taken, or not at all. */
export interface SpecWrite {
  /** The spec that the change was evaluated by; another one by now refuses the write. */
  readonly former: ClusterSpec;
  readonly spec: ClusterSpec;
  readonly plan: Plan;
  readonly pending: PendingChange | null;
}

export interface TakeRequest {
  readonly cluster: string;
  readonly operation: string;
  readonly kind: OperationKind;
  readonly status: ClusterStatus;
  readonly reason: string | null;
  readonly loss?: OperationRecord["loss"];
  readonly change?: SpecWrite;
  /** A migration of the masters that begins or continues. */
  readonly migration?: Migration;
  readonly claim?: IdempotencyClaim | undefined;
  /** A holder that is known to have ended without a word: it is superseded although its lease has not run out. */
  readonly ended?: string | undefined;
}

/** Throws ClusterBusy while this operation runs and its lease has not run out. */
export async function refuseWhileHeld(table: Table, cluster: string, holder: string, now: Date): Promise<void> {
  const { leaseUntil, status } = await getOperation(table, holder);
  if (status === "RUNNING" && leaseUntil > now.getTime())
    throw new ClusterBusy(`${cluster} is held by operation ${holder}`, holder);
}

/**
 * Takes the cluster for an operation: the cluster's record names it, and an item of its own carries the lease. An
 * operation may take what it holds already (its step may run twice). A holder whose lease has run out is superseded.
 * Throws ClusterBusy with the holder's id, or ClusterUnknown.
 */
export async function takeCluster(table: Table, request: TakeRequest, now: Date): Promise<ClusterRecord> {
  const cluster = await findCluster(table, request.cluster);
  if (!cluster) throw new ClusterUnknown(`there is no cluster ${request.cluster}`);
  if (cluster.operation === request.operation) return cluster;
  const holder = cluster.operation;
  if (holder !== null && holder !== request.ended) await refuseWhileHeld(table, request.cluster, holder, now);
  const writes: Write[] = [
    {
      Update: {
        TableName: table.name,
        Key: keys.cluster(request.cluster),
        UpdateExpression: `SET #r.#o = :me, #r.#status = :status, #r.#reason = :reason, #r.updatedAt = :now${
          request.change ? ", #r.spec = :spec, #r.#plan = :plan, #r.pending = :pending" : ""
        }${request.migration ? ", #r.migration = :migration" : ""}`,
        ConditionExpression: request.change ? "#r.#o = :holder AND #r.spec = :former" : "#r.#o = :holder",
        ExpressionAttributeNames: {
          ...{ "#r": "record", "#o": "operation", "#status": "status", "#reason": "reason" },
          ...(request.change ? { "#plan": "plan" } : {}),
        },
        ExpressionAttributeValues: {
          ":me": request.operation,
          ":holder": holder,
          ":status": request.status,
          ":reason": request.reason,
          ":now": now.toISOString(),
          ...(request.change ? valuesOf(request.change) : {}),
          ...(request.migration ? { ":migration": request.migration } : {}),
        },
      },
    },
    ...newOperation(table, startOf(request.operation, request.cluster, request.kind, now, { loss: request.loss })),
    ...(holder === null ? [] : [supersede(table, holder, request, now)]),
    ...(request.claim ? [claimWrite(table, request.claim, request.operation, now)] : []),
  ];
  if (!(await transact(table, writes)))
    throw new ClusterBusy(`${request.cluster} was taken by another operation at the same moment`, holder ?? "unknown");
  return { ...cluster, operation: request.operation, status: request.status, reason: request.reason };
}

function valuesOf({ former, spec, plan, pending }: SpecWrite) {
  return { ":former": former, ":spec": spec, ":plan": plan, ":pending": pending };
}

/** Ends a run that stopped answering, only if its lease has really run out, or it has ended: the fence of that run. */
function supersede(table: Table, holder: string, { operation: by, ended }: TakeRequest, now: Date): Write {
  return {
    Update: {
      TableName: table.name,
      Key: keys.operation(holder),
      UpdateExpression: "SET #r.#status = :failed, #r.#error = :error, #r.finishedAt = :iso",
      ConditionExpression:
        holder === ended ? "#r.#status = :running" : "#r.#status <> :running OR #r.leaseUntil <= :now",
      ExpressionAttributeNames: { "#r": "record", "#status": "status", "#error": "error" },
      ExpressionAttributeValues: {
        ":failed": "FAILED",
        ":running": "RUNNING",
        ":error": {
          name: "LeaseLost",
          message: `stopped answering; superseded by ${by}`,
          remedy: `Look at operation ${by}.`,
        },
        ":iso": now.toISOString(),
        ...(holder === ended ? {} : { ":now": now.getTime() }),
      },
    },
  };
}

/** Ends the operation and gives the cluster free, in one transaction. Harmless when it has been done before. */
export async function finishOperation(
  table: Table,
  operation: Pick<OperationRecord, "id" | "cluster">,
  outcome: {
    status: "SUCCEEDED" | "FAILED";
    error: OperationRecord["error"];
    clusterStatus: ClusterStatus;
    reason: string | null;
    /** The cluster is now all that its spec asks for. */
    fulfilled?: boolean;
  },
  now: Date,
): Promise<void> {
  const writes: Write[] = [
    {
      Update: {
        TableName: table.name,
        Key: keys.operation(operation.id),
        UpdateExpression: "SET #r.#status = :status, #r.#error = :error, #r.finishedAt = :now",
        ConditionExpression: "#r.#status = :running",
        ExpressionAttributeNames: { "#r": "record", "#status": "status", "#error": "error" },
        ExpressionAttributeValues: {
          ":status": outcome.status,
          ":error": outcome.error,
          ":now": now.toISOString(),
          ":running": "RUNNING",
        },
      },
    },
    {
      Update: {
        TableName: table.name,
        Key: keys.cluster(operation.cluster),
        UpdateExpression: `SET #r.#o = :none, #r.#status = :status, #r.#reason = :reason, #r.updatedAt = :now${
          outcome.fulfilled ? ", #r.pending = :none" : ""
        }`,
        ConditionExpression: "#r.#o = :me",
        ExpressionAttributeNames: { "#r": "record", "#o": "operation", "#status": "status", "#reason": "reason" },
        ExpressionAttributeValues: {
          ":none": null,
          ":me": operation.id,
          ":status": outcome.clusterStatus,
          ":reason": outcome.reason,
          ":now": now.toISOString(),
        },
      },
    },
  ];
  try {
    await table.client.send(new TransactWriteCommand({ TransactItems: writes }));
  } catch (error) {
    if (!cancelledBy(error)) throw error;
    const { status } = await getOperation(table, operation.id);
    if (status === "RUNNING") throw error;
  }
}
