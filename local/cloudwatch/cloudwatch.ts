import type * as sdk from "@aws-sdk/client-cloudwatch";
import type { CloudContext } from "../context/context.ts";
import type { Handlers } from "../wire/contract.ts";
import { alarmHandlers } from "./alarm-handlers.ts";
import { type Alarm, AlarmStore } from "./alarm-store.ts";
import { type AwsMetrics, createAwsMetrics } from "./aws-metrics.ts";
import { Dashboards } from "./dashboards.ts";
import { embeddedMetrics } from "./embedded-metrics.ts";
import { metricHandlers } from "./metric-handlers.ts";
import { MetricStore } from "./metric-store.ts";

export interface CloudWatch {
  readonly handlers: Handlers<typeof sdk>;
  readonly alarms: AlarmStore;
  readonly dashboards: Dashboards;
  /** What the services themselves count. */
  readonly aws: AwsMetrics;
  /** Takes the metrics out of a log line that embeds any. */
  readLogLine(message: string): void;
  /** Ends the evaluation of alarms. */
  close(): void;
}

export interface CloudWatchOptions {
  /** Messages that wait in each queue, by its name; asked before each evaluation. */
  readonly waiting: () => ReadonlyMap<string, number>;
  /** Takes the action of an alarm that changed its state: the ARN of a topic. */
  readonly notify: (action: string, alarm: Alarm) => void;
}

/** How often alarms are evaluated. CloudWatch does so each minute. */
const EVALUATION_MS = 10_000;

/** CloudWatch of one local cloud: metrics, alarms that are evaluated, and dashboards. */
export function createCloudWatch(context: CloudContext, options: CloudWatchOptions): CloudWatch {
  const store = new MetricStore();
  const alarms = new AlarmStore(context, store, options.notify);
  const dashboards = new Dashboards(context);
  const aws = createAwsMetrics(store, context.clock.now);
  const closing = new AbortController();
  void keepEvaluating(context, closing.signal, () => {
    for (const [queue, messages] of options.waiting()) aws.waiting(queue, messages);
    alarms.evaluate();
  });
  return {
    handlers: { ...metricHandlers(context, store), ...alarmHandlers(alarms), ...dashboards.handlers() },
    ...{ alarms, dashboards, aws },
    readLogLine: (message) => {
      for (const datum of embeddedMetrics(message)) store.put(datum);
    },
    close: () => closing.abort(),
  };
}

async function keepEvaluating(context: CloudContext, signal: AbortSignal, evaluate: () => void): Promise<void> {
  while (!signal.aborted) {
    await context.clock.sleep(EVALUATION_MS, signal).catch(() => undefined);
    if (signal.aborted) return;
    try {
      evaluate();
    } catch (error) {
      context.log(`cloudwatch: alarms could not be evaluated: ${error instanceof Error ? error.message : error}`);
    }
  }
}
