import type { MetricDataQuery } from "@aws-sdk/client-cloudwatch";
import { AwsError } from "../wire/contract.ts";
import { evaluateExpression, type Series } from "./metric-math.ts";
import type { MetricId, MetricStore, Range } from "./metric-store.ts";

/** Members that the SDK has of a metric; all of them may be missing. */
export interface SdkMetric {
  readonly Namespace?: string | undefined;
  readonly MetricName?: string | undefined;
  readonly Dimensions?:
    | readonly { readonly Name?: string | undefined; readonly Value?: string | undefined }[]
    | undefined;
}

export function metricId({ Namespace = "", MetricName = "", Dimensions = [] }: SdkMetric): MetricId {
  return {
    namespace: Namespace,
    name: MetricName,
    dimensions: Object.fromEntries(Dimensions.map(({ Name = "", Value = "" }) => [Name, Value])),
  };
}

export interface Answer {
  readonly id: string;
  readonly label: string;
  readonly values: Series;
}

/** The shortest period that the queries ask for, in seconds. */
export function periodOf(queries: readonly MetricDataQuery[]): number {
  const periods = queries.flatMap(({ MetricStat, Period }) => MetricStat?.Period ?? Period ?? []);
  return Math.max(60, Math.min(...(periods.length === 0 ? [60] : periods)));
}

/** Evaluates what GetMetricData, and an alarm over several metrics, ask for: metrics, and expressions over them. */
export class Queries {
  readonly #store: MetricStore;
  readonly #queries: readonly MetricDataQuery[];
  readonly #range: Range;

  constructor(store: MetricStore, queries: readonly MetricDataQuery[], range: Range) {
    this.#store = store;
    this.#queries = queries;
    this.#range = range;
  }

  /** Of every query that returns data, in the order of the request. @throws AwsError `ValidationError` */
  answers(): Answer[] {
    return this.#queries
      .filter(({ ReturnData }) => ReturnData !== false)
      .map(({ Id = "", Label, MetricStat }) => ({
        id: Id,
        label: Label ?? MetricStat?.Metric?.MetricName ?? Id,
        values: this.#series(Id, []),
      }));
  }

  #series(id: string, path: readonly string[]): Series {
    const query = this.#queries.find((each) => each.Id === id);
    if (!query || path.includes(id))
      throw new AwsError("ValidationError", `The value ${id} for parameter MetricDataQueries is not matched.`);
    const { MetricStat, Expression } = query;
    if (MetricStat) return this.#metric(MetricStat);
    if (Expression === undefined)
      throw new AwsError("ValidationError", "A query needs one of the parameters MetricStat and Expression.");
    const series = (other: string): Series => this.#series(other, [...path, id]);
    return evaluateExpression(Expression, { series, times: timesOf(this.#range) });
  }

  #metric({ Metric, Period, Stat }: NonNullable<MetricDataQuery["MetricStat"]>): Series {
    const range = { ...this.#range, period: Period ?? this.#range.period };
    const series = this.#store.series(metricId(Metric ?? {}), Stat ?? "Average", range);
    return new Map(series.map(({ time, value }) => [time, value]));
  }
}

/** Where each period of a range begins. */
export function timesOf({ start, end, period }: Range): number[] {
  const count = Math.max(0, Math.ceil((end - start) / (period * 1000)));
  return Array.from({ length: count }, (_, index) => start + index * period * 1000);
}
