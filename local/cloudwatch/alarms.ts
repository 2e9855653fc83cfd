import type { MetricDataQuery } from "@aws-sdk/client-cloudwatch";
import { type MetricId, type MetricStore, MINUTE_MS } from "./metric-store.ts";
import { Queries } from "./queries.ts";

export type AlarmState = "OK" | "ALARM" | "INSUFFICIENT_DATA";
export type Comparison =
  | "GreaterThanOrEqualToThreshold"
  | "GreaterThanThreshold"
  | "LessThanThreshold"
  | "LessThanOrEqualToThreshold";

/** A metric alarm as the template or PutMetricAlarm declares it. */
export interface AlarmSettings {
  readonly name: string;
  readonly description: string;
  /** What is looked at: a statistic of a metric, or queries of which one returns data. */
  readonly metric: (MetricId & { readonly statistic: string }) | undefined;
  readonly queries: readonly MetricDataQuery[] | undefined;
  /** Seconds. */
  readonly period: number;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number | undefined;
  readonly threshold: number;
  readonly comparison: Comparison;
  readonly missingData: "breaching" | "notBreaching" | "ignore" | "missing";
  readonly alarmActions: readonly string[];
  readonly okActions: readonly string[];
  readonly insufficientDataActions: readonly string[];
}

export interface Evaluation {
  readonly state: AlarmState;
  readonly reason: string;
  readonly data: Readonly<Record<string, unknown>>;
}

const OPERATORS: Readonly<
  Record<Comparison, readonly [words: string, breaches: (value: number, at: number) => boolean]>
> = {
  GreaterThanOrEqualToThreshold: ["greater than or equal to", (value, threshold) => value >= threshold],
  GreaterThanThreshold: ["greater than", (value, threshold) => value > threshold],
  LessThanThreshold: ["less than", (value, threshold) => value < threshold],
  LessThanOrEqualToThreshold: ["less than or equal to", (value, threshold) => value <= threshold],
};

/**
 * An alarm's state by its latest periods, of which the last one is still going on; undefined where it stays as it is.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
 */
export function evaluateAlarm(alarm: AlarmSettings, store: MetricStore, now: number): Evaluation | undefined {
  const { evaluationPeriods, period, threshold, missingData } = alarm;
  const end = (Math.floor(now / MINUTE_MS) + 1) * MINUTE_MS;
  const start = end - evaluationPeriods * period * 1000;
  const found = pointsOf(alarm, store, { start, end, period });
  const [words, breaches] = OPERATORS[alarm.comparison];
  const missing = evaluationPeriods - found.length;
  const breaching = found.filter(({ value }) => breaches(value, threshold));
  const counted = breaching.length + (missingData === "breaching" ? missing : 0);
  const data = reasonData(alarm, found, { start, now });
  if (counted >= (alarm.datapointsToAlarm ?? evaluationPeriods)) {
    const reason =
      breaching.length > 0
        ? `Threshold Crossed: ${points(breaching)} ${was(breaching)} ${words} the threshold (${decimal(threshold)}).`
        : missingReason(missing, "Breaching");
    return { state: "ALARM", reason, data };
  }
  if (found.length === 0 && missingData === "ignore") return undefined;
  if (found.length === 0 && missingData === "missing")
    return { state: "INSUFFICIENT_DATA", reason: `Insufficient Data: ${count(missing)} unknown.`, data };
  const reason =
    found.length > 0
      ? `Threshold Crossed: ${points(found)} ${was(found)} not ${words} the threshold (${decimal(threshold)}).`
      : missingReason(missing, "NonBreaching");
  return { state: "OK", reason, data };
}

interface Point {
  readonly time: number;
  readonly value: number;
}

function pointsOf(
  { metric, queries }: AlarmSettings,
  store: MetricStore,
  range: { start: number; end: number; period: number },
): Point[] {
  if (metric) return store.series(metric, metric.statistic, range);
  const [answer] = new Queries(store, queries ?? [], range).answers();
  return [...(answer?.values ?? [])].map(([time, value]) => ({ time, value }));
}

function points(found: readonly Point[]): string {
  const shown = found.map(({ time, value }) => `${decimal(value)} (${dateText(time)})`).toReversed();
  return `${found.length} datapoint${found.length === 1 ? "" : "s"} [${shown.join(", ")}]`;
}

function was(found: readonly Point[]): string {
  return found.length === 1 ? "was" : "were";
}

function count(missing: number): string {
  return missing === 1 ? "1 datapoint was" : `${missing} datapoints were`;
}

function missingReason(missing: number, treated: string): string {
  const periods = `${missing} period${missing === 1 ? "" : "s"}`;
  const treatedPoints = `${missing} missing datapoint${missing === 1 ? " was" : "s were"}`;
  return `Threshold Crossed: no datapoints were received for ${periods} and ${treatedPoints} treated as [${treated}].`;
}

function decimal(value: number): string {
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}

/** `29/11/26 10:05:00` */
function dateText(time: number): string {
  const [date = "", clock = ""] = new Date(time).toISOString().split("T");
  return `${date.slice(2).split("-").toReversed().join("/")} ${clock.slice(0, 8)}`;
}

function reasonData(
  { metric, period, threshold }: AlarmSettings,
  found: readonly Point[],
  { start, now }: { readonly start: number; readonly now: number },
): Record<string, unknown> {
  return {
    version: "1.0",
    queryDate: awsDate(now),
    startDate: awsDate(found[0]?.time ?? start),
    ...(metric && { statistic: metric.statistic }),
    period,
    recentDatapoints: found.map(({ value }) => value),
    threshold,
    evaluatedDatapoints: found.toReversed().map(({ time, value }) => ({ timestamp: awsDate(time), value })),
  };
}

function awsDate(time: number): string {
  return new Date(time).toISOString().replace("Z", "+0000");
}
