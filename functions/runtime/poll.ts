import { NotReadyYet } from "../domain/cluster/errors.ts";
import type { Clock } from "./clock.ts";

/**
 * How long a function waits by itself: for what comes within a moment a round of the flow would take longer. All other waiting is
 * the flow's, since a function that waits holds one of the account's environments.
 */
export const MOMENT_MS = 1_000;

/**
 * Asks again, soon at first and then more slowly, until `ask` answers something or `withinMs` are over; then NotReadyYet,
 * so that Step Functions takes over the waiting. An error that `ask` throws ends it at once, but for NotReadyYet itself.
 * What is known to take a while is first asked `afterMs` from now.
 */
export async function pollUntil<T>(
  clock: Clock,
  ask: () => Promise<T | undefined>,
  options: {
    waitingFor: string;
    withinMs?: number;
    afterMs?: number;
    firstMs?: number;
    maxMs?: number;
    /** How many times longer each pause is than the one before. */
    growth?: number;
  },
): Promise<T> {
  const deadline = clock.now().getTime() + (options.withinMs ?? MOMENT_MS);
  let pauseMs = options.firstMs ?? 150;
  let waitingFor = options.waitingFor;
  await clock.sleep(options.afterMs ?? 0);
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
    } catch (error) {
      if (!(error instanceof NotReadyYet)) throw error;
      waitingFor = error.message;
    }
    if (clock.now().getTime() + pauseMs > deadline) throw new NotReadyYet(waitingFor);
    await clock.sleep(pauseMs);
    pauseMs = Math.min(pauseMs * (options.growth ?? 1.6), options.maxMs ?? 2_000);
  }
}
