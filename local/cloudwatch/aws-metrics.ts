import type { HistoryEvent } from "@aws-sdk/client-sfn";
import type { InvocationOutcome } from "../lambda/contract.ts";
import type { Datum, MetricStore } from "./metric-store.ts";

type Put = (
  id: Pick<Datum, "namespace" | "name" | "dimensions">,
  value: number,
  unit?: "Count" | "Milliseconds",
) => void;

/** The metrics that AWS's services themselves publish, as far as alarms, dashboards and operators here ask for them. */
export interface AwsMetrics {
  invoked(outcome: InvocationOutcome): void;
  /** An event of an execution's history. */
  executed(stateMachineArn: string, startedAt: Date, event: HistoryEvent): void;
  answered(apiId: string, answer: { readonly status: number; readonly milliseconds: number }): void;
  /** How many messages wait in a queue. */
  waiting(queueName: string, messages: number): void;
}

/** Step Functions' metrics by the type of event that ends or begins an execution. */
const EXECUTIONS: Readonly<Record<string, string>> = {
  ExecutionStarted: "ExecutionsStarted",
  ExecutionSucceeded: "ExecutionsSucceeded",
  ExecutionFailed: "ExecutionsFailed",
  ExecutionTimedOut: "ExecutionsTimedOut",
  ExecutionAborted: "ExecutionsAborted",
};

export function createAwsMetrics(store: MetricStore, now: () => number): AwsMetrics {
  const put: Put = (id, value, unit = "Count") => store.put({ ...id, unit, time: now(), values: [{ value }] });
  return {
    invoked: (outcome) => putInvocation(put, outcome),
    executed(stateMachineArn, startedAt, { type = "", timestamp }) {
      const name = EXECUTIONS[type];
      if (name === undefined) return;
      const id = { namespace: "AWS/States", dimensions: { StateMachineArn: stateMachineArn } };
      put({ ...id, name }, 1);
      if (type === "ExecutionStarted") return;
      const took = (timestamp?.getTime() ?? now()) - startedAt.getTime();
      put({ ...id, name: "ExecutionTime" }, took, "Milliseconds");
    },
    answered(apiId, { status, milliseconds }) {
      const id = { namespace: "AWS/ApiGateway", dimensions: { ApiId: apiId } };
      put({ ...id, name: "Count" }, 1);
      put({ ...id, name: "4xx" }, status >= 400 && status < 500 ? 1 : 0);
      put({ ...id, name: "5xx" }, status >= 500 ? 1 : 0);
      put({ ...id, name: "Latency" }, milliseconds, "Milliseconds");
    },
    waiting(queueName, messages) {
      const dimensions = { QueueName: queueName };
      put({ namespace: "AWS/SQS", name: "ApproximateNumberOfMessagesVisible", dimensions }, messages);
    },
  };
}

function putInvocation(put: Put, { functionName, outcome, durationMs }: InvocationOutcome): void {
  const id = { namespace: "AWS/Lambda", dimensions: { FunctionName: functionName } };
  put({ ...id, name: "Throttles" }, outcome === "throttle" ? 1 : 0);
  if (outcome === "throttle") return;
  put({ ...id, name: "Invocations" }, 1);
  put({ ...id, name: "Errors" }, outcome === "error" ? 1 : 0);
  put({ ...id, name: "Duration" }, durationMs, "Milliseconds");
}
