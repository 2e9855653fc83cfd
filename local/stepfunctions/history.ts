import type { HistoryEvent } from "@aws-sdk/client-sfn";
import type { Clock } from "../context/clock.ts";
import { StatesError } from "./errors.ts";
import type { Json } from "./json.ts";

/** An execution whose history is full fails: docs/references/aws.md#sfn-quotas. */
export const HISTORY_LIMIT_EVENTS = 25_000;

/**
 * One thread of control through a machine: the machine itself, a branch or an iteration. Events of a thread form a
 * chain by their previousEventId.
 */
export interface Thread {
  readonly signal: AbortSignal;
  lastEventId: number;
}

type Entry = Omit<HistoryEvent, "id" | "previousEventId" | "timestamp">;

/** The events of one execution, as GetExecutionHistory answers them. */
export class History {
  readonly events: HistoryEvent[];
  readonly #clock: Clock;
  readonly #onEvent: (event: HistoryEvent) => void;

  /** Appends to `events`, which stay the caller's, and calls `onEvent` with each further one. */
  constructor(events: HistoryEvent[], clock: Clock, onEvent: (event: HistoryEvent) => void = () => {}) {
    this.events = events;
    this.#clock = clock;
    this.#onEvent = onEvent;
  }

  /** @throws StatesError States.Runtime when only the last place, that of the execution's end, is left. */
  add(thread: Thread, entry: Entry): void {
    if (this.events.length >= HISTORY_LIMIT_EVENTS - 1) {
      const cause = `The execution reached the maximum number of history events (${HISTORY_LIMIT_EVENTS}).`;
      throw new StatesError("States.Runtime", cause);
    }
    this.#append(thread, entry);
  }

  /** The event that ends an execution; there is always room for it. */
  close(entry: Entry): void {
    this.#append({ lastEventId: this.events.length }, entry);
  }

  #append(thread: Pick<Thread, "lastEventId">, entry: Entry): void {
    const id = this.events.length + 1;
    const event = { timestamp: new Date(this.#clock.now()), id, previousEventId: thread.lastEventId, ...entry };
    this.events.push(event);
    thread.lastEventId = id;
    this.#onEvent(event);
  }
}

/** A value as history events carry it: JSON text, with the note that none of it was cut. */
export function inputDetail(value: Json): { input: string; inputDetails: { truncated: boolean } } {
  return { input: JSON.stringify(value), inputDetails: { truncated: false } };
}

/** See {@link inputDetail}. */
export function outputDetail(value: Json): { output: string; outputDetails: { truncated: boolean } } {
  return { output: JSON.stringify(value), outputDetails: { truncated: false } };
}
