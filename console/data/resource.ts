import { type Signal, signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { Refused, read, type Tagged } from "./request.ts";
import { isReachable, signedOut } from "./session.ts";

/** What is known of one path of the API. Former data stays while nobody answers. */
export interface Known<Value> {
  readonly value?: Value;
  readonly etag?: string | null;
  readonly ifMatch?: string | null;
  /** The API's refusal, instead of the data. */
  readonly refused?: Refused;
  /** Epoch milliseconds of the last answer, also if nothing was new. */
  readonly seenAt?: number;
}

type Fetch<Value> = (etag: string | null) => Promise<Tagged<Value> | undefined>;

export interface Resource<Value> {
  readonly known: Signal<Known<Value>>;
  /** Asks now, for example after a change. */
  readonly refresh: () => void;
}

/** After a failure, until somebody answers again. */
const RETRY_MS = 3_000;

/** Polls while somebody looks: paused when the page is hidden, asked at once when it is shown again. */
class Poller<Value> implements Resource<Value> {
  readonly known = signal<Known<Value>>({});
  readonly #fetch: Fetch<Value>;
  readonly #everyMs: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running = false;
  #asking = false;

  constructor(fetch: Fetch<Value>, everyMs: number) {
    this.#fetch = fetch;
    this.#everyMs = everyMs;
  }

  start(): () => void {
    this.#running = true;
    const onShown = () => {
      if (!document.hidden) this.refresh();
    };
    document.addEventListener("visibilitychange", onShown);
    this.refresh();
    return () => {
      this.#running = false;
      clearTimeout(this.#timer);
      document.removeEventListener("visibilitychange", onShown);
    };
  }

  readonly refresh = (): void => {
    clearTimeout(this.#timer);
    if (this.#asking) return;
    void this.#ask();
  };

  async #ask(): Promise<void> {
    this.#asking = true;
    let pauseMs = this.#everyMs;
    try {
      const answer = await this.#fetch(this.known.value.etag ?? null);
      const now = Date.now();
      this.known.value = answer ? { ...answer, seenAt: now } : { ...this.known.value, seenAt: now };
      isReachable(true);
    } catch (error) {
      pauseMs = Math.min(RETRY_MS, this.#everyMs);
      if (error instanceof Refused) {
        isReachable(true);
        if (error.problem.status === 401) signedOut();
        else this.known.value = { refused: error, seenAt: Date.now() };
        pauseMs = this.#everyMs;
      } else isReachable(false);
    }
    this.#asking = false;
    if (!this.#running || document.hidden) return;
    this.#timer = setTimeout(this.refresh, pauseMs);
  }
}

export function useResource<Value>(path: string, everyMs: number): Resource<Value> {
  return usePolled<Value>(path, (etag) => read<Value>(path, etag), everyMs);
}

/** `key` says when it is another thing that is asked for. */
export function usePolled<Value>(key: string, fetch: Fetch<Value>, everyMs: number): Resource<Value> {
  const poller = useMemo(() => new Poller(fetch, everyMs), [key, everyMs]);
  useEffect(() => poller.start(), [poller]);
  return poller;
}
