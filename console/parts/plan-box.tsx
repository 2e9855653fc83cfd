import type { ComponentChildren } from "preact";
import { Loading, Notice } from "./basics.tsx";
import type { PlanState } from "./plan-state.ts";
import { RefusedNotice } from "./shown.tsx";

interface PlanBoxProps<Value> {
  readonly state: PlanState<Value>;
  /** What the box is for, while there is nothing to plan. */
  readonly hint: string;
  readonly children: (planned: Value) => ComponentChildren;
}

/** What would be, beside the form that asks for it. */
export function PlanBox<Value>({ state, hint, children }: PlanBoxProps<Value>) {
  return (
    <section class="plan" aria-label="Plan" aria-live="polite">
      <h2>Plan</h2>
      {state.kind === "empty" ? <p class="hint">{hint}</p> : null}
      {state.kind === "asking" ? <Loading what="the plan" /> : null}
      {state.kind === "unreachable" ? <Notice tone="bad" title="Holdfast did not answer." /> : null}
      {state.kind === "refused" ? <RefusedNotice problem={state.refused.problem} /> : null}
      {state.kind === "planned" ? children(state.planned) : null}
    </section>
  );
}
