import { GetCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import { findCluster } from "./clusters.ts";
import { keys, type Table, type Write } from "./keys.ts";

/** The cluster that has taken over the data of another one. */
export interface Taker {
  readonly name: string;
  readonly uid: string;
}

const Item = z.object({ taker: z.object({ name: z.string(), uid: z.string() }) });

async function lastTaker(table: Table, source: string): Promise<Taker | undefined> {
  const { Item: item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: keys.taken(source), ConsistentRead: true }),
  );
  return item && Item.parse(item).taker;
}

/** Only a record says that it is gone: one that was lost may come back. */
async function isGone(table: Table, { name, uid }: Taker): Promise<boolean> {
  const record = await findCluster(table, name);
  return record !== undefined && (record.uid !== uid || record.status === "DELETED");
}

/** Name of the cluster that has taken over the data of the cluster with this uid, unless it is deleted since. */
export async function takerOfUid(table: Table, source: string): Promise<string | undefined> {
  const taker = await lastTaker(table, source);
  return taker && !(await isGone(table, taker)) ? taker.name : undefined;
}

/**
 * That a cluster takes over another one's data, as a part of the write that records it: of two at the same moment only
 * one succeeds. An earlier taker gives way once it is deleted.
 */
export async function takeoverWrite(table: Table, source: string, { name, uid }: Taker): Promise<Write> {
  const last = await lastTaker(table, source);
  const isFree = last !== undefined && (await isGone(table, last));
  return {
    Put: {
      TableName: table.name,
      Item: { ...keys.taken(source), taker: { name, uid } },
      ConditionExpression: `attribute_not_exists(pk)${isFree ? " OR #taker.#uid = :gone" : ""}`,
      ...(isFree && {
        ExpressionAttributeNames: { "#taker": "taker", "#uid": "uid" },
        ExpressionAttributeValues: { ":gone": last.uid },
      }),
    },
  };
}
