import { setTimeout as delay } from "node:timers/promises";
import {
  type ClusterView,
  ClusterViewSchema,
  type OperationView,
  OperationViewSchema,
} from "../functions/domain/api/views.ts";
import type { ApiClient } from "./api-client.ts";
import { ApiRefused, ApiUnreachable, CommandFailed } from "./api-errors.ts";
import { formatDuration } from "./durations.ts";
import { EXIT } from "./exit-codes.ts";
import type { Progress } from "./progress.ts";

const FIRST_PAUSE_MS = 250;
const MAX_PAUSE_MS = 1000;
const PAUSE_GROWTH = 1.3;
/** An API that is being replaced or restarted is given this long before the wait is given up. */
const RETRY_FOR_MS = 30_000;

/**
 * Follows an operation until its cluster is ACTIVE, or, after a change of a cluster whose masters are not all healthy,
 * until that is executed; of a deletion, until it is DELETED. Throws `CommandFailed` when it fails or the time is over.
 */
export async function waitUntilDone(
  api: ApiClient,
  started: OperationView,
  limitMs: number,
  progress: Progress,
): Promise<ClusterView> {
  const deadline = Date.now() + limitMs;
  let pause = FIRST_PAUSE_MS;
  let lastAnswer = Date.now();
  let last: ClusterView | null = null;
  while (true) {
    try {
      let operation = await findOperation(api, started.id);
      last = await findCluster(api, started.cluster);
      // It may have failed between the two reads, and only the operation has the error's name.
      if (last?.status === "FAILED" && operation.status === "RUNNING") operation = await findOperation(api, started.id);
      lastAnswer = Date.now();
      progress.show({ operation, cluster: last });
      if (operation.status === "FAILED") throw operationFailed(operation);
      if (last?.status === "FAILED") throw new CommandFailed(last.reason ?? `${last.name} failed`, EXIT.failed);
      if (operation.status === "SUCCEEDED" && last && isDone(operation, last)) return last;
    } catch (error) {
      if (!isPassing(error) || Date.now() - lastAnswer > RETRY_FOR_MS) throw error;
    }
    if (Date.now() + pause > deadline) throw timeIsUp(started, last, limitMs);
    await delay(pause);
    pause = Math.min(pause * PAUSE_GROWTH, MAX_PAUSE_MS);
  }
}

function isDone({ kind }: OperationView, { status }: ClusterView): boolean {
  if (kind === "delete") return status === "DELETED";
  return status === "ACTIVE" || ((kind === "scale" || kind === "update") && status === "DEGRADED");
}

function findOperation(api: ApiClient, id: string): Promise<OperationView> {
  return api.get(`/operations/${encodeURIComponent(id)}`, OperationViewSchema);
}

/** Null when there is none (yet). */
async function findCluster(api: ApiClient, name: string): Promise<ClusterView | null> {
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
  if (!error) return new CommandFailed(`${kind} of ${cluster} failed`, EXIT.failed);
  const message = `${kind} of ${cluster} failed: ${error.name}: ${error.message}\nWhat to do: ${error.remedy}`;
  return new CommandFailed(message, EXIT.failed);
}

function timeIsUp(operation: OperationView, cluster: ClusterView | null, limitMs: number): CommandFailed {
  const status = cluster?.status ?? "not there";
  const message =
    `${operation.cluster} is ${status} after ${formatDuration(limitMs)}; the operation continues, see: ` +
    `holdfast get operations ${operation.id}`;
  return new CommandFailed(message, EXIT.failed);
}
