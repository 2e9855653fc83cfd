import type { BackupFacts } from "./backup-records.ts";
import { slotOf } from "./schedule.ts";

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
/** A weekly drill that is a day late. */
const LATE_MS = 8 * DAY_MS;

export type DrillSchedule = "weekly" | "off";

type DrillFacts = Pick<BackupFacts, "lastOkId" | "lastDrillTriedAt" | "lastDrillOkAt" | "lastDrillError">;

interface Times {
  readonly createdAt: string;
  readonly now: Date;
}

/**
 * The name of the execution that runs the drill of the current week, or undefined if it was begun, or there is no backup
 * to try. A new cluster's first drill is that of its next week, after a day at least. After one that failed, it is tried
 * again each day.
 */
export function dueDrill(
  uid: string,
  schedule: DrillSchedule,
  { lastOkId, lastDrillTriedAt, lastDrillError }: DrillFacts,
  { createdAt, now }: Times,
): string | undefined {
  if (schedule === "off" || lastOkId === null) return undefined;
  if (now.getTime() - Date.parse(createdAt) < DAY_MS) return undefined;
  const width = lastDrillError === null ? WEEK_MS : DAY_MS;
  const slot = slotOf(uid, width, now.getTime());
  const begun = slotOf(uid, width, Date.parse(lastDrillTriedAt ?? createdAt)) === slot;
  return begun ? undefined : `drill-${uid}-${slot}`;
}

export interface DrillLateness {
  /** Of the last drill that passed, or of the cluster where there is none. */
  readonly ageSeconds: number;
  readonly late: boolean;
}

/** How old the last drill is; undefined where drills are off, or there is nothing to try. */
export function drillLateness(
  schedule: DrillSchedule,
  { lastOkId, lastDrillOkAt }: DrillFacts,
  { createdAt, now }: Times,
): DrillLateness | undefined {
  if (schedule === "off" || lastOkId === null) return undefined;
  const ageMs = Math.max(0, now.getTime() - Date.parse(lastDrillOkAt ?? createdAt));
  return { ageSeconds: Math.floor(ageMs / 1000), late: ageMs > LATE_MS };
}

/** What is wrong with a cluster's drills, a phrase each. */
export function drillProblems(schedule: DrillSchedule, facts: DrillFacts, times: Times): string[] {
  const lateness = drillLateness(schedule, facts, times);
  if (!lateness?.late) return [];
  const why = facts.lastDrillError === null ? "" : ` (${facts.lastDrillError})`;
  return [`no drill of a backup has passed for ${Math.floor((lateness.ageSeconds * 1000) / DAY_MS)} days${why}`];
}
