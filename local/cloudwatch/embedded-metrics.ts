import * as z from "zod";
import type { Datum } from "./metric-store.ts";

const Embedded = z.looseObject({
  _aws: z.object({
    Timestamp: z.number(),
    CloudWatchMetrics: z.array(
      z.object({
        Namespace: z.string(),
        Dimensions: z.array(z.array(z.string())).default([]),
        Metrics: z.array(z.object({ Name: z.string(), Unit: z.string().optional() })),
      }),
    ),
  }),
});

const Values = z.union([z.number().transform((value) => [value]), z.array(z.number())]);

/**
 * The metrics in a log line of the embedded metric format, once for each set of dimensions; none in any other line.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function embeddedMetrics(message: string): Datum[] {
  if (!message.includes('"CloudWatchMetrics"')) return [];
  const { data } = Embedded.safeParse(parse(message));
  if (!data) return [];
  return data._aws.CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics }) =>
    Metrics.flatMap(({ Name, Unit }) => {
      const values = Values.safeParse(data[Name]).data ?? [];
      if (values.length === 0) return [];
      const sets = Dimensions.length === 0 ? [[]] : Dimensions;
      return sets.map((names) => ({
        ...{ namespace: Namespace, name: Name, unit: Unit, time: data._aws.Timestamp },
        dimensions: Object.fromEntries(names.map((name) => [name, String(data[name] ?? "")])),
        values: values.map((value) => ({ value })),
      }));
    }),
  );
}

function parse(message: string): unknown {
  try {
    return JSON.parse(message);
  } catch {
    return undefined;
  }
}
