import type { ClusterView } from "../api/views.ts";
import { isRecordOnly } from "../spec/spec-change.ts";
import { counted, isOrAre } from "../text/counted.ts";
import { refText } from "./fleet-records.ts";
import { type ClusterFacts, observeCluster, readyNodes } from "./rollout-observe.ts";
import { isEnded, type Patch, type RolloutCluster, type RolloutRecord } from "./rollout-records.ts";
import { concurrencyOf } from "./strategy.ts";

/** By {@link refText}. */
export type RolloutFacts = ReadonlyMap<string, ClusterFacts>;

export interface RolloutPlan {
  /** The roll-out as it is now: to be recorded before anything is sent. */
  readonly rollout: RolloutRecord;
  /** Clusters whose change is to be sent, each under the key of its attempt. */
  readonly send: readonly RolloutCluster[];
}

/** So long nothing runs and nothing can begin; then somebody has to look. */
const BLOCKED_MS = 30 * 60_000;
/** Of all clusters, this part may be changing or unhealthy together, whatever the strategy says. */
const GUARD = 0.1;
const DISTURBED: ReadonlySet<string> = new Set(["UPDATING", "DEGRADED", "REPAIRING"]);

/** The next actions of a roll-out. It reads nothing and changes nothing; the same facts give the same plan. */
export function planRollout(rollout: RolloutRecord, facts: RolloutFacts, now: Date): RolloutPlan {
  const clusters = rollout.clusters.map((each) => observe(each, rollout, facts, now));
  const seen = { ...rollout, clusters };
  if (seen.state === "paused" || seen.state === "stopped") return halt(seen, seen.state, seen.reason);
  if (seen.state === "done") return { rollout: seen, send: [] };
  const failed = tooManyFailures(seen);
  if (failed !== undefined) return halt(seen, "stopped", failed);
  const stage = Math.min(...clusters.flatMap((each) => (isEnded(each) ? [] : [each.stage])));
  const definition = seen.strategy.stages[stage];
  if (definition === undefined) return finish(seen, now);
  if (waitsForApproval(seen, stage)) {
    const [gate] = definition.before;
    const reason = `stage ${definition.name} waits for an approval by an ${gate?.by}`;
    return { rollout: { ...seen, state: "waiting-approval", reason, blockedSince: null }, send: [] };
  }
  return begin(seen, stage, facts, now);
}

function observe(each: RolloutCluster, { strategy }: RolloutRecord, facts: RolloutFacts, now: Date): RolloutCluster {
  const soakMinutes = strategy.stages[each.stage]?.soakMinutes ?? 0;
  return observeCluster(each, facts.get(refText(each)) ?? { view: undefined }, soakMinutes, now);
}

function finish(rollout: RolloutRecord, now: Date): RolloutPlan {
  const failed = rollout.clusters.filter(({ state }) => state === "failed").length;
  const reason = failed === 0 ? null : `${counted(failed, "cluster")} failed`;
  return {
    rollout: { ...rollout, state: "done", reason, finishedAt: now.toISOString(), blockedSince: null },
    send: [],
  };
}

/** Nothing new begins. What was to be sent and may not have been is sent again, under the same key, when it resumes. */
function halt(rollout: RolloutRecord, state: "paused" | "stopped", reason: string | null): RolloutPlan {
  const clusters = rollout.clusters.map((each) =>
    each.state === "running" && !each.sent ? { ...each, state: "waiting" as const, startedAt: null } : each,
  );
  return { rollout: { ...rollout, clusters, state, reason, blockedSince: null }, send: [] };
}

export function tooManyFailures({ strategy, clusters }: RolloutRecord): string | undefined {
  for (const [index, { name, maxFailures }] of strategy.stages.entries()) {
    const failed = clusters.filter(({ stage, state }) => stage === index && state === "failed");
    const [first] = failed.slice(maxFailures);
    if (first) return `${counted(failed.length, "cluster")} of stage ${name} failed; ${first.cluster}: ${first.reason}`;
  }
  return undefined;
}

function waitsForApproval({ strategy, clusters, approvals }: RolloutRecord, stage: number): boolean {
  const hasGate = (strategy.stages[stage]?.before.length ?? 0) > 0;
  const hasBegun = clusters.some(
    (each) => each.stage === stage && each.state !== "waiting" && each.state !== "skipped",
  );
  return hasGate && !hasBegun && !approvals.some((approval) => approval.stage === stage);
}

/** How many of all clusters may be changing or unhealthy together. */
function guardOf(clusters: number): number {
  return Math.max(1, Math.floor(clusters * GUARD));
}

/** Begins what may begin in the stage. */
function begin(rollout: RolloutRecord, stage: number, facts: RolloutFacts, now: Date): RolloutPlan {
  const definition = rollout.strategy.stages[stage];
  const ofStage = rollout.clusters.filter((each) => each.stage === stage);
  const running = ofStage.filter(({ state }) => state === "running").length;
  const disturbed = rollout.clusters.filter((each) => isDisturbed(each, facts)).length;
  const guard = guardOf(rollout.clusters.length);
  const limit = definition ? concurrencyOf(definition, ofStage.length) : 1;
  let room = Math.min(guard - disturbed, limit - running);
  const clusters = rollout.clusters.map((each): RolloutCluster => {
    if (each.stage !== stage || each.state !== "waiting") return each;
    const view = facts.get(refText(each))?.view;
    const why = whyNotNow(view, each, rollout);
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

/** It is changing, or is to be, or is not healthy. One whose endpoint does not answer may be anything. */
function isDisturbed(each: RolloutCluster, facts: RolloutFacts): boolean {
  if (each.state === "running") return true;
  if (each.state === "skipped") return false;
  const view = facts.get(refText(each))?.view;
  return view === undefined || DISTURBED.has(view.status);
}

/** Why a cluster cannot begin now; undefined if it can. */
function whyNotNow(view: ClusterView | undefined, each: RolloutCluster, rollout: RolloutRecord): string | undefined {
  if (view === undefined) return "its endpoint does not answer, or has no such cluster";
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
function formerValues({ spec }: ClusterView, change: Patch): Patch {
  const fields = new Map<string, unknown>(Object.entries(spec));
  return Object.fromEntries(
    Object.entries(change).map(([field, value]) => {
      if (field !== "labels" || typeof value !== "object" || value === null) return [field, fields.get(field) ?? null];
      return [field, Object.fromEntries(Object.keys(value).map((key) => [key, spec.labels?.[key] ?? null]))];
    }),
  );
}

/** Which state that is: something runs, all soaks, or nothing can begin, which for long is a reason to stop. */
function conclude(rollout: RolloutRecord, stage: number, held: string | null, now: Date): RolloutPlan {
  const ofStage = rollout.clusters.filter((each) => each.stage === stage);
  const send = rollout.clusters.filter(({ state, sent }) => state === "running" && !sent);
  const waiting = ofStage.filter(({ state }) => state === "waiting");
  const isRunning = ofStage.some(({ state }) => state === "running");
  const isSoaking = ofStage.some(({ state }) => state === "soaking");
  const isOnItsWay = isRunning || (isSoaking && waiting.length === 0);
  if (isOnItsWay) {
    const state = isRunning ? "running" : "soaking";
    return { rollout: { ...rollout, state, reason: null, blockedSince: null }, send };
  }
  const first = waiting.find(({ reason }) => reason !== null);
  const reason = held ?? (first ? `${first.cluster} waits: ${first.reason}` : null);
  const since = isSoaking ? null : (rollout.blockedSince ?? now.toISOString());
  if (since !== null && now.getTime() - Date.parse(since) >= BLOCKED_MS)
    return halt(rollout, "stopped", `nothing could begin for 30 minutes: ${reason}`);
  return { rollout: { ...rollout, state: "running", reason, blockedSince: since }, send };
}
