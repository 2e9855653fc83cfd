import { isEnded, type RolloutRecord } from "./rollout-records.ts";
import type { Stage } from "./strategy.ts";

/** An approval that a roll-out waits for, before a stage begins or after it has ended. */
export interface PendingGate {
  readonly stage: number;
  readonly when: "before" | "after";
  readonly by: Stage["before"][number]["by"];
}

/** The first that is missing; undefined while a stage is under way that needs none. */
export function pendingGate({ strategy, clusters, approvals }: RolloutRecord): PendingGate | undefined {
  for (const [stage, { before, after }] of strategy.stages.entries()) {
    const own = clusters.filter((each) => each.stage === stage);
    if (own.length === 0) continue;
    const isApproved = (when: PendingGate["when"]) =>
      approvals.some((each) => each.stage === stage && each.when === when);
    const [first] = before;
    const hasBegun = own.some(({ state }) => state !== "waiting" && state !== "skipped");
    if (first && !hasBegun && !own.every(isEnded) && !isApproved("before"))
      return { stage, when: "before", by: first.by };
    if (!own.every(isEnded)) return undefined;
    const [last] = after;
    if (last && !isApproved("after")) return { stage, when: "after", by: last.by };
  }
  return undefined;
}
