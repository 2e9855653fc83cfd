import * as z from "zod";
import { arnOf, type Provision } from "../resource-type.ts";

const Dimension = z.object({ Name: z.string(), Value: z.string() });
const Query = z.object({
  Id: z.string(),
  Label: z.string().optional(),
  Expression: z.string().optional(),
  Period: z.number().optional(),
  ReturnData: z.boolean().optional(),
  MetricStat: z
    .object({
      Metric: z.object({ Namespace: z.string(), MetricName: z.string(), Dimensions: z.array(Dimension).optional() }),
      Period: z.number(),
      Stat: z.string(),
    })
    .optional(),
});
const AlarmProperties = z.object({
  AlarmName: z.string().optional(),
  AlarmDescription: z.string().default(""),
  Namespace: z.string().optional(),
  MetricName: z.string().optional(),
  Dimensions: z.array(Dimension).default([]),
  Statistic: z.string().optional(),
  ExtendedStatistic: z.string().optional(),
  Metrics: z.array(Query).optional(),
  Period: z.coerce.number().default(60),
  EvaluationPeriods: z.coerce.number(),
  DatapointsToAlarm: z.coerce.number().optional(),
  Threshold: z.coerce.number(),
  ComparisonOperator: z.enum([
    "GreaterThanOrEqualToThreshold",
    "GreaterThanThreshold",
    "LessThanThreshold",
    "LessThanOrEqualToThreshold",
  ]),
  TreatMissingData: z.enum(["breaching", "notBreaching", "ignore", "missing"]).default("missing"),
  AlarmActions: z.array(z.string()).default([]),
  OKActions: z.array(z.string()).default([]),
  InsufficientDataActions: z.array(z.string()).default([]),
});

/** `AWS::CloudWatch::Alarm` of a metric, or of queries. */
export const provisionAlarm: Provision = (request, { cloudWatch, context }) => {
  const properties = AlarmProperties.parse(request.properties);
  const name = properties.AlarmName ?? request.name(255);
  const { Metrics, MetricName, Namespace = "" } = properties;
  const dimensions = Object.fromEntries(properties.Dimensions.map(({ Name, Value }) => [Name, Value]));
  const statistic = properties.Statistic ?? properties.ExtendedStatistic ?? "Average";
  cloudWatch.alarms.put({
    name,
    description: properties.AlarmDescription,
    metric: MetricName === undefined ? undefined : { namespace: Namespace, name: MetricName, dimensions, statistic },
    queries: Metrics,
    period: Metrics?.find(({ MetricStat }) => MetricStat)?.MetricStat?.Period ?? properties.Period,
    evaluationPeriods: properties.EvaluationPeriods,
    datapointsToAlarm: properties.DatapointsToAlarm,
    threshold: properties.Threshold,
    comparison: properties.ComparisonOperator,
    missingData: properties.TreatMissingData,
    alarmActions: properties.AlarmActions,
    okActions: properties.OKActions,
    insufficientDataActions: properties.InsufficientDataActions,
  });
  return { ref: name, attributes: { Arn: arnOf(context, "cloudwatch", `alarm:${name}`) } };
};

const DashboardProperties = z.object({ DashboardName: z.string().optional(), DashboardBody: z.string() });

/** `AWS::CloudWatch::Dashboard` */
export const provisionDashboard: Provision = (request, { cloudWatch }) => {
  const { DashboardName = request.name(255), DashboardBody } = DashboardProperties.parse(request.properties);
  cloudWatch.dashboards.put(DashboardName, DashboardBody);
  return { ref: DashboardName, attributes: {} };
};
