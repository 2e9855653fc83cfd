import type { APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { BUSY_RETRY_S, INTERNAL, NOT_READY_RETRY_S, type ProblemRow, problemType } from "../domain/api/problems.ts";
import type { ProblemDocument } from "../domain/api/views.ts";
import { ERRORS, remedyFor } from "../domain/cluster/error-table.ts";
import {
  BadRequest,
  ClusterBusy,
  ClusterExists,
  HoldfastError,
  NotReadyYet,
  RecordDamaged,
  SpecRejected,
  TooManyRequests,
} from "../domain/cluster/errors.ts";
import { logger } from "./logger.ts";

/** A body is sent as JSON, `text` is JSON already; an answer with neither has none. */
export interface Reply {
  readonly status: number;
  readonly body?: unknown;
  readonly text?: string;
  /** Bytes that are no text. */
  readonly base64?: string;
  readonly cookies?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}

export function toResponse(reply: Reply, requestId: string): APIGatewayProxyStructuredResultV2 {
  return {
    statusCode: reply.status,
    headers: { "content-type": "application/json", "x-request-id": requestId, ...reply.headers },
    ...(reply.cookies === undefined ? {} : { cookies: [...reply.cookies] }),
    ...bodyOf(reply),
  };
}

function bodyOf({ body, text, base64 }: Reply): { body?: string; isBase64Encoded?: boolean } {
  if (base64 !== undefined) return { body: base64, isBase64Encoded: true };
  if (text !== undefined) return { body: text };
  return body === undefined ? {} : { body: JSON.stringify(body) };
}

/** What AWS's services and the SDK call a call that would have been answered at another time. */
const PASSING = new Set([
  "ThrottlingException",
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "TooManyRequestsException",
  "InternalServerError",
  "TimeoutError",
]);

function isPassing(error: unknown): boolean {
  return error instanceof Error && PASSING.has(error.name);
}

export function problemResponse(thrown: unknown, requestId: string): APIGatewayProxyStructuredResultV2 {
  const error = isPassing(thrown) ? new NotReadyYet("AWS throttles at the moment, or does not answer") : thrown;
  const problem = toProblem(error, requestId);
  if (problem.status >= 500)
    logger.error("request failed", { error: thrown instanceof Error ? thrown : String(thrown) });
  return {
    statusCode: problem.status,
    headers: { "content-type": "application/problem+json", "x-request-id": requestId, ...retryAfter(error, problem) },
    body: JSON.stringify(problem),
  };
}

/** When it is worth to try again; without an operation to wait for, a conflict does not pass. */
function retryAfter(error: unknown, problem: ProblemDocument): Record<string, string> {
  if (error instanceof TooManyRequests) return { "retry-after": String(error.retryAfter) };
  if (problem.status === 503) return { "retry-after": String(NOT_READY_RETRY_S) };
  return problem.status === 409 && problem.operation !== undefined ? { "retry-after": String(BUSY_RETRY_S) } : {};
}

function toProblem(error: unknown, requestId: string): ProblemDocument {
  const { name, status, title } = rowOf(error);
  const operation = error instanceof ClusterExists || error instanceof ClusterBusy ? error.operation : null;
  const problems = error instanceof SpecRejected || error instanceof BadRequest ? error.problems : [];
  return {
    type: problemType(name),
    title,
    status,
    detail: name === "internal" ? internalDetail(error) : messageOf(error),
    ...(problems.length === 0 ? {} : { problems }),
    ...(operation === null ? {} : { operation }),
    requestId,
  };
}

function rowOf(error: unknown): ProblemRow {
  const row = error instanceof HoldfastError ? ERRORS[error.name] : undefined;
  return row && "problem" in row ? row.problem : INTERNAL;
}

/** AWS's own words, and what to do about them. Of an error that nobody expected, only where to look. */
function internalDetail(error: unknown): string {
  const remedy = remedyFor(error instanceof Error ? error.name : "Error");
  return error instanceof HoldfastError && !(error instanceof RecordDamaged) ? `${error.message}\n${remedy}` : remedy;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
