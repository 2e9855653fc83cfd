import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { holds, keys, type Table } from "./keys.ts";

/** Longer than nodes live; instance ids do not come again. */
const KEPT_DAYS = 400;

export interface NodeKey {
  readonly uid: string;
  readonly instanceId: string;
  /** Of the public key, in hex. */
  readonly keyHash: string;
}

/** Makes this the key of a node, or finds that it is. False if another key was first. */
export async function claimNodeKey(table: Table, { uid, instanceId, keyHash }: NodeKey, now: Date): Promise<boolean> {
  return holds(
    table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: {
          ...keys.nodeKey(uid, instanceId),
          keyHash,
          expiresAt: Math.floor(now.getTime() / 1000) + KEPT_DAYS * 86_400,
        },
        ConditionExpression: "attribute_not_exists(pk) OR keyHash = :hash",
        ExpressionAttributeValues: { ":hash": keyHash },
      }),
    ),
  );
}
