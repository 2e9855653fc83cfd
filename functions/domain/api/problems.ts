/**
 * Every problem that the API answers with (RFC 9457), by the last part of its `type`. The URIs are names that programs
 * compare, and stay; docs/problems.md says of each what to do.
 */
export const PROBLEMS = {
  "bad-request": { status: 400, title: "The request cannot be read" },
  forbidden: { status: 403, title: "You are not allowed to do this" },
  "cluster-unknown": { status: 404, title: "No such cluster" },
  "operation-unknown": { status: 404, title: "No such operation" },
  "cluster-busy": { status: 409, title: "Another operation holds the cluster" },
  "cluster-exists": { status: 409, title: "The cluster exists" },
  "ownership-conflict": { status: 409, title: "It is not provably this cluster's" },
  "node-key-taken": { status: 409, title: "Another key holds the node's certificate" },
  "spec-outdated": { status: 412, title: "The spec has changed" },
  "too-large": { status: 413, title: "The body is too large" },
  "idempotency-mismatch": { status: 422, title: "The key was used for another request" },
  "spec-rejected": { status: 422, title: "The spec was refused" },
  "too-many-requests": { status: 429, title: "Too many requests" },
  internal: { status: 500, title: "Something failed" },
  "not-ready": { status: 503, title: "Not ready yet" },
} as const satisfies Readonly<Record<string, { readonly status: number; readonly title: string }>>;
export type ProblemName = keyof typeof PROBLEMS;
export const PROBLEM_NAMES = Object.keys(PROBLEMS).filter((name): name is ProblemName => Object.hasOwn(PROBLEMS, name));

export const problemType = (name: ProblemName): string => `https://holdfast.dev/problems/${name}`;

/** Seconds after which a caller may try again what another operation stands in the way of. */
export const BUSY_RETRY_S = 10;
/** Seconds until what is not ready yet may be. */
export const NOT_READY_RETRY_S = 5;
/** Seconds between two looks at an operation that runs: it changes with its steps, each of which takes seconds. */
export const POLL_S = 2;
