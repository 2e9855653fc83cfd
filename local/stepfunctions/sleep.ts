import type { Clock } from "../context/clock.ts";

/** Timers of Node overflow above 2^31 - 1 ms (24.8 days) and fire at once; workflows may wait for a year. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Waits `ms` milliseconds of the clock.
 * @throws the signal's reason when aborted, whatever the clock itself rejects with.
 */
export async function sleep(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const until = clock.now() + ms;
  try {
    for (let left = ms; left > 0; left = until - clock.now()) {
      await clock.sleep(Math.min(left, MAX_TIMER_MS), signal);
    }
  } finally {
    signal.throwIfAborted();
  }
}

/** Runs `then` after `ms` unless the signal is aborted first. */
export function schedule(clock: Clock, ms: number, signal: AbortSignal, then: () => void): void {
  sleep(clock, ms, signal).then(then, () => {});
}
