import * as z from "zod";
import type { Caller } from "../domain/access/caller.ts";
import { TooManyRequests } from "../domain/cluster/errors.ts";
import { countRequest } from "../store/requests.ts";
import { readEnv } from "./env.ts";
import { table } from "./table.ts";

const { REQUESTS_PER_MINUTE } = readEnv({ REQUESTS_PER_MINUTE: z.coerce.number().int().min(1).default(600) });

/**
 * Counts a request that asks much of the account. Throws TooManyRequests when the caller has had its share of this minute;
 * other callers have theirs. A flood that DynamoDB itself throttles is that caller's too, since the counter is.
 */
export async function countAgainst(caller: Caller, now: Date): Promise<void> {
  const count = await countRequest(table, caller.principals[0] ?? "nobody", now).catch((error: unknown) => {
    if (error instanceof Error && THROTTLED.has(error.name)) return Number.POSITIVE_INFINITY;
    throw error;
  });
  if (count <= REQUESTS_PER_MINUTE) return;
  const message = `more than ${REQUESTS_PER_MINUTE} requests of this kind in a minute`;
  throw new TooManyRequests(message, 60 - now.getUTCSeconds());
}

const THROTTLED = new Set(["ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded"]);
