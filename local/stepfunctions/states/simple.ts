import type { FailState, PassState, SucceedState } from "../definition.ts";
import { StatesError } from "../errors.ts";
import { evaluateString, type Outcome, type Visit } from "../visit.ts";

export function runPass(state: PassState, visit: Visit): Outcome {
  return { fields: state, output: visit.frame.input, next: state.Next };
}

export function runSucceed(state: SucceedState, visit: Visit): Outcome {
  return { fields: state, output: visit.frame.input, next: undefined };
}

/** @throws StatesError always: with the state's own Error and Cause. */
export async function runFail(state: FailState, visit: Visit): Promise<never> {
  const error = await evaluateString(visit, "Error", state.Error ?? "");
  throw new StatesError(error, await evaluateString(visit, "Cause", state.Cause ?? ""));
}
