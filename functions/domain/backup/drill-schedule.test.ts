import { expect, test } from "vitest";
import { type BackupFacts, NO_BACKUPS } from "./backup-records.ts";
import { drillLateness, drillProblems, dueDrill } from "./drill-schedule.ts";

const UID = "01kb8q5y00000000000000test";
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const CREATED = "2026-11-01T12:00:00.000Z";
function later(ms: number): Date {
  return new Date(Date.parse(CREATED) + ms);
}
function facts(change: Partial<BackupFacts> = {}): BackupFacts {
  return { ...NO_BACKUPS, lastOkId: "2026-11-01T121500Z-4f1c", ...change };
}
function due(known: BackupFacts, now: Date, schedule: "weekly" | "off" = "weekly") {
  return dueDrill(UID, schedule, known, { createdAt: CREATED, now });
}

test("1.8: each week has one drill, however often the reconciler looks and whatever it misses", () => {
  const begun = new Set<string>();
  let known = facts();
  for (let hour = 0; hour < 28 * 24; hour++) {
    // Of each ten looks seven are missed.
    if (hour % 10 > 2) continue;
    const name = due(known, later(hour * HOUR));
    if (name === undefined) continue;
    expect(due(known, later(hour * HOUR))).toBe(name);
    begun.add(name);
    known = facts({ lastDrillTriedAt: later(hour * HOUR).toISOString() });
  }

  expect(begun.size).toBe(4);
});

test("a cluster without a backup has none, nor one that wants none, nor one that was just created", () => {
  expect(due(NO_BACKUPS, later(30 * DAY))).toBeUndefined();
  expect(due(facts(), later(30 * DAY), "off")).toBeUndefined();
  // Whenever in its week a cluster was created, nothing is launched for it on its first day.
  for (let hour = 0; hour < 7 * 24; hour++) {
    const createdAt = later(hour * HOUR).toISOString();
    const times = { createdAt, now: later((hour + 23) * HOUR) };
    expect(dueDrill(UID, "weekly", facts(), times)).toBeUndefined();
  }
  expect(due(facts(), later(30 * DAY))).toMatch(/^drill-01kb8q5y00000000000000test-\d+$/);
});

test("one that failed is tried again the next day", () => {
  const failed = facts({ lastDrillTriedAt: later(0).toISOString(), lastDrillError: "its host ended" });

  expect(due(failed, later(60_000))).toBeUndefined();
  expect(due(failed, later(DAY))).toMatch(/^drill-/);
});

test("1.8: it is late after eight days, with the reason", () => {
  const passed = facts({ lastDrillOkAt: later(DAY).toISOString() });
  const times = (days: number) => ({ createdAt: CREATED, now: later(days * DAY) });

  expect(drillLateness("weekly", passed, times(9))).toEqual({ ageSeconds: 8 * 86_400, late: false });
  expect(drillProblems("weekly", passed, times(9))).toEqual([]);
  expect(drillProblems("weekly", { ...passed, lastDrillError: "no capacity" }, times(10))).toEqual([
    "no drill of a backup has passed for 9 days (no capacity)",
  ]);
  expect(drillProblems("weekly", facts(), times(10))).toEqual(["no drill of a backup has passed for 10 days"]);
  expect([drillLateness("off", passed, times(99)), drillLateness("weekly", NO_BACKUPS, times(99))]).toEqual([
    undefined,
    undefined,
  ]);
});
