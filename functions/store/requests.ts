import { createHash } from "node:crypto";
import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { keys, type Table } from "./keys.ts";

/** Past minutes do not count; DynamoDB removes the item after it expires. */
const KEPT_S = 300;

/** Counts one more request of a caller in this minute (of the clock). The count with this one. */
export async function countRequest(table: Table, principal: string, now: Date): Promise<number> {
  const minute = now.toISOString().slice(0, 16);
  // A name may be longer than a key, and is nobody's business in one.
  const caller = createHash("sha256").update(principal).digest("hex").slice(0, 32);
  const { Attributes } = await table.client.send(
    new UpdateCommand({
      TableName: table.name,
      Key: keys.requests(caller, minute),
      UpdateExpression: "ADD #count :one SET expiresAt = :expiry",
      ExpressionAttributeNames: { "#count": "count" },
      ExpressionAttributeValues: { ":one": 1, ":expiry": Math.floor(now.getTime() / 1000) + KEPT_S },
      ReturnValues: "UPDATED_NEW",
    }),
  );
  return Number(Attributes?.["count"] ?? 0);
}
