import { GetCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import { IdempotencyMismatch } from "../domain/cluster/errors.ts";
import type { Write } from "./keys.ts";
import { keys, type Table } from "./keys.ts";

/** What a request was answered with, so that the same request sent twice gets the same answer (kept for a day). */
export interface IdempotencyClaim {
  readonly key: string;
  /** Hash of caller and body: the same key with another request is refused. */
  readonly requestHash: string;
}

/** The claim, as a part of the write that it is for. */
export function claimWrite(table: Table, claim: IdempotencyClaim, operation: string, now: Date): Write {
  return {
    Put: {
      TableName: table.name,
      Item: {
        ...keys.idempotency(claim.key),
        requestHash: claim.requestHash,
        operation,
        expiresAt: Math.floor(now.getTime() / 1000) + 86_400,
      },
      ConditionExpression: "attribute_not_exists(pk) OR expiresAt < :now",
      ExpressionAttributeValues: { ":now": Math.floor(now.getTime() / 1000) },
    },
  };
}

/**
 * Id of the operation that this very request has started before. Throws IdempotencyMismatch for another request's key.
 */
export async function findClaim(table: Table, claim: IdempotencyClaim, now: Date): Promise<string | undefined> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: keys.idempotency(claim.key), ConsistentRead: true }),
  );
  // What has expired stays readable until it is deleted, within days (docs/references/aws.md#ttl).
  const known = Claim.safeParse(Item).data;
  if (!known || known.expiresAt * 1000 < now.getTime()) return undefined;
  if (known.requestHash !== claim.requestHash) {
    throw new IdempotencyMismatch(`Idempotency-Key ${claim.key} was used for another request`);
  }
  return known.operation;
}

const Claim = z.object({ expiresAt: z.number(), requestHash: z.string(), operation: z.string() });
