import { expect, test } from "vitest";
import { planRetention, type RetainedBackup } from "./retention.ts";

const RETENTION = { allHours: 6, hourlyDays: 7, dailyDays: 90 };
const START = Date.parse("2026-01-01T00:07:00Z");
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

function backup(time: number, change: Partial<RetainedBackup> = {}): RetainedBackup {
  const takenAt = new Date(time).toISOString();
  return { id: takenAt, takenAt, epoch: 1, verified: true, pinned: false, ...change };
}

function without(backups: readonly RetainedBackup[], ids: readonly string[]): RetainedBackup[] {
  const gone = new Set(ids);
  return backups.filter(({ id }) => !gone.has(id));
}

/** One backup each quarter of an hour for so many days, with a retention after each. */
function simulate(days: number, each = (time: number) => backup(time)): { kept: RetainedBackup[]; end: number } {
  let kept: RetainedBackup[] = [];
  let end = START;
  for (let time = START; time < START + days * DAY; time += 15 * MINUTE) {
    kept = [...kept, each(time)];
    end = time + MINUTE;
    kept = without(kept, planRetention(kept, RETENTION, new Date(end)));
  }
  return { kept, end };
}

test("1.10.12: over a hundred days exactly the tiers are kept: all of 6 h, one an hour of 7 days, one a day of 90", () => {
  const { kept, end } = simulate(100);

  const ages = kept.map(({ takenAt }) => end - Date.parse(takenAt));
  const within = (from: number, to: number) => ages.filter((age) => age >= from && age < to);
  expect(within(0, 6 * HOUR).length).toBe(24);
  expect(within(6 * HOUR, 7 * DAY).length).toBe(162);
  expect(within(7 * DAY, 90 * DAY).length).toBe(83);
  expect(within(90 * DAY, Number.POSITIVE_INFINITY).length).toBe(0);
  // Nothing between two that are kept is more than an hour, or a day, apart.
  const gaps = kept
    .slice(1)
    .map(({ takenAt }, index) => Date.parse(takenAt) - Date.parse(kept[index]?.takenAt ?? takenAt));
  expect(Math.max(...gaps.slice(-150))).toBe(HOUR);
  expect(Math.max(...gaps)).toBe(DAY);
});

test("1.10.12: after the clock jumps back nothing young is deleted", () => {
  const { kept } = simulate(3);
  const young = kept.slice(-24).map(({ id }) => id);

  for (const back of [HOUR, DAY, 365 * DAY]) {
    const gone = planRetention(kept, RETENTION, new Date(START + 3 * DAY - back));
    expect(gone.filter((id) => young.includes(id))).toEqual([]);
  }
});

test("a clock that jumps far ahead takes a hundred at most, and never the newest verified, pinned, or last of an epoch", () => {
  const { kept, end } = simulate(10);
  const marked = kept.map((each, index) => ({
    ...each,
    epoch: index < 50 ? 1 : 2,
    pinned: index === 3,
    verified: index < kept.length - 5,
  }));

  const gone = planRetention(marked, RETENTION, new Date(end + 3650 * DAY));
  expect(gone.length).toBe(100);
  expect(gone).not.toContain(marked[3]?.id);
  expect(gone).not.toContain(marked[49]?.id);
  const all = [1, 2, 3, 4, 5].reduce(
    (left) => without(left, planRetention(left, RETENTION, new Date(end + 3650 * DAY))),
    marked as readonly RetainedBackup[],
  );
  expect(all.map(({ id }) => id)).toEqual([3, 49, marked.length - 6, marked.length - 1].map((at) => marked[at]?.id));
});

test("of an hour the first verified one stays, whatever came before it", () => {
  const hour = Date.parse("2026-01-01T10:00:00Z");
  const four = [0, 15, 30, 45].map((minute) => backup(hour + minute * MINUTE, { verified: minute > 0 }));
  const later = backup(hour + 2 * DAY);

  const gone = planRetention([...four, later], RETENTION, new Date(hour + 2 * DAY));

  expect(gone).toEqual([0, 30, 45].map((minute) => new Date(hour + minute * MINUTE).toISOString()));
});

test("nothing younger than an hour goes, even if the spec keeps none", () => {
  const none = { allHours: 0, hourlyDays: 0, dailyDays: 0 };
  const now = START + DAY;
  const backups = [90, 59, 30, 1].map((minutes) => backup(now - minutes * MINUTE, { verified: false }));

  expect(planRetention(backups, none, new Date(now))).toEqual([backups[0]?.id]);
});
