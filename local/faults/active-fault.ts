import type { FaultControl, Undo } from "./fault.ts";
import { randomFrom } from "./random.ts";
import type { FaultRequest } from "./request.ts";

/** Why a fault is over: it did all that it does, it struck often enough, its time was up, or someone ended it. */
export type EndReason = "done" | "count" | "duration" | "request";

/** A fault as `GET /_faults` shows it. Times are ISO 8601. */
export interface FaultView {
  readonly id: string;
  readonly request: FaultRequest;
  readonly state: "active" | "ended";
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly reason?: EndReason;
  readonly strikes: number;
  readonly timeline: readonly { readonly at: string; readonly what: string }[];
}

const KEPT_LINES = 200;

/** One fault from its start on: its chances, its strikes, its timeline. */
export class ActiveFault implements FaultControl {
  readonly id: string;
  readonly request: FaultRequest;
  readonly random: () => number;
  readonly #now: () => number;
  readonly #startedAt: number;
  readonly #onUsedUp: () => void;
  readonly #timeline: { readonly at: string; readonly what: string }[] = [];
  #chances = 0;
  #strikes = 0;
  #end: { readonly at: number; readonly reason: EndReason } | undefined;
  undo: Undo | undefined;

  constructor(id: string, request: FaultRequest, options: { now: () => number; onUsedUp: () => void }) {
    this.id = id;
    this.request = request;
    this.#now = options.now;
    this.#startedAt = options.now();
    this.#onUsedUp = options.onUsedUp;
    const { seed = 1 }: Limits = request;
    this.random = randomFrom(seed);
  }

  get ended(): boolean {
    return this.#end !== undefined;
  }

  strikes(what: string): boolean {
    if (this.#end) return false;
    const { count, nth, probability = 1 }: Limits = this.request;
    this.#chances += 1;
    if (this.#chances < (nth ?? 1) || (probability < 1 && this.random() >= probability)) return false;
    this.#strikes += 1;
    this.note(what);
    if (this.#strikes >= (count ?? (nth === undefined ? Number.POSITIVE_INFINITY : 1))) this.#onUsedUp();
    return true;
  }

  note(what: string): void {
    this.#timeline.push({ at: this.#time(this.#now()), what });
    if (this.#timeline.length > KEPT_LINES) this.#timeline.shift();
  }

  markEnded(reason: EndReason): void {
    this.#end ??= { at: this.#now(), reason };
  }

  view(): FaultView {
    const { id, request } = this;
    return {
      id,
      request,
      state: this.#end ? "ended" : "active",
      startedAt: this.#time(this.#startedAt),
      ...(this.#end && { endedAt: this.#time(this.#end.at), reason: this.#end.reason }),
      strikes: this.#strikes,
      timeline: [...this.#timeline],
    };
  }

  #time(epochMs: number): string {
    return new Date(epochMs).toISOString();
  }
}

/** What a request of any kind may say of its chances. */
interface Limits {
  readonly kind: string;
  readonly count?: number | undefined;
  readonly nth?: number | undefined;
  readonly probability?: number | undefined;
  readonly seed?: number | undefined;
}
