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
  const [lower, upper] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.ceil((sorted.length - 1) / 2)]];
  if (minMs === undefined || maxMs === undefined || lower === undefined || upper === undefined)
    throw new RangeError("a median needs at least one duration");
  return { runs: sorted.length, medianMs: Math.round((lower + upper) / 2), minMs, maxMs };
}

/** One summary for each key that every run has. */
export function summarizeEach<K extends string>(runs: readonly Readonly<Record<K, number>>[]): Record<K, Summary> {
  const [first] = runs;
  if (!first) throw new RangeError("no run to summarise");
  const keys = Object.keys(first) as K[];
  return Object.fromEntries(keys.map((key) => [key, summarize(runs.map((run) => run[key]))])) as Record<K, Summary>;
}
