import { CHECKS, type CheckName, checksOf } from "./cases.ts";
import type { RunState } from "./state.ts";

export type Action =
  | { readonly kind: "run"; readonly check: CheckName }
  | { readonly kind: "skip"; readonly check: CheckName; readonly why: string }
  /** Look for everything that carries the run's tag, and remove it by force. */
  | { readonly kind: "sweep" }
  | { readonly kind: "remove-stack" }
  | { readonly kind: "finished" };

/** The one thing to do next; asked again after each. */
export function nextAction(state: RunState): Action {
  const check = checksOf(state.cases).find((name) => !state.results.some((result) => result.check === name));
  if (check !== undefined) return actionFor(check, state);
  if (state.left === null || state.left.length > 0) return { kind: "sweep" };
  if (state.stack === "made") return { kind: "remove-stack" };
  return { kind: "finished" };
}

function actionFor(check: CheckName, state: RunState): Action {
  const { of } = CHECKS[check];
  if (check.startsWith("delete-")) {
    if (of !== undefined && state.begun.includes(of)) return { kind: "run", check };
    return { kind: "skip", check, why: "the cluster was never begun" };
  }
  if (state.stopping !== null) return { kind: "skip", check, why: state.stopping };
  const missing = CHECKS[check].needs.find(
    (need) => !state.results.some((result) => result.check === need && result.status === "passed"),
  );
  return missing === undefined ? { kind: "run", check } : { kind: "skip", check, why: `"${missing}" did not pass` };
}

/** Minutes after which a run that nobody resumed is given up: what it left may be removed by another run. */
const ABANDONED_MINUTES = 240;

/** Of other runs' names, as tags show them, those that nobody continues. */
export function abandoned(runs: readonly { readonly run: string; readonly startedAt: Date }[], now: Date): string[] {
  return runs
    .filter(({ startedAt }) => now.getTime() - startedAt.getTime() > ABANDONED_MINUTES * 60_000)
    .map(({ run }) => run);
}
