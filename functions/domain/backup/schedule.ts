import { createHash } from "node:crypto";
import type { BackupFacts } from "./backup-records.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** After a failure it is tried again this soon, even if the interval is longer. */
const RETRY_MINUTES = 15;
/** A day passes before the first drill of a cluster; after a failed one, too. */
const DRILL_RETRY_DAYS = 1;

export const DRILL_DAYS = { daily: 1, weekly: 7, monthly: 30 } as const;
export type DrillInterval = keyof typeof DRILL_DAYS | "off";

/** Clusters of an account begin at different moments, by their uid. */
function offsetMs(uid: string, widthMs: number): number {
  return createHash("sha256").update(uid).digest().readUInt32BE(0) % widthMs;
}

/** The number of the period in which a moment lies. */
export function slotOf(uid: string, widthMs: number, time: number): number {
  return Math.floor((time + offsetMs(uid, widthMs)) / widthMs);
}

/**
 * The name of the execution that takes the backup of the current slot, or undefined if it was begun already. A doubled
 * event gives the same name, and a missed one is made up for a minute later.
 */
export function dueBackup(
  uid: string,
  intervalMinutes: number,
  facts: Pick<BackupFacts, "lastTriedAt" | "lastError">,
  now: Date,
): string | undefined {
  if (intervalMinutes === 0) return undefined;
  const minutes = facts.lastError === null ? intervalMinutes : Math.min(intervalMinutes, RETRY_MINUTES);
  const slot = slotOf(uid, minutes * MINUTE_MS, now.getTime());
  const begun = facts.lastTriedAt !== null && slotOf(uid, minutes * MINUTE_MS, Date.parse(facts.lastTriedAt)) === slot;
  return begun ? undefined : `backup-${uid}-${slot}`;
}

/** The same for drills: one a period, and a day after one that failed. It needs a backup. */
export function dueDrill(
  uid: string,
  drill: DrillInterval,
  facts: Pick<BackupFacts, "lastDrillTriedAt" | "lastDrillError" | "lastVerifiedId">,
  times: { readonly createdAt: string; readonly now: Date },
): string | undefined {
  if (drill === "off" || facts.lastVerifiedId === null) return undefined;
  const days = facts.lastDrillTriedAt !== null && facts.lastDrillError === null ? DRILL_DAYS[drill] : DRILL_RETRY_DAYS;
  const since = Date.parse(facts.lastDrillTriedAt ?? times.createdAt);
  const now = times.now.getTime();
  // A clock that jumped back by more than the period begins one, too.
  return Math.abs(now - since) < days * DAY_MS ? undefined : `drill-${uid}-${slotOf(uid, DAY_MS, now)}`;
}

const HOUR_MS = 60 * MINUTE_MS;
const LATE_ALARM_MS = 24 * HOUR_MS;

export interface Lateness {
  /** Of the last verified backup, or of the cluster where there is none. */
  readonly ageSeconds: number;
  /** Worth an event. */
  readonly late: boolean;
  /** Worth waking somebody. */
  readonly overdue: boolean;
}

/** How old the last verified backup is, by what the interval promises; undefined where backups are off. */
export function backupLateness(
  intervalMinutes: number,
  { lastVerifiedAt }: Pick<BackupFacts, "lastVerifiedAt">,
  { createdAt, now }: { readonly createdAt: string; readonly now: Date },
): Lateness | undefined {
  if (intervalMinutes === 0) return undefined;
  const ageMs = Math.max(0, now.getTime() - Date.parse(lastVerifiedAt ?? createdAt));
  const interval = intervalMinutes * MINUTE_MS;
  return {
    ageSeconds: Math.floor(ageMs / 1000),
    late: ageMs > 2 * interval + 10 * MINUTE_MS,
    overdue: ageMs > Math.max(LATE_ALARM_MS, 4 * interval),
  };
}

/** Seconds since the last drill that passed, and whether one more day has gone by than there should; undefined if off. */
export function drillLateness(
  drill: DrillInterval,
  { lastDrillOkAt }: Pick<BackupFacts, "lastDrillOkAt">,
  { createdAt, now }: { readonly createdAt: string; readonly now: Date },
): Omit<Lateness, "late"> | undefined {
  if (drill === "off") return undefined;
  const ageMs = Math.max(0, now.getTime() - Date.parse(lastDrillOkAt ?? createdAt));
  return { ageSeconds: Math.floor(ageMs / 1000), overdue: ageMs > (DRILL_DAYS[drill] + 1) * DAY_MS };
}

/** A failure is reported at once, and then every six hours while it lasts. */
const REPORT_MS = 6 * HOUR_MS;

export function isReportDue({ failureReportedAt }: Pick<BackupFacts, "failureReportedAt">, now: Date): boolean {
  return failureReportedAt === null || Math.abs(now.getTime() - Date.parse(failureReportedAt)) >= REPORT_MS;
}
