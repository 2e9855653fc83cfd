/** Values of one metric in one minute. */
export interface Bucket {
  sum: number;
  count: number;
  min: number;
  max: number;
  /** For percentiles, as many as {@link MAX_VALUES}. */
  readonly values: number[];
}

/** Enough for the percentiles of a minute of a busy local cloud. */
const MAX_VALUES = 500;

export function emptyBucket(): Bucket {
  return { sum: 0, count: 0, min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY, values: [] };
}

/** Adds a value that was seen `count` times. */
export function addValue(bucket: Bucket, value: number, count = 1): void {
  bucket.sum += value * count;
  bucket.count += count;
  bucket.min = Math.min(bucket.min, value);
  bucket.max = Math.max(bucket.max, value);
  if (bucket.values.length < MAX_VALUES) bucket.values.push(value);
}

export function mergeBuckets(buckets: readonly Bucket[]): Bucket {
  const merged = emptyBucket();
  for (const bucket of buckets) {
    merged.sum += bucket.sum;
    merged.count += bucket.count;
    merged.min = Math.min(merged.min, bucket.min);
    merged.max = Math.max(merged.max, bucket.max);
    merged.values.push(...bucket.values);
  }
  return merged;
}

/** A bucket's statistic by CloudWatch's name of it; undefined for a name that is none. */
export function statisticOf(bucket: Bucket, name: string): number | undefined {
  switch (name) {
    case "Sum":
      return bucket.sum;
    case "SampleCount":
      return bucket.count;
    case "Average":
      return bucket.sum / bucket.count;
    case "Minimum":
      return bucket.min;
    case "Maximum":
      return bucket.max;
    default:
      return percentileOf(bucket, name);
  }
}

function percentileOf({ values }: Bucket, name: string): number | undefined {
  const wanted = /^p(\d{1,2}(?:\.\d+)?|100)$/.exec(name)?.[1];
  if (wanted === undefined) return undefined;
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil((Number(wanted) / 100) * sorted.length) - 1)];
}

export function isStatistic(name: string): boolean {
  return statisticOf({ sum: 0, count: 1, min: 0, max: 0, values: [0] }, name) !== undefined;
}
