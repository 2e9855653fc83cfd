import { counted } from "../text/counted.ts";
import type { PendingGate } from "./rollout-gates.ts";
import type { RolloutRecord } from "./rollout-records.ts";
import type { Check } from "./strategy.ts";

type PendingCheck = PendingGate<Check>;
type Waiting = NonNullable<RolloutRecord["check"]>;

/** What an address answered: whether that passes, and in words. */
export interface CheckAnswer {
  readonly passed: boolean;
  readonly answer: string;
}

const MINUTE_MS = 60_000;
const URL_MINUTES = 60;

export function isCheck(pending: PendingGate | undefined): pending is PendingCheck {
  return pending?.gate.gate === "checks";
}

/** The roll-out while it waits for a check. */
export function waitForCheck(rollout: RolloutRecord, pending: PendingCheck, now: Date): RolloutRecord {
  const { stage, when, gate } = pending;
  const { check: known } = rollout;
  const isSame = known?.stage === stage && known.when === when && known.name === gate.name;
  const check = isSame ? known : { stage, when, name: gate.name, since: now.toISOString(), answer: null };
  const reason = reasonOf(rollout, pending, check);
  return { ...rollout, state: "waiting-check", check, reason, blockedSince: null };
}

/** Why the roll-out is to stop: the check has not passed in its time. */
export function whyOverdue(rollout: RolloutRecord, { gate }: PendingCheck, now: Date): string | undefined {
  const { check } = rollout;
  const minutes = gate.withinMinutes ?? (gate.url === undefined ? undefined : URL_MINUTES);
  if (check === null || minutes === undefined) return undefined;
  if (now.getTime() - Date.parse(check.since) < minutes * MINUTE_MS) return undefined;
  const last = check.answer === null ? "" : `: ${check.answer}`;
  const within = counted(minutes, "minute");
  return `check ${gate.name} of stage ${stageName(rollout, check.stage)} did not pass within ${within}${last}`;
}

/** The roll-out after the address of its check has answered. If it no longer waits for that, nothing changes. */
export function withAnswer(
  rollout: RolloutRecord,
  pending: PendingCheck,
  { passed, answer }: CheckAnswer,
  now: Date,
): RolloutRecord {
  const { check, state } = rollout;
  const { stage, when, gate } = pending;
  if (state !== "waiting-check" || check === null) return rollout;
  if (check.stage !== stage || check.when !== when || check.name !== gate.name) return rollout;
  if (passed) return withResult(rollout, pending, { passed, by: null, message: answer }, now);
  const asked = { ...check, answer };
  return { ...rollout, check: asked, reason: reasonOf(rollout, pending, asked) };
}

/** A check that has passed lets the roll-out continue; one that has failed stops it. */
export function withResult(
  rollout: RolloutRecord,
  { stage, when, gate: { name } }: PendingCheck,
  result: Pick<RolloutRecord["checks"][number], "passed" | "by" | "message">,
  now: Date,
): RolloutRecord {
  const checks = [...rollout.checks, { stage, when, name, ...result, at: now.toISOString() }];
  const next = { ...rollout, checks, check: null };
  if (result.passed) return { ...next, state: "running", reason: null };
  const words = result.message === null ? "" : `: ${result.message}`;
  const reason = `check ${name} of stage ${stageName(rollout, stage)} failed, as ${result.by} reported${words}`;
  return { ...next, state: "stopped", reason };
}

function reasonOf(rollout: RolloutRecord, { stage, when, gate }: PendingCheck, { answer }: Waiting): string {
  const ended = when === "after" ? "has ended, and " : "";
  const last = answer === null ? "" : `; it last answered: ${answer}`;
  const from = gate.url === undefined ? `, which an ${gate.by} reports` : ` by ${gate.url}${last}`;
  return `stage ${stageName(rollout, stage)} ${ended}waits for the check ${gate.name}${from}`;
}

function stageName({ strategy }: RolloutRecord, stage: number): string {
  return strategy.stages[stage]?.name ?? String(stage);
}
