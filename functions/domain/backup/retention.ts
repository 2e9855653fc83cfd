/** What is kept, by age: everything, then one an hour, then one a day; older ones go. */
export interface Retention {
  readonly allHours: number;
  readonly hourlyDays: number;
  readonly dailyDays: number;
}

export interface RetainedBackup {
  readonly id: string;
  readonly takenAt: string;
  readonly epoch: number;
  readonly verified: boolean;
  readonly pinned: boolean;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Nothing younger goes, whatever the tiers say. */
const YOUNG_MS = HOUR_MS;
/** Removed in one run; the rest follows with the next backup. */
const MAX_REMOVED = 100;

/**
 * The ids of backups that go, the oldest first. Of an hour or a day the first verified one stays, or the first. The
 * newest verified one, the newest of each epoch, pinned ones and young ones stay. Times in the future, after a clock
 * jumped back, count as young.
 */
export function planRetention(backups: readonly RetainedBackup[], retention: Retention, now: Date): string[] {
  const inOrder = backups
    .map((backup) => ({ ...backup, time: Date.parse(backup.takenAt) }))
    .toSorted((a, b) => a.time - b.time || (a.id < b.id ? -1 : 1));
  const kept = new Set([...protectedIds(inOrder), ...idsOfTiers(inOrder, retention, now)]);
  return inOrder
    .filter(({ id }) => !kept.has(id))
    .slice(0, MAX_REMOVED)
    .map(({ id }) => id);
}

interface TimedBackup extends RetainedBackup {
  /** When it was taken, in epoch milliseconds. */
  readonly time: number;
}

function protectedIds(inOrder: readonly RetainedBackup[]): string[] {
  const newest = new Map(inOrder.map(({ epoch, id }) => [epoch, id]));
  const verified = inOrder.findLast((each) => each.verified)?.id;
  const pinned = inOrder.filter((each) => each.pinned).map(({ id }) => id);
  return [...newest.values(), ...(verified === undefined ? [] : [verified]), ...pinned];
}

function idsOfTiers(inOrder: readonly TimedBackup[], retention: Retention, now: Date): string[] {
  const within = (maxMs: number) => inOrder.filter(({ time }) => now.getTime() - time < maxMs);
  return [
    ...within(Math.max(YOUNG_MS, retention.allHours * HOUR_MS)).map(({ id }) => id),
    ...firstOfEach(within(retention.hourlyDays * DAY_MS), HOUR_MS),
    ...firstOfEach(within(retention.dailyDays * DAY_MS), DAY_MS),
  ];
}

/** The first verified one of each period, or its first. It stays the same one while the period ages. */
function firstOfEach(inOrder: readonly TimedBackup[], periodMs: number): string[] {
  const periods = Map.groupBy(inOrder, ({ time }) => Math.floor(time / periodMs));
  return [...periods.values()].flatMap((group) => (group.find(({ verified }) => verified) ?? group[0])?.id ?? []);
}
