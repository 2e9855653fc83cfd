import { AwsError } from "../wire/contract.ts";
import type { Sandbox } from "./sandbox.ts";

/** How many environments of one function run at a time on this machine, where the template reserves no number. */
export const DEFAULT_CONCURRENCY = 10;
/** Idle environments are ended after this time; Lambda keeps them some minutes, a laptop has less memory. */
const IDLE_MS = 60_000;

interface Waiting {
  readonly take: (sandbox: Sandbox) => void;
}

/** The environments of one function: grows by need up to the limit, reuses the most recently used, reaps the idle. */
export class SandboxPool {
  readonly #create: () => Sandbox;
  readonly #reserved: number | undefined;
  readonly #idle: { readonly sandbox: Sandbox; readonly since: number }[] = [];
  readonly #busy = new Set<Sandbox>();
  readonly #waiting: Waiting[] = [];
  #reaper: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: { readonly create: () => Sandbox; readonly reservedConcurrency: number | undefined }) {
    this.#create = options.create;
    this.#reserved = options.reservedConcurrency;
  }

  /**
   * An environment for one invocation; give it back with `release`. At the reserved concurrency it throws
   * `TooManyRequestsException`, as Lambda does; at the machine's own limit it waits, because Lambda would have room.
   */
  async acquire(signal?: AbortSignal): Promise<Sandbox> {
    signal?.throwIfAborted();
    const rested = this.#idle.pop();
    if (rested && !rested.sandbox.dead) return this.#lend(rested.sandbox);
    if (rested) return await this.acquire(signal);
    if (this.#busy.size < (this.#reserved ?? DEFAULT_CONCURRENCY)) return this.#lend(this.#create());
    if (this.#reserved !== undefined) throw throttled("ReservedFunctionConcurrentInvocationLimitExceeded");
    return await this.#wait(signal);
  }

  release(sandbox: Sandbox): void {
    this.#busy.delete(sandbox);
    if (this.#closed) void sandbox.terminate();
    const next = this.#waiting.shift();
    if (next) next.take(this.#lend(sandbox.dead ? this.#create() : sandbox));
    else if (!sandbox.dead) this.#rest(sandbox);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#reaper);
    await Promise.all(
      [...this.#idle.map((entry) => entry.sandbox), ...this.#busy].map((sandbox) => sandbox.terminate()),
    );
  }

  #lend(sandbox: Sandbox): Sandbox {
    this.#busy.add(sandbox);
    return sandbox;
  }

  #rest(sandbox: Sandbox): void {
    this.#idle.push({ sandbox, since: Date.now() });
    this.#reaper ??= setInterval(() => this.#reap(), IDLE_MS / 4).unref();
  }

  #reap(): void {
    const kept = this.#idle.filter(({ since }) => Date.now() - since < IDLE_MS);
    for (const entry of this.#idle) if (!kept.includes(entry)) void entry.sandbox.terminate();
    this.#idle.splice(0, this.#idle.length, ...kept);
  }

  #wait(signal: AbortSignal | undefined): Promise<Sandbox> {
    const { promise, resolve, reject } = Promise.withResolvers<Sandbox>();
    const waiting: Waiting = { take: resolve };
    this.#waiting.push(waiting);
    signal?.addEventListener("abort", () => {
      const place = this.#waiting.indexOf(waiting);
      if (place >= 0) this.#waiting.splice(place, 1);
      reject(signal.reason);
    });
    return promise;
  }
}

/** Lambda's answer when it has no environment to spare. */
export function throttled(reason: string): AwsError {
  return new AwsError("TooManyRequestsException", "Rate Exceeded.", {
    status: 429,
    fields: { Type: "User", Reason: reason },
  });
}
