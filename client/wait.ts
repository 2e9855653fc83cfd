import { setTimeout as delay } from "node:timers/promises";
import {
  type ClusterView,
  ClusterViewSchema,
  type OperationView,
  OperationViewSchema,
} from "../functions/domain/api/views.ts";
import { OPERATION_WORDS } from "../functions/domain/text/operation-words.ts";
import { stopHint } from "./advice.ts";
import type { ApiClient } from "./api-client.ts";
import { ApiRefused, ApiUnreachable, CommandFailed } from "./api-errors.ts";
import { formatDuration } from "./durations.ts";
import { EXIT } from "./exit-codes.ts";
import type { Progress } from "./progress.ts";
import type { Terminal } from "./terminal.ts";

const FIRST_PAUSE_MS = 250;
const MAX_PAUSE_MS = 1000;
const PAUSE_GROWTH = 1.3;
/** An API that is being replaced or restarted is given this long before the wait is given up. */
const RETRY_FOR_MS = 30_000;

/**
 * Follows an operation until its cluster is ACTIVE, or, after a change of a cluster whose masters are not all healthy,
 * until that is executed; of a deletion, until it is DELETED. Throws `CommandFailed` when it fails, the time is over, or
 * somebody presses Ctrl-C.
 */
export async function waitUntilDone(
  api: ApiClient,
  started: OperationView,
  limitMs: number,
  progress: Progress,
  terminal?: Terminal,
): Promise<ClusterView> {
  const cluster = await followUntil(api, started, { limitMs, isDone, progress, terminal });
  if (cluster) return cluster;
  throw new CommandFailed(`There is no cluster ${started.cluster}.`, EXIT.notFound);
}

/** Follows an operation for as long as it runs. Throws `CommandFailed` when it fails, or somebody presses Ctrl-C. */
export async function waitUntilEnded(
  api: ApiClient,
  started: OperationView,
  progress: Progress,
  terminal: Terminal,
  limitMs = Number.POSITIVE_INFINITY,
): Promise<ClusterView | null> {
  return followUntil(api, started, { limitMs, isDone: () => true, progress, terminal });
}

interface Following {
  readonly limitMs: number;
  /** Whether the wait is over, of an operation that has succeeded. */
  readonly isDone: (operation: OperationView, cluster: ClusterView | null) => boolean;
  readonly progress: Progress;
  readonly terminal: Terminal | undefined;
}

function followUntil(api: ApiClient, started: OperationView, following: Following): Promise<ClusterView | null> {
  const { terminal } = following;
  const follow = (signal?: AbortSignal) => poll(api, started, following, signal);
  return terminal?.untilInterrupted ? terminal.untilInterrupted(follow) : follow();
}

async function poll(
  api: ApiClient,
  started: OperationView,
  { limitMs, isDone: isOver, progress }: Following,
  signal?: AbortSignal,
): Promise<ClusterView | null> {
  const deadline = Date.now() + limitMs;
  const interrupted = new Promise<never>((_, reject) => {
    signal?.addEventListener("abort", () => reject(wasInterrupted(started)), { once: true });
  });
  let pause = FIRST_PAUSE_MS;
  let lastAnswer = Date.now();
  let last: ClusterView | null = null;
  while (true) {
    try {
      const operation = await Promise.race([interrupted, look()]);
      if (operation.status === "SUCCEEDED" && isOver(operation, last)) return last;
    } catch (error) {
      if (!isPassing(error) || Date.now() - lastAnswer > RETRY_FOR_MS) throw error;
    }
    if (Date.now() + pause > deadline) throw timeIsUp(started, last, limitMs);
    await Promise.race([interrupted, delay(pause)]);
    pause = Math.min(pause * PAUSE_GROWTH, MAX_PAUSE_MS);
  }

  async function look(): Promise<OperationView> {
    let operation = await findOperation(api, started.id);
    last = await findCluster(api, started.cluster);
    // It may have failed between the two reads, and only the operation has the error's name.
    if (last?.status === "FAILED" && operation.status === "RUNNING") operation = await findOperation(api, started.id);
    lastAnswer = Date.now();
    if (!signal?.aborted) progress.show({ operation, cluster: last });
    if (operation.status === "FAILED") throw operationFailed(operation);
    if (last?.status === "FAILED") throw new CommandFailed(last.reason ?? `${last.name} failed`, EXIT.failed);
    return operation;
  }
}

function isDone({ kind }: OperationView, cluster: ClusterView | null): boolean {
  if (cluster === null) return false;
  if (kind === "delete") return cluster.status === "DELETED";
  return cluster.status === "ACTIVE" || ((kind === "scale" || kind === "update") && cluster.status === "DEGRADED");
}

function findOperation(api: ApiClient, id: string): Promise<OperationView> {
  return api.get(`/operations/${encodeURIComponent(id)}`, OperationViewSchema);
}

/** Null when there is none: not yet, or no longer. */
export async function findCluster(api: ApiClient, name: string): Promise<ClusterView | null> {
  try {
    return await api.get(`/clusters/${encodeURIComponent(name)}`, ClusterViewSchema);
  } catch (error) {
    if (error instanceof ApiRefused && error.status === 404) return null;
    throw error;
  }
}

/** An operation may not be readable in the first moment, and an API may be away for a short while. */
function isPassing(error: unknown): boolean {
  return (
    error instanceof ApiUnreachable || (error instanceof ApiRefused && (error.status === 404 || error.status >= 500))
  );
}

function operationFailed({ error, kind, cluster }: OperationView): CommandFailed {
  const what = OPERATION_WORDS[kind];
  if (!error) return new CommandFailed(`${what} of ${cluster} failed`, EXIT.failed);
  const message = `${what} of ${cluster} failed: ${error.name}: ${error.message}\nWhat to do: ${error.remedy}`;
  return new CommandFailed(message, EXIT.failed);
}

function timeIsUp(operation: OperationView, cluster: ClusterView | null, limitMs: number): CommandFailed {
  const status = cluster?.status ?? "not there";
  const message = `${operation.cluster} is ${status} after ${formatDuration(limitMs)}.\n${stopHint(operation)}`;
  return new CommandFailed(message, EXIT.failed);
}

function wasInterrupted(operation: OperationView): CommandFailed {
  return new CommandFailed(stopHint(operation), EXIT.interrupted);
}
