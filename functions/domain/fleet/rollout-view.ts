import type { RolloutView } from "../api/rollout-views.ts";
import { isCheck } from "./rollout-checks.ts";
import { pendingGate } from "./rollout-gates.ts";
import type { RolloutRecord } from "./rollout-records.ts";

/** A roll-out as it is shown to somebody; `shows` says which clusters they may read. */
export function toRolloutView(rollout: RolloutRecord, shows: (cluster: string) => boolean = () => true): RolloutView {
  const stageOf = (index: number) => rollout.strategy.stages[index]?.name ?? String(index);
  const shown = rollout.clusters.filter(({ cluster }) => shows(cluster));
  const gate = pendingGate(rollout);
  const states = [...Map.groupBy(shown, ({ state }) => state)];
  const { id, fleet, state, reason, change, strategy, rollbackOf, startedAt, finishedAt, by, check } = rollout;
  return {
    ...{ id, fleet, state, reason, change, strategy },
    counts: Object.fromEntries(states.map(([name, { length }]) => [name, length])),
    clusters: shown.map((each) => ({
      endpoint: each.endpoint,
      name: each.cluster,
      stage: stageOf(each.stage),
      state: each.state,
      attempt: each.attempt,
      operation: each.operation,
      from: each.from,
      reason: each.reason,
      soakUntil: each.soakUntil,
      drained: each.drainUntil !== null,
    })),
    approvals: rollout.approvals.map(({ stage, when, by: who, at }) => ({ stage: stageOf(stage), when, by: who, at })),
    checks: rollout.checks.map((each) => ({ ...each, stage: stageOf(each.stage) })),
    pendingApproval:
      gate && state === "waiting-approval" ? { stage: stageOf(gate.stage), when: gate.when, by: gate.gate.by } : null,
    pendingCheck:
      isCheck(gate) && check && state === "waiting-check"
        ? { ...gate.gate, stage: stageOf(gate.stage), when: gate.when, since: check.since, answer: check.answer }
        : null,
    ...{ rollbackOf, startedAt, finishedAt, by },
  };
}
