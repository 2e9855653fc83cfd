import type { ClusterOutline } from "../api/views.ts";
import { isRecordOnly } from "../spec/spec-change.ts";
import { counted, isOrAre } from "../text/counted.ts";
import { refText } from "./fleet-records.ts";
import { withoutAbsence } from "./rollout-absence.ts";
import { isCheck, waitForCheck, whyOverdue } from "./rollout-checks.ts";
import { type PendingGate, pendingGate } from "./rollout-gates.ts";
import { guardOf, impairedZones, isDisturbed, type RolloutFacts, whyImpaired } from "./rollout-guard.ts";
import { type ClusterFacts, observeCluster, readyNodes, whyNoView } from "./rollout-observe.ts";
import { isEnded, isToRestore, type Patch, type RolloutCluster, type RolloutRecord } from "./rollout-records.ts";
import { type Check, concurrencyOf } from "./strategy.ts";

export interface RolloutPlan {
  /** The roll-out as it is now: to be recorded before anything is sent. */
  readonly rollout: RolloutRecord;
  /** Clusters whose change is to be sent, each under the key of its attempt. */
  readonly send: readonly RolloutCluster[];
  /** Clusters whose traffic is to be taken away first. */
  readonly drain: readonly RolloutCluster[];
  /** Clusters that get it back. */
  readonly restore: readonly RolloutCluster[];
  /** The check whose address is to be asked. */
  readonly ask?: PendingGate<Check>;
}

/** So long nothing runs and nothing can begin; then somebody has to look. */
const BLOCKED_MS = 30 * 60_000;
/** The next actions of a roll-out. It reads nothing and changes nothing; the same facts give the same plan. */
export function planRollout(given: RolloutRecord, facts: RolloutFacts, now: Date): RolloutPlan {
  const rollout = nextRecord(withoutAbsence(given, now), facts, now);
  const unsent = rollout.clusters.filter(({ state, sent }) => state === "running" && !sent);
  const gate = pendingGate(rollout);
  const isToDrain = ({ stage, drainUntil }: RolloutCluster) =>
    rollout.strategy.stages[stage]?.drain !== undefined && drainUntil === null;
  return {
    rollout,
    drain: unsent.filter(isToDrain),
    send: unsent.filter((each) => !isToDrain(each) && isSettled(each, now)),
    restore: rollout.clusters.filter(isToRestore),
    ...(rollout.state === "waiting-check" && isCheck(gate) && gate.gate.url !== undefined ? { ask: gate } : {}),
  };
}

/** Nobody is led to it any more. */
function isSettled({ drainUntil }: RolloutCluster, now: Date): boolean {
  return drainUntil === null || Date.parse(drainUntil) <= now.getTime();
}

function nextRecord(rollout: RolloutRecord, facts: RolloutFacts, now: Date): RolloutRecord {
  const clusters = rollout.clusters.map((each) => observe(each, rollout, facts, now));
  const seen = { ...rollout, clusters };
  if (seen.state === "paused" || seen.state === "stopped") return halt(seen, seen.state, seen.reason);
  if (seen.state === "done") return seen;
  const failed = tooManyFailures(seen);
  if (failed !== undefined) return halt(seen, "stopped", failed);
  const gate = pendingGate(seen);
  if (isCheck(gate)) {
    const waiting = waitForCheck(seen, gate, now);
    const overdue = whyOverdue(waiting, gate, now);
    return overdue === undefined ? waiting : halt(waiting, "stopped", overdue);
  }
  if (gate) {
    const name = seen.strategy.stages[gate.stage]?.name;
    const ended = gate.when === "after" ? "has ended, and " : "";
    const reason = `stage ${name} ${ended}waits for an approval by an ${gate.gate.by}`;
    return { ...seen, state: "waiting-approval", reason, blockedSince: null };
  }
  const stage = Math.min(...clusters.flatMap((each) => (isEnded(each) ? [] : [each.stage])));
  if (seen.strategy.stages[stage] === undefined) return finish(seen, now);
  return begin(seen, stage, facts, now);
}

function observe(each: RolloutCluster, { strategy }: RolloutRecord, facts: RolloutFacts, now: Date): RolloutCluster {
  const soakMinutes = strategy.stages[each.stage]?.soakMinutes ?? 0;
  return observeCluster(each, facts.get(refText(each)) ?? { view: undefined }, soakMinutes, now);
}

function finish(rollout: RolloutRecord, now: Date): RolloutRecord {
  // Traffic comes back first.
  if (rollout.clusters.some(isToRestore)) return { ...rollout, state: "running", reason: null, blockedSince: null };
  const failed = rollout.clusters.filter(({ state }) => state === "failed").length;
  const reason = failed === 0 ? null : `${counted(failed, "cluster")} failed`;
  return { ...rollout, state: "done", reason, finishedAt: now.toISOString(), blockedSince: null };
}

/** Nothing new begins. What was to be sent and may not have been is sent again, under the same key, when it resumes. */
function halt(rollout: RolloutRecord, state: "paused" | "stopped", reason: string | null): RolloutRecord {
  const clusters = rollout.clusters.map((each) =>
    each.state === "running" && !each.sent ? { ...each, state: "waiting" as const, startedAt: null } : each,
  );
  return { ...rollout, clusters, state, reason, blockedSince: null, check: null };
}

export function tooManyFailures({ strategy, clusters }: RolloutRecord): string | undefined {
  for (const [index, { name, maxFailures }] of strategy.stages.entries()) {
    const failed = clusters.filter(({ stage, state }) => stage === index && state === "failed");
    const [first] = failed.slice(maxFailures);
    if (first) return `${counted(failed.length, "cluster")} of stage ${name} failed; ${first.cluster}: ${first.reason}`;
  }
  return undefined;
}

/** Begins what may begin in the stage. */
function begin(rollout: RolloutRecord, stage: number, facts: RolloutFacts, now: Date): RolloutRecord {
  const definition = rollout.strategy.stages[stage];
  const ofStage = rollout.clusters.filter((each) => each.stage === stage);
  const running = ofStage.filter(({ state }) => state === "running").length;
  const disturbed = rollout.clusters.filter((each) => isDisturbed(each, facts)).length;
  const guard = guardOf(rollout.clusters.length);
  const limit = definition ? concurrencyOf(definition, ofStage.length) : 1;
  const impaired = impairedZones(rollout.clusters, facts);
  let room = Math.min(guard - disturbed, limit - running);
  const clusters = rollout.clusters.map((each): RolloutCluster => {
    if (each.stage !== stage || each.state !== "waiting") return each;
    const known = facts.get(refText(each)) ?? { view: undefined };
    const { view } = known;
    const why = whyNotNow(known, each, rollout) ?? (view && whyImpaired(each, view, impaired));
    if (why !== undefined || view === undefined) return { ...each, reason: why ?? null };
    if (room <= 0) return { ...each, reason: null };
    room--;
    const from = each.from ?? formerValues(view, each.patch ?? rollout.change);
    return {
      ...each,
      state: "running",
      sent: false,
      operation: null,
      from,
      reason: null,
      readyNodes: each.attempt === 1 ? readyNodes(view) : each.readyNodes,
      startedAt: now.toISOString(),
    };
  });
  const held =
    disturbed >= guard
      ? `${disturbed} of ${counted(rollout.clusters.length, "cluster")} ${isOrAre(disturbed)} changing or unhealthy`
      : null;
  return conclude({ ...rollout, clusters }, stage, held, now);
}

/** Why a cluster cannot begin now; undefined if it can. */
function whyNotNow(facts: ClusterFacts, each: RolloutCluster, rollout: RolloutRecord): string | undefined {
  const { view } = facts;
  if (view === undefined) return whyNoView(facts);
  if (isRecordOnly(Object.keys(each.patch ?? rollout.change))) return undefined;
  if (view.status !== "ACTIVE") return `it is ${view.status}`;
  if (view.operation !== null) return `operation ${view.operation} holds it`;
  const isFirst = each.attempt === 1 && rollout.rollbackOf === null;
  if (isFirst && view.reason !== null) return view.reason;
  const { backup } = view;
  if (backup && backup.intervalMinutes > 0 && backup.lastVerifiedAt === null) return "it has no verified backup yet";
  return undefined;
}

/** What a change takes away, so that it can be taken back. */
function formerValues({ spec }: ClusterOutline, change: Patch): Patch {
  const fields = new Map<string, unknown>(Object.entries(spec));
  return Object.fromEntries(
    Object.entries(change).map(([field, value]) => {
      if (field !== "labels" || typeof value !== "object" || value === null) return [field, fields.get(field) ?? null];
      return [field, Object.fromEntries(Object.keys(value).map((key) => [key, spec.labels?.[key] ?? null]))];
    }),
  );
}

/** Which state that is: something runs, all soaks, or nothing can begin, which for long is a reason to stop. */
function conclude(rollout: RolloutRecord, stage: number, held: string | null, now: Date): RolloutRecord {
  const ofStage = rollout.clusters.filter((each) => each.stage === stage);
  const waiting = ofStage.filter(({ state }) => state === "waiting");
  const isRunning = ofStage.some(({ state }) => state === "running");
  const isSoaking = ofStage.some(({ state }) => state === "soaking");
  const isOnItsWay = isRunning || (isSoaking && waiting.length === 0);
  if (isOnItsWay) {
    const state = isRunning ? "running" : "soaking";
    return { ...rollout, state, reason: null, blockedSince: null };
  }
  const first = waiting.find(({ reason }) => reason !== null);
  const reason = held ?? (first ? `${first.cluster} waits: ${first.reason}` : null);
  const since = isSoaking ? null : (rollout.blockedSince ?? now.toISOString());
  if (since !== null && now.getTime() - Date.parse(since) >= BLOCKED_MS)
    return halt(rollout, "stopped", `nothing could begin for 30 minutes: ${reason}`);
  return { ...rollout, state: "running", reason, blockedSince: since };
}
