import type { DescribeExecutionOutput, ExecutionListItem, ExecutionRedriveStatus } from "@aws-sdk/client-sfn";
import { HISTORY_LIMIT_EVENTS } from "./history.ts";
import type { Execution } from "./model.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/** An execution can be redriven for so long after its end: docs/references/aws.md#execution-names. */
const REDRIVABLE_MS = 14 * DAY_MS;

/** An execution is forgotten, and its name free again, so long after its end: docs/references/aws.md#sfn-quotas. */
export const RETENTION_MS = 90 * DAY_MS;

/** Input and output are left out of an event when together they exceed this: docs/references/aws.md#status-events. */
const EVENT_DATA_LIMIT_BYTES = 248 * 1024;

/** Why an execution cannot be redriven; undefined when it can. Wording: DescribeExecution in the API reference. */
export function redriveObstacle(execution: Execution, now: number): string | undefined {
  const { status, stopDate, events } = execution;
  if (status !== "FAILED" && status !== "ABORTED" && status !== "TIMED_OUT") {
    return `Execution is ${status} and cannot be redriven`;
  }
  if (stopDate !== undefined && now - stopDate.getTime() > REDRIVABLE_MS) return "Execution redrivable period exceeded";
  if (events.length >= HISTORY_LIMIT_EVENTS) return "Execution history event limit exceeded";
  return undefined;
}

function redriveView(execution: Execution, now: number) {
  const redriveStatusReason = redriveObstacle(execution, now);
  const redriveStatus: ExecutionRedriveStatus = redriveStatusReason === undefined ? "REDRIVABLE" : "NOT_REDRIVABLE";
  const { redriveCount, redriveDate } = execution;
  return { redriveCount, redriveDate, redriveStatus, redriveStatusReason };
}

export function toDescription(execution: Execution, now: number): DescribeExecutionOutput {
  const { arn, revision, name, status, startDate, stopDate, input, output, error, cause } = execution;
  const stateMachineArn = revision.stateMachineArn;
  return {
    ...{ executionArn: arn, stateMachineArn, name, status, startDate, stopDate, error, cause },
    input,
    inputDetails: { included: true },
    output,
    outputDetails: output === undefined ? undefined : { included: true },
    ...redriveView(execution, now),
  };
}

export function toListItem(execution: Execution): ExecutionListItem {
  const { arn, revision, name, status, startDate, stopDate, redriveCount, redriveDate } = execution;
  const stateMachineArn = revision.stateMachineArn;
  return { executionArn: arn, stateMachineArn, name, status, startDate, stopDate, redriveCount, redriveDate };
}

/**
 * The detail of a `Step Functions Execution Status Change` event: docs/references/aws.md#status-events. Dates are
 * milliseconds, absent is null.
 */
export function toEventDetail(execution: Execution, now: number): Record<string, unknown> {
  const { arn, revision, name, status, startDate, stopDate, input, output, error, cause } = execution;
  const included = Buffer.byteLength(input) + Buffer.byteLength(output ?? "") <= EVENT_DATA_LIMIT_BYTES;
  const { redriveCount, redriveDate, redriveStatus, redriveStatusReason } = redriveView(execution, now);
  return {
    executionArn: arn,
    stateMachineArn: revision.stateMachineArn,
    name,
    status,
    startDate: startDate.getTime(),
    stopDate: stopDate?.getTime() ?? null,
    input: included ? input : null,
    inputDetails: { included },
    output: included ? (output ?? null) : null,
    outputDetails: output === undefined ? null : { included },
    error: error ?? null,
    cause: cause ?? null,
    stateMachineVersionArn: null,
    stateMachineAliasArn: null,
    redriveCount,
    redriveDate: redriveDate?.getTime() ?? null,
    redriveStatus,
    redriveStatusReason: redriveStatusReason ?? null,
  };
}
