import type { Retrier } from "./definition.ts";
import { matchesError } from "./errors.ts";

/** Defaults of a Retry entry: docs/references/aws.md#sfn-errors. */
const DEFAULTS = { intervalSeconds: 1, maxAttempts: 3, backoffRate: 2 };

/** How often each Retry entry of a state was used in one visit; AWS counts per entry and visit. */
export class RetryBudget {
  readonly #used = new Map<Retrier, number>();

  /** Milliseconds to wait before the next attempt; undefined when the error is not to be retried (again). */
  nextDelay(retriers: readonly Retrier[], error: string, random: () => number): number | undefined {
    const retrier = retriers.find(({ ErrorEquals }) => matchesError(ErrorEquals, error));
    if (retrier === undefined) return undefined;
    const used = this.#used.get(retrier) ?? 0;
    if (used >= (retrier.MaxAttempts ?? DEFAULTS.maxAttempts)) return undefined;
    this.#used.set(retrier, used + 1);
    return delaySeconds(retrier, used, random) * 1000;
  }
}

function delaySeconds(retrier: Retrier, used: number, random: () => number): number {
  const { IntervalSeconds = DEFAULTS.intervalSeconds, BackoffRate = DEFAULTS.backoffRate } = retrier;
  const delay = Math.min(IntervalSeconds * BackoffRate ** used, retrier.MaxDelaySeconds ?? Infinity);
  return retrier.JitterStrategy === "FULL" ? delay * random() : delay;
}
