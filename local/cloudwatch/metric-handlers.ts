import type * as sdk from "@aws-sdk/client-cloudwatch";
import type { CloudContext } from "../context/context.ts";
import { paginate } from "../context/input.ts";
import { AwsError, type Handlers, type InputOf, type OutputOf } from "../wire/contract.ts";
import { type Metric, type MetricStore, MINUTE_MS } from "./metric-store.ts";
import { metricId, periodOf, Queries } from "./queries.ts";
import { isStatistic, statisticOf } from "./statistics.ts";

const METRICS_PAGE = 500;
const MAX_DATAPOINTS = 100_800;
/** ListMetrics shows metrics that had a value in the last two weeks, or in the last three hours if asked so. */
const RECENT_MS = 3 * 60 * MINUTE_MS;

/** Metrics: what there is, and their values. */
export function metricHandlers(context: CloudContext, store: MetricStore): Handlers<typeof sdk> {
  return {
    ListMetrics: (input) => {
      const since = input.RecentlyActive === undefined ? 0 : context.clock.now() - RECENT_MS;
      const found = store.list().filter((metric) => metric.updatedAt >= since && isWanted(metric, input));
      const page = paginate(found, {
        limit: METRICS_PAGE,
        token: input.NextToken,
        tokenError: "InvalidParameterValue",
      });
      return { Metrics: page.items.map(viewMetric), NextToken: page.nextToken };
    },
    GetMetricStatistics: (input) => statistics(store, input),
    GetMetricData: (input) => metricData(store, input),
    PutMetricData: (input) => {
      put(context, store, input);
      return {};
    },
  };
}

function viewMetric({ namespace, name, dimensions }: Metric): sdk.Metric {
  const pairs = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
  return { Namespace: namespace, MetricName: name, Dimensions: pairs };
}

/** A filter without a value asks for metrics that have the dimension. */
function isWanted(metric: Metric, { Namespace, MetricName, Dimensions = [] }: InputOf<typeof sdk, "ListMetrics">) {
  return (
    (Namespace === undefined || metric.namespace === Namespace) &&
    (MetricName === undefined || metric.name === MetricName) &&
    Dimensions.every(({ Name = "", Value }) => {
      const has = metric.dimensions[Name];
      return has !== undefined && (Value === undefined || has === Value);
    })
  );
}

function statistics(
  store: MetricStore,
  input: InputOf<typeof sdk, "GetMetricStatistics">,
): OutputOf<typeof sdk, "GetMetricStatistics"> {
  const { Period: period = 60, Statistics = [], ExtendedStatistics = [] } = input;
  const start = minuteOf(input.StartTime);
  const end = input.EndTime?.getTime() ?? 0;
  if (Statistics.length + ExtendedStatistics.length === 0)
    throw new AwsError("InvalidParameterCombination", "At least one of Statistics and ExtendedStatistics is needed.");
  if (start >= end)
    throw new AwsError("InvalidParameterValue", "The parameter StartTime must be less than the parameter EndTime.");
  checkPeriod(period, end - start);
  const id = metricId(input);
  const unit = unitOf(store.find(id)?.unit);
  return {
    Label: input.MetricName,
    Datapoints: store.periods(id, { start, end, period }).map(({ time, bucket }) => ({
      Timestamp: new Date(time),
      Unit: unit,
      ...Object.fromEntries(Statistics.map((name) => [name, statisticOf(bucket, name)])),
      ...(ExtendedStatistics.length > 0 && {
        ExtendedStatistics: Object.fromEntries(
          ExtendedStatistics.map((name): [string, number] => [name, statisticOf(bucket, name) ?? 0]),
        ),
      }),
    })),
  };
}

/** Of GetMetricStatistics: docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html */
const MAX_STATISTICS = 1_440;
const SHORT_PERIODS = new Set([1, 5, 10, 20, 30]);

function checkPeriod(period: number, milliseconds: number): void {
  if (period % 60 !== 0 && !SHORT_PERIODS.has(period))
    throw new AwsError("InvalidParameterValue", "The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60.");
  const points = Math.ceil(milliseconds / 1_000 / period);
  if (points > MAX_STATISTICS)
    throw new AwsError(
      "InvalidParameterCombination",
      `You have requested up to ${points} datapoints, which exceeds the limit of ${MAX_STATISTICS}. You may reduce the datapoints requested by increasing Period, or decreasing the time range.`,
    );
}

function metricData(
  store: MetricStore,
  input: InputOf<typeof sdk, "GetMetricData">,
): OutputOf<typeof sdk, "GetMetricData"> {
  const { MetricDataQueries: queries = [], ScanBy = "TimestampDescending", MaxDatapoints = MAX_DATAPOINTS } = input;
  for (const { MetricStat } of queries)
    if (MetricStat && !isStatistic(MetricStat.Stat ?? ""))
      throw new AwsError("ValidationError", `The value ${MetricStat.Stat} for parameter Stat is not supported.`);
  const period = periodOf(queries);
  const aligned = period * 1000;
  const start = Math.floor((input.StartTime?.getTime() ?? 0) / aligned) * aligned;
  const range = { start, end: input.EndTime?.getTime() ?? 0, period };
  const answers = new Queries(store, queries, range).answers().map(({ id, label, values }) => {
    const points = [...values].sort(([one], [other]) => one - other);
    if (ScanBy === "TimestampDescending") points.reverse();
    return { id, label, points };
  });
  const from = input.NextToken === undefined ? 0 : Number(Buffer.from(input.NextToken, "base64url").toString());
  if (!Number.isInteger(from)) throw new AwsError("InvalidNextToken", "The next token specified is invalid.");
  const each = Math.max(1, Math.floor(MaxDatapoints / Math.max(1, answers.length)));
  const more = answers.some(({ points }) => points.length > from + each);
  return {
    MetricDataResults: answers.map(({ id, label, points }) => ({
      ...{ Id: id, Label: label },
      Timestamps: points.slice(from, from + each).map(([time]) => new Date(time)),
      Values: points.slice(from, from + each).map(([, value]) => value),
      StatusCode: points.length > from + each ? ("PartialData" as const) : ("Complete" as const),
    })),
    Messages: [],
    ...(more && { NextToken: Buffer.from(String(from + each)).toString("base64url") }),
  };
}

function put(context: CloudContext, store: MetricStore, input: InputOf<typeof sdk, "PutMetricData">): void {
  for (const datum of input.MetricData ?? []) {
    const { Value, Values, Counts, StatisticValues } = datum;
    const listed = (Values ?? []).map((value, index) => ({ value, count: Counts?.[index] ?? 1 }));
    const { Sum = 0, SampleCount = 0 } = StatisticValues ?? {};
    const summed = StatisticValues ? [{ value: Sum / SampleCount, count: SampleCount }] : [];
    store.put({
      ...metricId({ ...datum, Namespace: input.Namespace }),
      time: datum.Timestamp?.getTime() ?? context.clock.now(),
      unit: datum.Unit,
      values: Value === undefined ? [...listed, ...summed] : [{ value: Value }],
    });
  }
}

function minuteOf(time: Date | undefined): number {
  return Math.floor((time?.getTime() ?? 0) / MINUTE_MS) * MINUTE_MS;
}

const UNITS: readonly sdk.StandardUnit[] = ["Count", "Seconds", "Milliseconds", "Microseconds", "Bytes", "Percent"];

function unitOf(unit: string | undefined): sdk.StandardUnit {
  return UNITS.find((each) => each === unit) ?? "None";
}
