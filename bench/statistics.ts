/** Median and range of some durations in milliseconds. */
export interface Summary {
  readonly runs: number;
  readonly medianMs: number;
  readonly minMs: number;
  readonly maxMs: number;
}

/** Throws a RangeError if there is nothing to summarise. */
export function summarize(durations: readonly number[]): Summary {
  const sorted = durations.map(Math.round).toSorted((one, other) => one - other);
  const [minMs, maxMs] = [sorted[0], sorted.at(-1)];
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  const upper = sorted[Math.ceil((sorted.length - 1) / 2)];
  if (minMs === undefined || maxMs === undefined || lower === undefined || upper === undefined)
    throw new RangeError("a median needs at least one duration");
  return { runs: sorted.length, medianMs: Math.round((lower + upper) / 2), minMs, maxMs };
}

/** A summary of each duration that the runs have. Throws a RangeError without a run. */
export function summarizeEach(runs: readonly Readonly<Record<string, number>>[]): Record<string, Summary> {
  const names = Object.keys(runs[0] ?? {});
  const durations = (name: string): number[] => runs.flatMap((run) => run[name] ?? []);
  return Object.fromEntries(names.map((name) => [name, summarize(durations(name))]));
}
