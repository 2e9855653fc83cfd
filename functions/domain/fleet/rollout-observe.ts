import type { ClusterOutline, OperationView } from "../api/views.ts";
import { counted, isOrAre } from "../text/counted.ts";
import type { RolloutCluster } from "./rollout-records.ts";

/** What is known of a cluster of a roll-out. Without a view it is not there, or its endpoint does not answer. */
export interface ClusterFacts {
  readonly view: ClusterOutline | undefined;
  /** Since when its endpoint does not answer. */
  readonly unknownSince?: string;
  /** The operation of this attempt, if there is one. */
  readonly operation?: Pick<OperationView, "status" | "error" | "finishedAt"> | undefined;
}

const MINUTE_MS = 60_000;
/** So long a cluster may be unhealthy after its change, a repair included, or busy, or out of reach. */
const LONG_MS = 30 * MINUTE_MS;
/** A change that a repair superseded is sent so often. */
const MAX_ATTEMPTS = 3;

/** What has become of a cluster of a roll-out since it was last looked at. */
export function observeCluster(
  each: RolloutCluster,
  facts: ClusterFacts,
  soakMinutes: number,
  now: Date,
): RolloutCluster {
  const isGone = facts.view?.status === "DELETED" || facts.view?.status === "DELETING";
  if (isGone && (each.state === "waiting" || each.state === "running" || each.state === "soaking"))
    return { ...each, state: "skipped", reason: "it was deleted" };
  if (each.state === "waiting" && isLong(each.busySince, now))
    return { ...each, state: "failed", reason: `busy for 30 minutes: ${each.reason}` };
  if (each.state === "running" && !each.sent) return observeUnsent(each, facts, now);
  if (each.state === "running") return observeRunning(each, facts, soakMinutes, now);
  if (each.state === "soaking") return observeSoaking(each, facts, soakMinutes, now);
  return each;
}

function observeUnsent(each: RolloutCluster, facts: ClusterFacts, now: Date): RolloutCluster {
  if (!isLong(each.drainUntil ?? each.startedAt, now)) return each;
  const why = facts.unknownSince === undefined ? "" : `: ${whyNoView(facts)}`;
  return { ...each, state: "failed", reason: `its change could not be sent for 30 minutes${why}` };
}

function observeRunning(each: RolloutCluster, facts: ClusterFacts, soakMinutes: number, now: Date): RolloutCluster {
  const { view, operation } = facts;
  // Nothing had to be done.
  if (each.operation === null) return { ...each, state: "ok", reason: null };
  if (operation === undefined)
    return failedIfLong({ ...each, unhealthySince: each.unhealthySince ?? now.toISOString() }, facts, now);
  if (operation.status === "RUNNING") return { ...each, unhealthySince: null };
  if (operation.status === "FAILED") {
    // A repair took the cluster in the middle of the change, which is sent again.
    if (operation.error?.name === "LeaseLost" && each.attempt < MAX_ATTEMPTS)
      return again({ ...each, reason: "a repair superseded its change" });
    return { ...each, state: "failed", reason: operation.error?.message ?? "its operation failed" };
  }
  const endedAt = operation.finishedAt ?? now.toISOString();
  if (view && isHealthy(view, each)) {
    const changed = { ...each, reason: null, unhealthySince: null };
    if (soakMinutes === 0) return { ...changed, state: "ok" };
    return { ...changed, state: "soaking", soakUntil: after(now, soakMinutes) };
  }
  return failedIfLong({ ...each, unhealthySince: each.unhealthySince ?? endedAt }, facts, now);
}

function observeSoaking(each: RolloutCluster, facts: ClusterFacts, soakMinutes: number, now: Date): RolloutCluster {
  const { view } = facts;
  if (!view || !isHealthy(view, each))
    return failedIfLong({ ...each, unhealthySince: each.unhealthySince ?? now.toISOString() }, facts, now);
  // It soaks as long as was asked for without an interruption.
  if (each.unhealthySince !== null) return { ...each, unhealthySince: null, soakUntil: after(now, soakMinutes) };
  const isOver = each.soakUntil === null || Date.parse(each.soakUntil) <= now.getTime();
  return isOver ? { ...each, state: "ok" } : each;
}

/** The change again, as another operation. */
export function again(each: RolloutCluster): RolloutCluster {
  const blank = { operation: null, sent: false, startedAt: null, soakUntil: null, busySince: null };
  return { ...each, ...blank, unhealthySince: null, state: "waiting", attempt: each.attempt + 1 };
}

/** Why nothing counts that is known of a cluster. */
export function whyNoView({ unknownSince }: ClusterFacts): string {
  if (unknownSince === undefined) return "its endpoint does not answer, or has no such cluster";
  return `its endpoint does not answer since ${unknownSince}`;
}

function failedIfLong(each: RolloutCluster, facts: ClusterFacts, now: Date): RolloutCluster {
  if (!isLong(each.unhealthySince, now)) return each;
  const what = facts.view ? stateOf(facts.view) : whyNoView(facts);
  return { ...each, state: "failed", reason: `not healthy for 30 minutes after its change: ${what}` };
}

function stateOf({ status, quorum: { healthy, size }, nodes }: ClusterOutline): string {
  if (status !== "ACTIVE") return `it is ${status}`;
  if (healthy < size) return `it is ACTIVE, and ${healthy} of ${counted(size, "member")} ${isOrAre(size)} healthy`;
  return `it is ACTIVE, and ${readyNodes({ nodes })} of ${counted(nodes.length, "node")} ${isOrAre(nodes.length)} ready`;
}

/** Active, held by nothing, every member of etcd healthy, and no fewer nodes ready than before, but for those taken away. */
function isHealthy(view: ClusterOutline, { readyNodes: before }: RolloutCluster): boolean {
  const { status, operation, quorum, spec } = view;
  const isWhole = status === "ACTIVE" && operation === null && quorum.healthy === quorum.size;
  return isWhole && readyNodes(view) >= Math.min(before, spec.nodeCount);
}

export function readyNodes({ nodes }: Pick<ClusterOutline, "nodes">): number {
  return nodes.filter(({ ready }) => ready).length;
}

function isLong(since: string | null, now: Date): boolean {
  return since !== null && now.getTime() - Date.parse(since) >= LONG_MS;
}

function after(now: Date, minutes: number): string {
  return new Date(now.getTime() + minutes * MINUTE_MS).toISOString();
}
