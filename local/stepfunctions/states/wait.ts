import type { WaitState } from "../definition.ts";
import { QueryEvaluationError } from "../expressions.ts";
import { sleep } from "../sleep.ts";
import { evaluateInteger, evaluateString, type Outcome, type Visit } from "../visit.ts";

export async function runWait(state: WaitState, visit: Visit): Promise<Outcome> {
  await sleep(visit.engine.clock, await delayOf(state, visit), visit.thread.signal);
  return { fields: state, output: visit.frame.input, next: state.Next };
}

/** Milliseconds; not positive for a Timestamp in the past. */
async function delayOf(state: WaitState, visit: Visit): Promise<number> {
  if (state.Timestamp === undefined) {
    const seconds = (await evaluateInteger(visit, "Seconds", state.Seconds, 0)) ?? 0;
    return (seconds * 1000) / visit.engine.speed;
  }
  const until = Date.parse(await evaluateString(visit, "Timestamp", state.Timestamp));
  if (Number.isNaN(until))
    throw new QueryEvaluationError("The field 'Timestamp' must be an RFC 3339 time.", "Timestamp");
  return until - visit.engine.clock.now();
}
