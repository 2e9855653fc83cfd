import { expect, onTestFinished, test } from "vitest";
import { testContext } from "../testing/context.ts";
import { client } from "../testing/service-context.ts";
import type { AlarmSettings } from "./alarms.ts";
import { createCloudWatch } from "./cloudwatch.ts";

const MINUTE = 60_000;
/** A whole hour, so that periods begin with it. */
const HOUR = Date.UTC(2026, 10, 29, 10);

function cloudWatchAt(start = HOUR) {
  let now = start;
  const notified: string[] = [];
  const clock = { now: () => now, sleep: () => new Promise<void>(() => {}) };
  const context = testContext({ clock });
  const cloudWatch = createCloudWatch(context, {
    waiting: () => new Map(),
    notify: (action, { state }) => notified.push(`${state} to ${action}`),
  });
  onTestFinished(() => cloudWatch.close());
  const degraded = (value: number): void => cloudWatch.readLogLine(emf({ ClustersDegraded: value }, now));
  return {
    ...{ cloudWatch, notified, degraded, published: context.published, aws: client(cloudWatch.handlers) },
    pass: (milliseconds: number) => {
      now += milliseconds;
    },
  };
}

function emf(values: Readonly<Record<string, number>>, Timestamp: number): string {
  const Metrics = Object.keys(values).map((Name) => ({ Name, Unit: "Count" }));
  const CloudWatchMetrics = [{ Namespace: "Holdfast", Dimensions: [["service"]], Metrics }];
  return JSON.stringify({ _aws: { Timestamp, CloudWatchMetrics }, service: "reconcile", ...values });
}

const DEGRADED: AlarmSettings = {
  ...{ name: "Degraded", description: "A cluster could not be healed", queries: undefined },
  metric: {
    namespace: "Holdfast",
    name: "ClustersDegraded",
    dimensions: { service: "reconcile" },
    statistic: "Maximum",
  },
  ...{ period: 300, evaluationPeriods: 2, datapointsToAlarm: undefined, threshold: 1 },
  ...{ comparison: "GreaterThanOrEqualToThreshold", missingData: "notBreaching" },
  ...{ alarmActions: ["arn:topic"], okActions: ["arn:topic"], insufficientDataActions: [] },
};

test("16.4: metrics that a function embeds in its log have statistics by the period", async () => {
  const { aws, degraded, pass } = cloudWatchAt();
  degraded(1);
  pass(MINUTE);
  degraded(3);
  pass(5 * MINUTE);
  degraded(0);

  const { Datapoints = [], Label } = await aws("GetMetricStatistics", {
    ...{ Namespace: "Holdfast", MetricName: "ClustersDegraded", Period: 300, Statistics: ["Sum", "Maximum"] },
    ...{ Dimensions: [{ Name: "service", Value: "reconcile" }], ExtendedStatistics: ["p50"] },
    ...{ StartTime: new Date(HOUR), EndTime: new Date(HOUR + 10 * MINUTE) },
  });

  const Unit = "Count";
  expect(Label).toBe("ClustersDegraded");
  expect(Datapoints).toEqual([
    { Timestamp: new Date(HOUR), Sum: 4, Maximum: 3, Unit, ExtendedStatistics: { p50: 1 } },
    { Timestamp: new Date(HOUR + 5 * MINUTE), Sum: 0, Maximum: 0, Unit, ExtendedStatistics: { p50: 0 } },
  ]);
});

test.each([
  [45, 1, "InvalidParameterValue", "The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60."],
  [
    60,
    720,
    "InvalidParameterCombination",
    "You have requested up to 43200 datapoints, which exceeds the limit of 1440.",
  ],
] as const)("16.4: statistics by a period of %i s for %i hours are refused: %s", async (Period, hours, name, text) => {
  const { aws } = cloudWatchAt();

  const asked = aws("GetMetricStatistics", {
    ...{ Namespace: "Holdfast", MetricName: "ClustersDegraded", Period, Statistics: ["Sum"] },
    ...{ StartTime: new Date(HOUR - hours * 60 * MINUTE), EndTime: new Date(HOUR) },
  });

  await expect(asked).rejects.toMatchObject({ code: name, message: expect.stringContaining(text) });
});

test("16.4: GetMetricData evaluates expressions, the newest first, in pages", async () => {
  const { aws, degraded, pass } = cloudWatchAt();
  degraded(1);
  pass(2 * MINUTE);
  degraded(2);
  const Metric = {
    ...{ Namespace: "Holdfast", MetricName: "ClustersDegraded" },
    Dimensions: [{ Name: "service", Value: "reconcile" }],
  };
  const request = {
    MetricDataQueries: [
      { Id: "m1", MetricStat: { Metric, Period: 60, Stat: "Sum" }, ReturnData: false },
      { Id: "e1", Expression: "FILL(m1, 0) * 10 + 1", Label: "ten times" },
    ],
    ...{ StartTime: new Date(HOUR), EndTime: new Date(HOUR + 3 * MINUTE), MaxDatapoints: 2 },
  };

  const one = await aws("GetMetricData", request);
  const two = await aws("GetMetricData", { ...request, NextToken: one.NextToken });

  const results = [one, two].map(({ MetricDataResults: [result] = [] }) => result);
  expect(results.map((result) => [result?.Label, result?.Values, result?.StatusCode])).toEqual([
    ["ten times", [21, 1], "PartialData"],
    ["ten times", [11], "Complete"],
  ]);
  expect(two.NextToken).toBeUndefined();
});

test("16.4: an alarm goes off when its periods breach, notifies its topic and the bus, and comes back", async () => {
  const { cloudWatch, aws, degraded, pass, notified, published } = cloudWatchAt();
  cloudWatch.alarms.put(DEGRADED);
  const state = async () => (await aws("DescribeAlarms", { AlarmNames: ["Degraded"] })).MetricAlarms?.[0];
  expect((await state())?.StateValue).toBe("INSUFFICIENT_DATA");
  cloudWatch.alarms.evaluate();
  expect((await state())?.StateValue).toBe("OK");
  degraded(1);
  cloudWatch.alarms.evaluate();
  expect((await state())?.StateValue).toBe("OK");
  pass(5 * MINUTE);
  degraded(2);
  cloudWatch.alarms.evaluate();

  expect(await state()).toMatchObject({
    StateValue: "ALARM",
    StateReason:
      "Threshold Crossed: 2 datapoints [2.0 (29/11/26 10:01:00), 1.0 (29/11/26 09:56:00)] were greater than or equal to the threshold (1.0).",
  });
  pass(10 * MINUTE);
  cloudWatch.alarms.evaluate();
  expect((await state())?.StateValue).toBe("OK");
  expect(notified).toEqual(["OK to arn:topic", "ALARM to arn:topic", "OK to arn:topic"]);
  expect(published.map(({ detailType }) => detailType)).toEqual(Array(3).fill("CloudWatch Alarm State Change"));
});

test("16.4: a silent source breaches where missing data does, and a person's state lasts until the next evaluation", async () => {
  const { cloudWatch, aws } = cloudWatchAt();
  cloudWatch.alarms.put({ ...DEGRADED, name: "Silent", missingData: "breaching" });
  cloudWatch.alarms.evaluate();
  const reasons = async () => (await aws("DescribeAlarms", {})).MetricAlarms?.map((alarm) => alarm.StateReason);

  expect(await reasons()).toEqual([
    "Threshold Crossed: no datapoints were received for 2 periods and 2 missing datapoints were treated as [Breaching].",
  ]);
  await aws("SetAlarmState", { AlarmName: "Silent", StateValue: "OK", StateReason: "drill" });
  expect(await reasons()).toEqual(["drill"]);
  const { AlarmHistoryItems = [] } = await aws("DescribeAlarmHistory", { HistoryItemType: "StateUpdate" });
  expect(AlarmHistoryItems.map(({ HistorySummary }) => HistorySummary)).toEqual([
    "Alarm updated from ALARM to OK",
    "Alarm updated from INSUFFICIENT_DATA to ALARM",
  ]);
  cloudWatch.alarms.evaluate();
  expect((await aws("DescribeAlarms", { StateValue: "ALARM" })).MetricAlarms).toHaveLength(1);
});

test("an alarm over several metrics evaluates its expression", () => {
  const { cloudWatch } = cloudWatchAt();
  const query = (Id: string, arn: string) => ({
    ...{ Id, ReturnData: false },
    MetricStat: {
      ...{ Period: 300, Stat: "Sum" },
      Metric: {
        ...{ Namespace: "AWS/States", MetricName: "ExecutionsFailed" },
        Dimensions: [{ Name: "StateMachineArn", Value: arn }],
      },
    },
  });
  const queries = [{ Id: "sum", Expression: "FILL(a, 0) + FILL(b, 0)" }, query("a", "one"), query("b", "other")];
  cloudWatch.alarms.put({ ...DEGRADED, name: "Failed", metric: undefined, queries, evaluationPeriods: 1 });
  cloudWatch.alarms.evaluate();
  expect(cloudWatch.alarms.get("Failed").state).toBe("OK");

  cloudWatch.aws.executed("other", new Date(HOUR), { type: "ExecutionFailed", timestamp: new Date(HOUR), id: 2 });
  cloudWatch.alarms.evaluate();

  expect(cloudWatch.alarms.get("Failed").state).toBe("ALARM");
});

test("metrics are listed by namespace, name and dimension", async () => {
  const { cloudWatch, aws, degraded } = cloudWatchAt();
  degraded(0);
  cloudWatch.aws.invoked({ functionName: "step", outcome: "error", durationMs: 5 });
  const names = async (input: object) => (await aws("ListMetrics", input)).Metrics?.map((each) => each.MetricName);

  expect(await names({ Namespace: "Holdfast" })).toEqual(["ClustersDegraded"]);
  expect(await names({ Dimensions: [{ Name: "FunctionName" }] })).toEqual([
    "Duration",
    "Errors",
    "Invocations",
    "Throttles",
  ]);
  expect(await names({ MetricName: "Errors", Dimensions: [{ Name: "FunctionName", Value: "other" }] })).toEqual([]);
});
