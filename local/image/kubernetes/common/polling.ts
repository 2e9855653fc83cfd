import { setTimeout as delay } from "node:timers/promises";

export interface PollingOptions {
  readonly timeoutMs: number;
  readonly intervalMs: number;
  /** Errors for which another attempt is pointless; they are thrown at once. */
  readonly isFinal?: (error: unknown) => boolean;
}

/** Repeats `attempt` until it does not throw. Throws its last error when the time is over. */
export async function retryUntil<Result>(attempt: () => Promise<Result>, options: PollingOptions): Promise<Result> {
  const deadline = performance.now() + options.timeoutMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (options.isFinal?.(error) || performance.now() + options.intervalMs > deadline) throw error;
    }
    await delay(options.intervalMs);
  }
}
