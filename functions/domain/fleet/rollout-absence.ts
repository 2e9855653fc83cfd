import type { RolloutCluster, RolloutRecord } from "./rollout-records.ts";

const MINUTE_MS = 60_000;
/** It is written down that somebody looked, at most so often. */
const NOTE_MS = 2 * MINUTE_MS;
/** Nobody looks for longer than this only where the hub itself was away. */
const ABSENT_MS = 5 * MINUTE_MS;

/**
 * The roll-out as if its clock had stood still while nobody looked: nothing fails because the hub was away. Whoever looks
 * is written down.
 */
export function withoutAbsence(rollout: RolloutRecord, now: Date): RolloutRecord {
  const away = rollout.lookedAt === null ? 0 : now.getTime() - Date.parse(rollout.lookedAt);
  if (rollout.lookedAt !== null && away < NOTE_MS) return rollout;
  const looked = { ...rollout, lookedAt: now.toISOString() };
  if (away < ABSENT_MS) return looked;
  const later = (time: string | null) => time && new Date(Date.parse(time) + away).toISOString();
  const clusters = rollout.clusters.map((each): RolloutCluster => {
    const waits = { busySince: later(each.busySince), unhealthySince: later(each.unhealthySince) };
    if (each.state !== "running") return { ...each, ...waits };
    if (!each.sent) return { ...each, ...waits, startedAt: later(each.startedAt) };
    // Its operation may have ended long ago: it is looked at for the first time now.
    return { ...each, ...waits, unhealthySince: waits.unhealthySince ?? now.toISOString() };
  });
  const check = rollout.check && { ...rollout.check, since: later(rollout.check.since) ?? rollout.check.since };
  return { ...looked, clusters, check, blockedSince: later(rollout.blockedSince) };
}
