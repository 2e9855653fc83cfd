import { isEnded, type RolloutRecord } from "./rollout-records.ts";
import type { Gate } from "./strategy.ts";

/** What a roll-out waits for, before a stage begins or after it has ended. */
export interface PendingGate<G extends Gate = Gate> {
  readonly stage: number;
  readonly when: "before" | "after";
  readonly gate: G;
}

/** The first that is missing; undefined while a stage is under way that needs none. */
export function pendingGate(rollout: RolloutRecord): PendingGate | undefined {
  const { strategy, clusters } = rollout;
  for (const [stage, { before, after }] of strategy.stages.entries()) {
    const own = clusters.filter((each) => each.stage === stage);
    if (own.length === 0) continue;
    const missing = (when: PendingGate["when"], gates: readonly Gate[]): PendingGate | undefined => {
      const gate = gates.find((each) => !isPassed(rollout, { stage, when, gate: each }));
      return gate && { stage, when, gate };
    };
    const hasEnded = own.every(isEnded);
    const hasBegun = own.some(({ state }) => state !== "waiting" && state !== "skipped");
    const pending = hasEnded ? missing("after", after) : hasBegun ? undefined : missing("before", before);
    if (pending || !hasEnded) return pending;
  }
  return undefined;
}

function isPassed({ approvals, checks, rollbackOf }: RolloutRecord, { stage, when, gate }: PendingGate): boolean {
  if (gate.gate === "approval") return approvals.some((each) => each.stage === stage && each.when === when);
  // Who takes a change back may do so because a check fails.
  if (rollbackOf !== null) return true;
  const last = checks.findLast((each) => each.stage === stage && each.when === when && each.name === gate.name);
  return last?.passed === true;
}
