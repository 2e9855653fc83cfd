import type { APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import * as z from "zod";
import {
  ClusterBusy,
  ClusterExists,
  type ErrorName,
  HoldfastError,
  remedyFor,
  SpecRejected,
} from "../domain/errors.ts";
import type { ProblemDocument } from "../domain/views.ts";
import { logger } from "./logger.ts";

export interface Reply {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export const toResponse = (reply: Reply): APIGatewayProxyStructuredResultV2 => ({
  statusCode: reply.status,
  headers: { "content-type": "application/json", ...reply.headers },
  body: JSON.stringify(reply.body),
});

/** A request that cannot be read: wrong JSON, a wrong type, an unknown field. */
export class BadRequest extends Error {
  override readonly name = "BadRequest";
}

const KINDS: Partial<Record<ErrorName, { status: number; title: string; type: string }>> = {
  SpecRejected: { status: 422, title: "The spec was refused", type: "spec-rejected" },
  ClusterUnknown: { status: 404, title: "No such cluster", type: "cluster-unknown" },
  OperationUnknown: { status: 404, title: "No such operation", type: "operation-unknown" },
  ClusterExists: { status: 409, title: "The cluster exists", type: "cluster-exists" },
  ClusterBusy: { status: 409, title: "Another operation holds the cluster", type: "cluster-busy" },
  SpecOutdated: { status: 412, title: "The spec has changed", type: "spec-outdated" },
  IdempotencyMismatch: { status: 422, title: "The key was used for another request", type: "idempotency-mismatch" },
  NotReadyYet: { status: 503, title: "Not ready yet", type: "not-ready" },
};

const typeUri = (type: string) => `https://holdfast.dev/problems/${type}`;

export const problemResponse = (error: unknown, requestId: string): APIGatewayProxyStructuredResultV2 => {
  const problem = toProblem(error, requestId);
  if (problem.status >= 500) logger.error("request failed", { error: error instanceof Error ? error : String(error) });
  return {
    statusCode: problem.status,
    headers: { "content-type": "application/problem+json", ...(problem.status === 409 ? { "retry-after": "10" } : {}) },
    body: JSON.stringify(problem),
  };
};

const toProblem = (error: unknown, requestId: string): ProblemDocument => {
  if (error instanceof BadRequest || error instanceof z.ZodError) {
    const detail = error instanceof z.ZodError ? z.prettifyError(error) : error.message;
    return { type: typeUri("bad-request"), title: "The request cannot be read", status: 400, detail, requestId };
  }
  const kind = error instanceof HoldfastError ? KINDS[error.name] : undefined;
  if (!(error instanceof HoldfastError) || !kind) {
    const name = error instanceof Error ? error.name : "Error";
    return { type: typeUri("internal"), title: "Something failed", status: 500, detail: remedyFor(name), requestId };
  }
  const operation = error instanceof ClusterExists || error instanceof ClusterBusy ? error.operation : null;
  return {
    type: typeUri(kind.type),
    title: kind.title,
    status: kind.status,
    detail: error.message,
    ...(error instanceof SpecRejected ? { problems: error.problems } : {}),
    ...(operation === null ? {} : { operation }),
    requestId,
  };
};
