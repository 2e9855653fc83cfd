import type { BootFailures } from "../cluster/records.ts";

/**
 * Boot failures within one operation before it gives up. The next instance would fail for the same reason
 * (docs/references/faults.md#c9).
 */
const ATTEMPTS = 3;
/**
 * The pause after giving up. It doubles each time, up to half an hour; that is the longest delay after a broken image
 * is fixed.
 */
const FIRST_PAUSE_MS = 2 * 60_000;
const MAX_PAUSE_MS = 30 * 60_000;

/** Counts one more failed instance, and decides whether to give up and when to retry. */
export function countBootFailure(
  before: BootFailures | null | undefined,
  operation: string,
  nowMs: number,
): BootFailures & { readonly giveUp: boolean } {
  const count = before?.operation === operation ? before.count + 1 : 1;
  const givenUp = before?.givenUp ?? 0;
  if (count < ATTEMPTS) return { operation, count, givenUp, retryAt: nowMs, giveUp: false };
  const pause = Math.min(FIRST_PAUSE_MS * 2 ** givenUp, MAX_PAUSE_MS);
  return { operation, count, givenUp: givenUp + 1, retryAt: nowMs + pause, giveUp: true };
}
