import { GetCommand, TransactWriteCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import { ClusterBusy } from "../domain/cluster/errors.ts";
import type { OperationRecord } from "../domain/cluster/records.ts";
import { claimWrite, type IdempotencyClaim } from "./claims.ts";
import { isConditionFailure, keys, type Table, type Write } from "./keys.ts";
import { findOperation, newOperation, startOf } from "./operation-records.ts";
import { cancelledBy } from "./operations.ts";

/** Operations that take no cluster: they only read it. Of each kind one runs at a time. */
const LEASES = { backup: "BACKUP", drill: "DRILL" } as const;
export type SideKind = keyof typeof LEASES;

export interface SideRequest {
  readonly cluster: string;
  readonly operation: string;
  readonly kind: SideKind;
  /** Somebody asked for it, so it stands in the list of operations. Those of the schedule are too many. */
  readonly listed: boolean;
  /** The operation that waits for it, and keeps its cluster meanwhile. */
  readonly parent?: string | undefined;
  readonly claim?: IdempotencyClaim | undefined;
}

const Lease = z.object({ operation: z.string() });

/** Those of the schedule are forgotten after a week. */
const EXPIRES_S = 7 * 86_400;

/**
 * Begins an operation beside whatever holds the cluster, or finds that it was begun before. One that stopped answering
 * is superseded. Throws ClusterBusy while another of its kind runs.
 */
export async function beginSideOperation(table: Table, request: SideRequest, now: Date): Promise<OperationRecord> {
  const known = await findOperation(table, request.operation);
  if (known) return known;
  const key = keys.sideLease(request.cluster, LEASES[request.kind]);
  const { Item } = await table.client.send(new GetCommand({ TableName: table.name, Key: key, ConsistentRead: true }));
  const holder = Lease.safeParse(Item).data?.operation;
  const former = holder === undefined ? undefined : await findOperation(table, holder);
  if (former?.status === "RUNNING" && former.leaseUntil > now.getTime())
    throw new ClusterBusy(`a ${request.kind} of ${request.cluster} runs already: ${former.id}`, former.id);
  const started = startOf(request.operation, request.cluster, request.kind, now, { parent: request.parent });
  const writes: Write[] = [
    {
      Put: {
        TableName: table.name,
        Item: { ...key, operation: request.operation },
        ConditionExpression: holder === undefined ? "attribute_not_exists(pk)" : "#o = :former",
        ...(holder === undefined
          ? {}
          : { ExpressionAttributeNames: { "#o": "operation" }, ExpressionAttributeValues: { ":former": holder } }),
      },
    },
    ...recordOf(table, started, request.listed, now),
    ...(request.claim ? [claimWrite(table, request.claim, request.operation, now)] : []),
  ];
  try {
    await table.client.send(new TransactWriteCommand({ TransactItems: writes }));
  } catch (error) {
    if (!cancelledBy(error)) throw error;
    throw new ClusterBusy(`a ${request.kind} of ${request.cluster} was begun at the same moment`, holder ?? "unknown");
  }
  if (former?.status === "RUNNING") await endSideOperation(table, former.id, supersededBy(request.operation), now);
  return started;
}

function recordOf(table: Table, started: OperationRecord, listed: boolean, now: Date): Write[] {
  if (listed) return newOperation(table, started);
  return [
    {
      Put: {
        TableName: table.name,
        Item: {
          ...keys.operation(started.id),
          record: started,
          expiresAt: Math.floor(now.getTime() / 1000) + EXPIRES_S,
        },
        ConditionExpression: "attribute_not_exists(pk)",
      },
    },
  ];
}

function supersededBy(operation: string): SideOutcome {
  const message = `stopped answering; superseded by ${operation}`;
  return { status: "FAILED", error: { name: "LeaseLost", message, remedy: `Look at operation ${operation}.` } };
}

export interface SideOutcome {
  readonly status: "SUCCEEDED" | "FAILED";
  readonly error: OperationRecord["error"];
}

/** Ends it, and with it its lease. False if it had ended before. */
export async function endSideOperation(
  table: Table,
  operation: string,
  { status, error }: SideOutcome,
  now: Date,
): Promise<boolean> {
  try {
    await table.client.send(
      new UpdateCommand({
        TableName: table.name,
        Key: keys.operation(operation),
        UpdateExpression: "SET #r.#status = :status, #r.#error = :error, #r.finishedAt = :now",
        ConditionExpression: "#r.#status = :running",
        ExpressionAttributeNames: { "#r": "record", "#status": "status", "#error": "error" },
        ExpressionAttributeValues: {
          ":status": status,
          ":error": error,
          ":now": now.toISOString(),
          ":running": "RUNNING",
        },
      }),
    );
    return true;
  } catch (failure) {
    if (isConditionFailure(failure)) return false;
    throw failure;
  }
}

/**
 * Ends what runs beside a cluster that is being deleted, and answers with those operations: no step of theirs begins from now
 * on, but one may be under way.
 */
export async function endSideOperations(table: Table, cluster: string, by: string, now: Date): Promise<string[]> {
  const ended: string[] = [];
  for (const key of sideLeases(cluster)) {
    const { Item } = await table.client.send(new GetCommand({ TableName: table.name, Key: key, ConsistentRead: true }));
    const holder = Lease.safeParse(Item).data?.operation;
    if (holder === undefined) continue;
    const message = `the cluster was deleted by ${by}`;
    const error = { name: "LeaseLost", message, remedy: `Look at operation ${by}.` };
    await endSideOperation(table, holder, { status: "FAILED", error }, now);
    ended.push(holder);
  }
  return ended;
}

/** Keys of all leases of a cluster: one of the same name later needs none of them. */
export function sideLeases(cluster: string) {
  return Object.values(LEASES).map((kind) => keys.sideLease(cluster, kind));
}

/** What an operation of this kind notes for its later steps, beside its record: replaced as a whole. */
export async function noteSide(table: Table, operation: string, note: object): Promise<void> {
  await table.client.send(
    new UpdateCommand({
      TableName: table.name,
      Key: keys.operation(operation),
      UpdateExpression: "SET #note = :note",
      ConditionExpression: "attribute_exists(#r)",
      ExpressionAttributeNames: { "#note": "note", "#r": "record" },
      ExpressionAttributeValues: { ":note": note },
    }),
  );
}

/** What was noted, or undefined. */
export async function findSideNote(table: Table, operation: string): Promise<unknown> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: keys.operation(operation), ConsistentRead: true }),
  );
  return Item?.["note"];
}
