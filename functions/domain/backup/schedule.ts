import { createHash } from "node:crypto";
import type { BackupFacts } from "./backup-records.ts";

const MINUTE_MS = 60_000;
/** After a failure it is tried again this soon, even if the interval is longer. */
const RETRY_MINUTES = 15;
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

/** A failure is reported at once, and then every six hours while it lasts. */
const REPORT_MS = 6 * HOUR_MS;

export function isReportDue({ failureReportedAt }: Pick<BackupFacts, "failureReportedAt">, now: Date): boolean {
  return failureReportedAt === null || Math.abs(now.getTime() - Date.parse(failureReportedAt)) >= REPORT_MS;
}

/** What is wrong with a cluster's backups, a phrase each; nothing of a cluster whose first backup is still to come. */
export function backupProblems(
  intervalMinutes: number,
  facts: Pick<BackupFacts, "lastVerifiedAt" | "lastError">,
  times: { readonly createdAt: string; readonly now: Date },
): string[] {
  const lateness = backupLateness(intervalMinutes, facts, times);
  if (!lateness?.late) return [];
  const why = facts.lastError === null ? "" : ` (${facts.lastError})`;
  return [`no backup was verified for ${minutes(lateness.ageSeconds)}${why}`];
}

function minutes(seconds: number): string {
  return seconds < 7200 ? `${Math.floor(seconds / 60)} minutes` : `${Math.floor(seconds / 3600)} hours`;
}
