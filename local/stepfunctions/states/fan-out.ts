import { type StatesError, toStatesError } from "../errors.ts";
import type { Thread } from "../history.ts";
import type { Json } from "../json.ts";
import type { Visit } from "../visit.ts";

export interface FanOut {
  readonly count: number;
  readonly concurrency: number;
  /** Runs one child to its output. Children that have ended before a redrive answer at once. */
  runChild(index: number, thread: Thread): Promise<Json>;
  /**
   * What the state fails with after `failures` children failed, the last with `error`; undefined while that is
   * tolerated.
   */
  evaluateFailure(failures: number, error: StatesError): StatesError | undefined;
}

/**
 * Runs the children of a Parallel or Map state side by side. The first failure that is not tolerated aborts the others.
 * @returns the outputs in the order of the children; a tolerated failure stands there as `{Error, Cause}`.
 * @throws what `evaluateFailure` says, or the reason for which the whole execution ends.
 */
export async function fanOut(visit: Visit, { count, concurrency, runChild, evaluateFailure }: FanOut): Promise<Json[]> {
  const { thread } = visit;
  const siblings = new AbortController();
  const signal = AbortSignal.any([thread.signal, siblings.signal]);
  const started = thread.lastEventId;
  const outputs: Json[] = Array.from({ length: count }, () => null);
  let nextIndex = 0;
  let failures = 0;

  const worker = async () => {
    while (nextIndex < count && !signal.aborted) {
      const index = nextIndex++;
      const child: Thread = { signal, lastEventId: started };
      try {
        outputs[index] = await runChild(index, child);
      } catch (thrown) {
        if (signal.aborted) return;
        const error = toStatesError(thrown);
        const fatal = evaluateFailure(++failures, error);
        if (fatal !== undefined) siblings.abort(fatal);
        outputs[index] = { Error: error.error, Cause: error.cause };
      } finally {
        thread.lastEventId = Math.max(thread.lastEventId, child.lastEventId);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(count, concurrency) }, worker));
  signal.throwIfAborted();
  return outputs;
}
