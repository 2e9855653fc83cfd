import { BadRequest, NotAllowed, RolloutConflict } from "../cluster/errors.ts";
import { refText } from "./fleet-records.ts";
import { isCheck, withResult } from "./rollout-checks.ts";
import { pendingGate } from "./rollout-gates.ts";
import { again } from "./rollout-observe.ts";
import { tooManyFailures } from "./rollout-plan.ts";
import type { RolloutCluster, RolloutRecord } from "./rollout-records.ts";
import type { Stage } from "./strategy.ts";

export type RolloutAction =
  | { readonly action: "pause" | "retry" | "stop" }
  /** Clusters to leave out from now on. */
  | { readonly action: "resume"; readonly skip?: readonly string[] }
  | { readonly action: "approve"; readonly stage: string }
  /** The result of a check, in the words of who reports it. */
  | { readonly action: "check"; readonly name: string; readonly passed: boolean; readonly message?: string };

export interface Asker {
  readonly name: string;
  /** Whether who asks has this role for the clusters of the roll-out. */
  readonly is: (role: Stage["before"][number]["by"]) => boolean;
}

/**
 * The roll-out after what somebody asked of it. The same request again changes nothing. Throws RolloutConflict where it
 * does not fit, NotAllowed for an approval or the result of a check without the role.
 */
export function applyAction(rollout: RolloutRecord, asked: RolloutAction, by: Asker, now: Date): RolloutRecord {
  switch (asked.action) {
    case "pause":
      return pause(rollout);
    case "resume":
      return resume(rollout, asked.skip ?? [], by);
    case "retry":
      return retry(rollout);
    case "stop":
      if (rollout.state === "done") throw conflict(rollout, "it is done");
      return rollout.state === "stopped" ? rollout : { ...rollout, state: "stopped", reason: `stopped by ${by.name}` };
    case "approve":
      return approve(rollout, asked.stage, by, now);
    case "check":
      return reportCheck(rollout, asked, by, now);
  }
}

function conflict({ id }: RolloutRecord, why: string): RolloutConflict {
  return new RolloutConflict(`roll-out ${id}: ${why}`);
}

function pause(rollout: RolloutRecord): RolloutRecord {
  const { state } = rollout;
  if (state === "paused") return rollout;
  if (state === "stopped" || state === "done") throw conflict(rollout, `it is ${state}, and nothing begins`);
  return { ...rollout, state: "paused", reason: null };
}

function resume(rollout: RolloutRecord, skip: readonly string[], by: Asker): RolloutRecord {
  if (rollout.state === "done") throw conflict(rollout, "it is done");
  const known = new Set(rollout.clusters.flatMap((each) => [each.cluster, refText(each)]));
  const unknown = skip.filter((name) => !known.has(name));
  if (unknown.length > 0)
    throw new BadRequest(
      `the roll-out has no cluster ${unknown.join(", ")}`,
      unknown.map((name) => ({ flag: "skip", value: name, message: `skip: the roll-out has no cluster ${name}` })),
    );
  const clusters = rollout.clusters.map((each): RolloutCluster => {
    const isMeant = skip.includes(each.cluster) || skip.includes(refText(each));
    if (!isMeant || each.state === "skipped") return each;
    if (each.state !== "failed" && each.state !== "waiting")
      throw conflict(rollout, `${each.cluster} is ${each.state}, and cannot be skipped`);
    return { ...each, state: "skipped", reason: `skipped by ${by.name}` };
  });
  const next = { ...rollout, clusters };
  const failed = tooManyFailures(next);
  if (failed !== undefined) throw conflict(rollout, `${failed}; retry it, or resume with --skip NAME`);
  if (rollout.state !== "paused" && rollout.state !== "stopped") return next;
  return { ...next, state: "running", reason: null };
}

function retry(rollout: RolloutRecord): RolloutRecord {
  if (rollout.state === "done") throw conflict(rollout, "it is done");
  if (rollout.clusters.every(({ state }) => state !== "failed")) {
    if (rollout.state === "paused" || rollout.state === "stopped")
      throw conflict(rollout, "no cluster has failed; resume it");
    return rollout;
  }
  const clusters = rollout.clusters.map((each) => (each.state === "failed" ? { ...again(each), reason: null } : each));
  return { ...rollout, clusters, state: "running", reason: null };
}

function reportCheck(
  rollout: RolloutRecord,
  { name, passed, message }: Extract<RolloutAction, { action: "check" }>,
  by: Asker,
  now: Date,
): RolloutRecord {
  const pending = pendingGate(rollout);
  const isPending = isCheck(pending) && pending.gate.name === name;
  const gates = rollout.strategy.stages.flatMap(({ before, after }) => [...before, ...after]);
  const role = isPending ? pending.gate.by : gates.find((gate) => gate.gate === "checks" && gate.name === name)?.by;
  if (role === undefined) throw conflict(rollout, `it has no check ${name}`);
  if (!by.is(role)) throw new NotAllowed(`${by.name} may not report check ${name}, which takes an ${role}`);
  if (isPending && rollout.state === "waiting-check")
    return withResult(rollout, pending, { passed, by: by.name, message: message ?? null }, now);
  const known = rollout.checks.findLast((each) => each.name === name);
  if (known?.passed === passed && (passed || rollout.state === "stopped")) return rollout;
  throw conflict(rollout, `it is ${rollout.state}, and does not wait for check ${name}`);
}

function approve(rollout: RolloutRecord, name: string, by: Asker, now: Date): RolloutRecord {
  const stage = rollout.strategy.stages.findIndex((each) => each.name === name);
  const { before = [], after = [] } = rollout.strategy.stages[stage] ?? {};
  const pending = pendingGate(rollout);
  const isPending = pending?.stage === stage && pending.gate.gate === "approval";
  const role = isPending ? pending.gate.by : [...before, ...after].find(({ gate }) => gate === "approval")?.by;
  if (role === undefined) throw conflict(rollout, `it has no stage ${name} that waits for an approval`);
  if (!by.is(role)) throw new NotAllowed(`${by.name} may not approve stage ${name}, which takes an ${role}`);
  const isApproved = rollout.approvals.some((approval) => approval.stage === stage);
  if (isApproved && !isPending) return rollout;
  if (rollout.state !== "waiting-approval")
    throw conflict(rollout, `it is ${rollout.state}, and waits for no approval`);
  if (!isPending) throw conflict(rollout, `stage ${name} is not the one that waits`);
  const approvals = [...rollout.approvals, { stage, when: pending.when, by: by.name, at: now.toISOString() }];
  return { ...rollout, approvals, state: "running", reason: null };
}
