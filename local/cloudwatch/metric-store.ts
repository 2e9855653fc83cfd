import { addValue, type Bucket, emptyBucket, mergeBuckets, statisticOf } from "./statistics.ts";

export type Dimensions = Readonly<Record<string, string>>;

export interface MetricId {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Dimensions;
}

export interface Datum extends MetricId {
  /** Epoch milliseconds. */
  readonly time: number;
  readonly values: readonly { readonly value: number; readonly count?: number }[];
  readonly unit?: string | undefined;
}

export interface Metric extends MetricId {
  unit: string;
  updatedAt: number;
  /** By the minute, in epoch milliseconds. */
  readonly minutes: Map<number, Bucket>;
}

/** One period of one statistic. `time` is where the period begins. */
export interface Datapoint {
  readonly time: number;
  readonly value: number;
}

export const MINUTE_MS = 60_000;
/** Minutes are forgotten after three days; CloudWatch keeps them for 15. */
const KEPT_MS = 3 * 24 * 60 * MINUTE_MS;

/** The metrics of one local cloud, by the minute. */
export class MetricStore {
  readonly #metrics = new Map<string, Metric>();

  put({ values, time, unit, ...id }: Datum): void {
    const key = keyOf(id);
    const metric = this.#metrics.get(key) ?? { ...id, unit: "None", updatedAt: 0, minutes: new Map() };
    this.#metrics.set(key, metric);
    if (unit !== undefined) metric.unit = unit;
    metric.updatedAt = Math.max(metric.updatedAt, time);
    const minute = Math.floor(time / MINUTE_MS) * MINUTE_MS;
    const bucket = metric.minutes.get(minute) ?? emptyBucket();
    metric.minutes.set(minute, bucket);
    for (const { value, count } of values) addValue(bucket, value, count);
    const [oldest] = metric.minutes.keys();
    if (oldest !== undefined && oldest < minute - KEPT_MS) metric.minutes.delete(oldest);
  }

  find(id: MetricId): Metric | undefined {
    return this.#metrics.get(keyOf(id));
  }

  /** By namespace, name and dimensions. */
  list(): readonly Metric[] {
    return [...this.#metrics].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, metric]) => metric);
  }

  /** Periods from `start` to before `end` that have any value, oldest first; `start` is a whole minute. */
  periods(id: MetricId, range: Range): { readonly time: number; readonly bucket: Bucket }[] {
    const { start, end, period } = range;
    const byPeriod = new Map<number, Bucket[]>();
    for (const [minute, bucket] of this.find(id)?.minutes ?? []) {
      if (minute < start || minute >= end) continue;
      const time = start + Math.floor((minute - start) / (period * 1000)) * period * 1000;
      byPeriod.set(time, [...(byPeriod.get(time) ?? []), bucket]);
    }
    return [...byPeriod]
      .sort(([one], [other]) => one - other)
      .map(([time, buckets]) => ({ time, bucket: mergeBuckets(buckets) }));
  }

  /** One statistic of the periods that have any value. */
  series(id: MetricId, statistic: string, range: Range): Datapoint[] {
    return this.periods(id, range).flatMap(({ time, bucket }) => {
      const value = statisticOf(bucket, statistic);
      return value === undefined ? [] : [{ time, value }];
    });
  }
}

/** From and to in epoch milliseconds, the period in seconds. */
export interface Range {
  readonly start: number;
  readonly end: number;
  readonly period: number;
}

function keyOf({ namespace, name, dimensions }: MetricId): string {
  const pairs = Object.entries(dimensions).sort(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify([namespace, name, pairs]);
}
