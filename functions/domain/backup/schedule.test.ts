import { expect, test } from "vitest";
import { NO_BACKUPS } from "./backup-records.ts";
import { backupLateness, dueBackup, isReportDue, slotOf } from "./schedule.ts";

const UID = "01kb8q5y00000000000000test";
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const QUARTER = 15 * MINUTE;
const NOW = new Date("2026-11-29T12:00:00Z");
function later(ms: number) {
  return new Date(NOW.getTime() + ms);
}
function triedAt(time: Date, lastError: string | null = null) {
  return { lastTriedAt: time.toISOString(), lastError };
}

test("an event that comes twice names the same execution, and one that was begun names none", () => {
  const name = dueBackup(UID, 15, NO_BACKUPS, NOW);

  expect(name).toBe(`backup-${UID}-${slotOf(UID, QUARTER, NOW.getTime())}`);
  expect(dueBackup(UID, 15, NO_BACKUPS, NOW)).toBe(name);
  expect(dueBackup(UID, 15, triedAt(NOW), NOW)).toBeUndefined();
});

test("each quarter of an hour has one, however many minutes are missed", () => {
  const begun = new Set<string>();
  let facts: { lastTriedAt: string | null; lastError: null } = NO_BACKUPS as never;
  for (let minute = 0; minute < 240; minute++) {
    // Of each ten events seven are lost.
    if (minute % 10 > 2) continue;
    const due = dueBackup(UID, 15, facts, later(minute * MINUTE));
    if (due === undefined) continue;
    begun.add(due);
    facts = { lastTriedAt: later(minute * MINUTE).toISOString(), lastError: null };
  }

  expect(begun.size).toBeGreaterThanOrEqual(16);
  expect(begun.size).toBeLessThanOrEqual(17);
});

test("after a failure it is tried again within a quarter of an hour, though one a day was asked for", () => {
  const after = later(QUARTER);

  expect(dueBackup(UID, 1440, triedAt(NOW, "S3 throttles"), after)).toBe(
    `backup-${UID}-${slotOf(UID, QUARTER, after.getTime())}`,
  );
  expect(dueBackup(UID, 1440, triedAt(NOW), later(MINUTE))).toBeUndefined();
});

test("0 is off", () => {
  expect(dueBackup(UID, 0, NO_BACKUPS, NOW)).toBeUndefined();
  expect(backupLateness(0, NO_BACKUPS, { createdAt: "2020-01-01T00:00:00Z", now: NOW })).toBeUndefined();
});

test("clusters begin at different moments of their period", () => {
  const slots = ["one", "two", "three", "four", "five"].map((uid) =>
    Array.from({ length: 15 }, (_, minute) => slotOf(uid, QUARTER, minute * MINUTE)).findIndex((slot) => slot > 0),
  );

  expect(new Set(slots).size).toBeGreaterThan(2);
});

test("a backup is late after two intervals and ten minutes, and overdue after a day or four intervals", () => {
  const facts = { lastVerifiedAt: NOW.toISOString() };
  const lateness = (minutes: number, interval = 15) =>
    backupLateness(interval, facts, { createdAt: "2026-01-01T00:00:00Z", now: later(minutes * MINUTE) });

  expect(lateness(40)).toEqual({ ageSeconds: 2400, late: false, overdue: false });
  expect(lateness(41)).toEqual({ ageSeconds: 2460, late: true, overdue: false });
  expect(lateness(1441)).toEqual({ ageSeconds: 86_460, late: true, overdue: true });
  expect(lateness(1441, 1440)).toEqual({ ageSeconds: 86_460, late: false, overdue: false });
  expect(lateness(4 * 1440 + 1, 1440)).toMatchObject({ late: true, overdue: true });
  expect(backupLateness(15, { lastVerifiedAt: null }, { createdAt: NOW.toISOString(), now: later(DAY + 1) })).toEqual({
    ageSeconds: 86_400,
    late: true,
    overdue: true,
  });
});

test("a failure that lasts is reported at once and then each six hours", () => {
  const reported = { failureReportedAt: NOW.toISOString() };

  expect(isReportDue({ failureReportedAt: null }, NOW)).toBe(true);
  expect(isReportDue(reported, later(6 * 60 * MINUTE - 1))).toBe(false);
  expect(isReportDue(reported, later(6 * 60 * MINUTE))).toBe(true);
});
