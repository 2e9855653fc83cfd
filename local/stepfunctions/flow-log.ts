import type { HistoryEvent } from "@aws-sdk/client-sfn";
import type { Execution, StateMachine } from "./model.ts";

/** A line of a state machine's log group. */
export interface FlowLine {
  readonly group: string;
  readonly stream: string;
  readonly message: string;
  readonly time: number;
}

type Level = "ALL" | "ERROR" | "FATAL";

/** Events of each level (Step Functions developer guide, "Log levels"); FATAL has the ends of executions only. */
const FATAL = new Set(["ExecutionAborted", "ExecutionFailed", "ExecutionTimedOut"]);
const ERROR = /(Failed|TimedOut|Aborted|ScheduleFailed|StartFailed)$/;
/** Members of an event's details that `IncludeExecutionData` is about. */
const DATA = new Set(["input", "output", "parameters"]);

/** What a state machine logs of an event of its history; undefined where its configuration leaves it out. */
export function flowLine(machine: StateMachine, execution: Execution, event: HistoryEvent): FlowLine | undefined {
  const { level = "OFF", destinations = [], includeExecutionData = false } = machine.loggingConfiguration ?? {};
  const group = /:log-group:([^:]+)/.exec(destinations[0]?.cloudWatchLogsLogGroup?.logGroupArn ?? "")?.[1];
  if (group === undefined || level === "OFF" || !isLogged(level, event.type ?? "")) return undefined;
  const time = event.timestamp?.getTime() ?? 0;
  const message = JSON.stringify({
    id: String(event.id),
    type: event.type,
    details: detailsOf(event, includeExecutionData),
    redrive_count: String(execution.redriveCount),
    previous_event_id: String(event.previousEventId),
    event_timestamp: String(time),
    execution_arn: execution.arn,
  });
  return { group, stream: streamOf(machine, execution), message, time };
}

function isLogged(level: Level, type: string): boolean {
  return level === "ALL" || (level === "ERROR" ? ERROR.test(type) : FATAL.has(type));
}

/** The one member of an event that is named after its type. */
function detailsOf(event: HistoryEvent, withData: boolean): Record<string, unknown> {
  const found = Object.entries(event).find(([name]) => name.endsWith("EventDetails"));
  const details: unknown = found?.[1];
  if (typeof details !== "object" || details === null) return {};
  return Object.fromEntries(Object.entries(details).filter(([name]) => withData || !DATA.has(name)));
}

/** A stream for the executions that began in the same minute. */
function streamOf({ name }: StateMachine, { startDate, revision }: Execution): string {
  const minute = startDate.toISOString().slice(0, 16).replaceAll(/[T:]/g, "-");
  return `states/${name}/${minute}/${revision.revisionId.slice(0, 8)}`;
}
