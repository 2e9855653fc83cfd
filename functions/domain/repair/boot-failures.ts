import type { BootFailures } from "../cluster/records.ts";

/** So many instances of one operation may fail to boot; the next ones would fail for the same reason (faults C9). */
const ATTEMPTS = 3;
/** The pause after giving up: doubled each time, to half an hour, which is what a broken image costs at most after its mending. */
const FIRST_PAUSE_MS = 2 * 60_000;
const LONGEST_PAUSE_MS = 30 * 60_000;

/** One more instance failed. Is it time to give up, and when may it be tried again? */
export const countBootFailure = (
  before: BootFailures | null | undefined,
  operation: string,
  nowMs: number,
): BootFailures & { readonly giveUp: boolean } => {
  const count = before?.operation === operation ? before.count + 1 : 1;
  const givenUp = before?.givenUp ?? 0;
  if (count < ATTEMPTS) return { operation, count, givenUp, retryAt: nowMs, giveUp: false };
  const pause = Math.min(FIRST_PAUSE_MS * 2 ** givenUp, LONGEST_PAUSE_MS);
  return { operation, count, givenUp: givenUp + 1, retryAt: nowMs + pause, giveUp: true };
};
