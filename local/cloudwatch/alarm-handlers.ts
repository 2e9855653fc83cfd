import type * as sdk from "@aws-sdk/client-cloudwatch";
import { paginate } from "../context/input.ts";
import { AwsError, type Handlers, type InputOf } from "../wire/contract.ts";
import type { Alarm, AlarmStore, HistoryItem } from "./alarm-store.ts";
import type { AlarmSettings } from "./alarms.ts";
import { metricId } from "./queries.ts";

const PAGE = 50;
const HISTORY_PAGE = 100;
const TOKEN_ERROR = "InvalidNextToken";

/** Alarms: their states as they were evaluated, their history, and what people set on them. */
export function alarmHandlers(store: AlarmStore): Handlers<typeof sdk> {
  return {
    ...readHandlers(store),
    ...writeHandlers(store),
    ...tagHandlers(store),
    // Nothing here learns what is usual.
    DescribeAnomalyDetectors: () => ({ AnomalyDetectors: [] }),
    DescribeInsightRules: () => ({ InsightRules: [] }),
    ListMetricStreams: () => ({ Entries: [] }),
  };
}

function readHandlers(store: AlarmStore): Handlers<typeof sdk> {
  return {
    DescribeAlarms: (input) => {
      const found = store.list().filter((alarm) => isWanted(alarm, input));
      const page = paginate(found, {
        limit: input.MaxRecords ?? PAGE,
        token: input.NextToken,
        tokenError: TOKEN_ERROR,
      });
      return { MetricAlarms: page.items.map(viewAlarm), CompositeAlarms: [], NextToken: page.nextToken };
    },
    DescribeAlarmsForMetric: (input) => {
      const { namespace, name, dimensions } = metricId(input);
      const wanted = JSON.stringify([namespace, name, Object.entries(dimensions).sort()]);
      const found = store.list().filter(({ settings: { metric } }) => {
        return (
          metric && JSON.stringify([metric.namespace, metric.name, Object.entries(metric.dimensions).sort()]) === wanted
        );
      });
      return { MetricAlarms: found.map(viewAlarm) };
    },
    DescribeAlarmHistory: (input) => {
      const { StartDate, EndDate, ScanBy } = input;
      const found = store.history.filter(
        ({ alarm, type, time }) =>
          (input.AlarmName === undefined || alarm === input.AlarmName) &&
          (input.HistoryItemType === undefined || type === input.HistoryItemType) &&
          time >= (StartDate?.getTime() ?? 0) &&
          time <= (EndDate?.getTime() ?? Number.POSITIVE_INFINITY),
      );
      if (ScanBy !== "TimestampAscending") found.reverse();
      const limit = input.MaxRecords ?? HISTORY_PAGE;
      const page = paginate(found, { limit, token: input.NextToken, tokenError: TOKEN_ERROR });
      return { AlarmHistoryItems: page.items.map(viewHistory), NextToken: page.nextToken };
    },
  };
}

function isWanted({ settings, state }: Alarm, input: InputOf<typeof sdk, "DescribeAlarms">): boolean {
  const { AlarmNames, AlarmNamePrefix = "", StateValue, ActionPrefix } = input;
  const actions = [...settings.alarmActions, ...settings.okActions, ...settings.insufficientDataActions];
  return (
    (AlarmNames === undefined || AlarmNames.length === 0 || AlarmNames.includes(settings.name)) &&
    settings.name.startsWith(AlarmNamePrefix) &&
    (StateValue === undefined || state === StateValue) &&
    (ActionPrefix === undefined || actions.some((action) => action.startsWith(ActionPrefix)))
  );
}

function writeHandlers(store: AlarmStore): Handlers<typeof sdk> {
  const setEnabled = (names: readonly string[] = [], enabled: boolean): object => {
    for (const name of names) store.get(name).actionsEnabled = enabled;
    return {};
  };
  return {
    SetAlarmState: ({ AlarmName = "", StateValue, StateReason = "", StateReasonData }) => {
      if (StateReasonData !== undefined && !isJson(StateReasonData))
        throw new AwsError("InvalidFormat", "StateReasonData is not valid JSON", { status: 400 });
      const data = StateReasonData === undefined ? {} : JSON.parse(StateReasonData);
      store.setState(store.get(AlarmName), { state: StateValue ?? "INSUFFICIENT_DATA", reason: StateReason, data });
      return {};
    },
    EnableAlarmActions: ({ AlarmNames }) => setEnabled(AlarmNames, true),
    DisableAlarmActions: ({ AlarmNames }) => setEnabled(AlarmNames, false),
    PutMetricAlarm: (input) => {
      store.put(settingsOf(input));
      return {};
    },
    DeleteAlarms: ({ AlarmNames = [] }) => {
      for (const name of AlarmNames) store.delete(name);
      return {};
    },
  };
}

function tagHandlers(store: AlarmStore): Handlers<typeof sdk> {
  const tagged = (arn = ""): Alarm => store.get(arn.split(":alarm:")[1] ?? arn);
  return {
    ListTagsForResource: ({ ResourceARN }) => ({
      Tags: [...tagged(ResourceARN).tags].map(([Key, Value]) => ({ Key, Value })),
    }),
    TagResource: ({ ResourceARN, Tags = [] }) => {
      for (const { Key = "", Value = "" } of Tags) tagged(ResourceARN).tags.set(Key, Value);
      return {};
    },
    UntagResource: ({ ResourceARN, TagKeys = [] }) => {
      for (const key of TagKeys) tagged(ResourceARN).tags.delete(key);
      return {};
    },
  };
}

/** An alarm of PutMetricAlarm, which has the members of the template's `AWS::CloudWatch::Alarm`. */
function settingsOf(input: InputOf<typeof sdk, "PutMetricAlarm">): AlarmSettings {
  const { AlarmName = "", Metrics, Period = 60, TreatMissingData = "missing" } = input;
  const { ComparisonOperator: comparison } = input;
  const missingData = MISSING.find((each) => each === TreatMissingData);
  if (!missingData)
    throw new AwsError("ValidationError", `The parameter TreatMissingData has an invalid value: ${TreatMissingData}`);
  if (!comparison || !isComparison(comparison))
    throw new AwsError("ValidationError", `The local cloud does not know the comparison ${comparison}.`);
  const statistic = input.Statistic ?? input.ExtendedStatistic ?? "Average";
  return {
    ...{ name: AlarmName, description: input.AlarmDescription ?? "", missingData, comparison },
    metric: Metrics ? undefined : { ...metricId(input), statistic },
    ...{ queries: Metrics, datapointsToAlarm: input.DatapointsToAlarm, threshold: input.Threshold ?? 0 },
    period: Metrics?.find(({ MetricStat }) => MetricStat)?.MetricStat?.Period ?? Period,
    evaluationPeriods: input.EvaluationPeriods ?? 1,
    alarmActions: input.AlarmActions ?? [],
    okActions: input.OKActions ?? [],
    insufficientDataActions: input.InsufficientDataActions ?? [],
  };
}

const MISSING = ["breaching", "notBreaching", "ignore", "missing"] as const;

function isComparison(name: string): name is AlarmSettings["comparison"] {
  return /^(Greater|Less)Than(OrEqualTo)?Threshold$/.test(name);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function viewAlarm(alarm: Alarm): sdk.MetricAlarm {
  const { settings, state } = alarm;
  const { metric } = settings;
  return {
    AlarmName: settings.name,
    AlarmArn: alarm.arn,
    AlarmDescription: settings.description,
    AlarmConfigurationUpdatedTimestamp: new Date(alarm.configuredAt),
    ActionsEnabled: alarm.actionsEnabled,
    OKActions: [...settings.okActions],
    AlarmActions: [...settings.alarmActions],
    InsufficientDataActions: [...settings.insufficientDataActions],
    StateValue: state,
    StateReason: alarm.reason,
    ...(alarm.reasonData !== undefined && { StateReasonData: alarm.reasonData }),
    StateUpdatedTimestamp: new Date(alarm.stateUpdatedAt),
    StateTransitionedTimestamp: new Date(alarm.changedAt),
    ...(metric && viewMetricOf(metric, settings)),
    ...(settings.queries && { Metrics: [...settings.queries] }),
    EvaluationPeriods: settings.evaluationPeriods,
    ...(settings.datapointsToAlarm !== undefined && { DatapointsToAlarm: settings.datapointsToAlarm }),
    Threshold: settings.threshold,
    ComparisonOperator: settings.comparison,
    TreatMissingData: settings.missingData,
  };
}

function viewMetricOf(metric: NonNullable<AlarmSettings["metric"]>, { period }: AlarmSettings): sdk.MetricAlarm {
  return {
    MetricName: metric.name,
    Namespace: metric.namespace,
    ...statisticMember(metric.statistic),
    Dimensions: Object.entries(metric.dimensions).map(([Name, Value]) => ({ Name, Value })),
    Period: period,
  };
}

const PLAIN_STATISTICS: readonly sdk.Statistic[] = ["SampleCount", "Average", "Sum", "Minimum", "Maximum"];

function statisticMember(statistic: string): Pick<sdk.MetricAlarm, "Statistic" | "ExtendedStatistic"> {
  const plain = PLAIN_STATISTICS.find((each) => each === statistic);
  return plain ? { Statistic: plain } : { ExtendedStatistic: statistic };
}

function viewHistory({ alarm, time, type, summary, data }: HistoryItem): sdk.AlarmHistoryItem {
  return {
    AlarmName: alarm,
    AlarmType: "MetricAlarm",
    Timestamp: new Date(time),
    HistoryItemType: type,
    HistorySummary: summary,
    HistoryData: JSON.stringify(data),
  };
}
