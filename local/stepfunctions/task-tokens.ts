import { randomBytes } from "node:crypto";
import { AwsError } from "../wire/contract.ts";
import { StatesError } from "./errors.ts";
import type { Json } from "./json.ts";

/** A task that waits for somebody to hand in its token. */
export interface WaitingTask {
  readonly token: string;
  /** Settles when the token comes back with SendTaskSuccess or SendTaskFailure. */
  readonly answer: Promise<Json>;
  /** Called at each SendTaskHeartbeat. */
  onHeartbeat(listener: () => void): void;
  /** The task no longer waits: later answers get TaskTimedOut. */
  close(): void;
}

interface Pending {
  readonly succeed: (output: Json) => void;
  readonly fail: (error: StatesError) => void;
  heartbeat: () => void;
}

const TOKEN_PREFIX = "AQCEAAAAKgAAAAMAAAAAAAAAA";

/** Every token that a task waits for. A new one is issued for each attempt: docs/references/aws.md#sfn-errors. */
export class TaskTokens {
  readonly #pending = new Map<string, Pending>();

  issue(): WaitingTask {
    const token = TOKEN_PREFIX + randomBytes(48).toString("base64");
    const { promise, resolve, reject } = Promise.withResolvers<Json>();
    promise.catch(() => {}); // An answer may come before the task starts to wait for it.
    const pending: Pending = { succeed: resolve, fail: reject, heartbeat: () => {} };
    this.#pending.set(token, pending);
    return {
      token,
      answer: promise,
      onHeartbeat: (listener) => {
        pending.heartbeat = listener;
      },
      close: () => {
        this.#pending.delete(token);
      },
    };
  }

  /**
   * @throws AwsError TaskTimedOut for the token of a task that no longer waits, InvalidToken for what never was one.
   */
  succeed(token: string, output: Json): void {
    this.#take(token).succeed(output);
    this.#pending.delete(token);
  }

  /** @throws as {@link succeed} */
  fail(token: string, error: string, cause: string): void {
    this.#take(token).fail(new StatesError(error, cause));
    this.#pending.delete(token);
  }

  /** @throws as {@link succeed} */
  heartbeat(token: string): void {
    this.#take(token).heartbeat();
  }

  #take(token: string): Pending {
    const pending = this.#pending.get(token);
    if (pending !== undefined) return pending;
    if (!token.startsWith(TOKEN_PREFIX)) throw new AwsError("InvalidToken", "Invalid Token: 'Invalid token'");
    throw new AwsError("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'");
  }
}
