import { createHash } from "node:crypto";
import type { APIGatewayProxyEventV2 } from "aws-lambda";
import * as z from "zod";
import type { IdempotencyClaim } from "../gateways/table/operations.ts";

const IdempotencyKey = z.string().min(1).max(128).optional();

/** What a request's `Idempotency-Key` claims; a key is the caller's account's, and good for one request. */
export const claimOf = (event: APIGatewayProxyEventV2, request: unknown): IdempotencyClaim | undefined => {
  const key = IdempotencyKey.parse(event.headers["idempotency-key"]);
  if (key === undefined) return undefined;
  const requestHash = createHash("sha256").update(JSON.stringify(request)).digest("hex");
  return { key: `${event.requestContext.accountId}#${key}`, requestHash };
};
