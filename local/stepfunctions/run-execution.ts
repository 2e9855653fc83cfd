import { ShutDown, type StatesError, Terminated, toStatesError } from "./errors.ts";
import { type History, inputDetail, outputDetail, type Thread } from "./history.ts";
import { runGraph } from "./interpreter.ts";
import { type JsonObject, parseJson } from "./json.ts";
import type { Execution } from "./model.ts";
import { schedule } from "./sleep.ts";
import type { Engine } from "./visit.ts";

const ENDS: ReadonlySet<string> = new Set(["ExecutionFailed", "ExecutionTimedOut", "ExecutionAborted"]);

/**
 * Runs an execution to its end, from the start or from where it was: after a redrive, or a restart. Never rejects: the execution
 * itself records how it ended. When the interpreter shuts down, the execution stays RUNNING.
 */
export async function runExecution(execution: Execution, engine: Engine, control: AbortController): Promise<void> {
  const { definition } = execution.revision;
  const thread: Thread = { signal: control.signal, lastEventId: execution.events.length };
  const over = new AbortController();
  if (definition.TimeoutSeconds !== undefined) {
    schedule(engine.clock, definition.TimeoutSeconds * 1000, AbortSignal.any([control.signal, over.signal]), () =>
      control.abort(new Terminated("TIMED_OUT")),
    );
  }
  try {
    recordStart(execution, engine.history, thread);
    const output = await runGraph(definition, execution.root, { thread, engine, context: {} });
    execution.output = JSON.stringify(output);
    execution.status = "SUCCEEDED";
    engine.history.close({ type: "ExecutionSucceeded", executionSucceededEventDetails: outputDetail(output) });
  } catch (thrown) {
    const reason: unknown = control.signal.aborted ? control.signal.reason : thrown;
    if (reason instanceof ShutDown) return;
    if (reason instanceof Terminated) terminate(execution, reason, engine.history);
    else fail(execution, toStatesError(reason), engine.history);
  } finally {
    over.abort();
  }
  execution.stopDate = new Date(engine.clock.now());
}

/** The members of the context object that stay the same throughout: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html */
export function executionContext(execution: Execution): JsonObject {
  const { revision } = execution;
  return {
    Execution: {
      Id: execution.arn,
      Input: parseJson(execution.input),
      Name: execution.name,
      RoleArn: revision.roleArn,
      StartTime: execution.startDate.toISOString(),
      RedriveCount: execution.redriveCount,
      ...(execution.redriveDate === undefined ? {} : { RedriveTime: execution.redriveDate.toISOString() }),
    },
    StateMachine: { Id: revision.stateMachineArn, Name: revision.name },
  };
}

/** Ends an execution that was stopped, or whose time ran out. */
export function terminate(execution: Execution, reason: Terminated, history: History): void {
  const { status, error, cause } = reason;
  Object.assign(execution, { status, error, cause });
  if (status === "ABORTED") history.close({ type: "ExecutionAborted", executionAbortedEventDetails: { error, cause } });
  else history.close({ type: "ExecutionTimedOut", executionTimedOutEventDetails: { error, cause } });
}

function fail(execution: Execution, { error, cause }: StatesError, history: History): void {
  Object.assign(execution, { status: "FAILED", error, cause });
  history.close({ type: "ExecutionFailed", executionFailedEventDetails: { error, cause } });
}

function recordStart(execution: Execution, history: History, thread: Thread): void {
  const last = execution.events.at(-1)?.type;
  const wasUnderWay = last !== undefined && !ENDS.has(last);
  if (wasUnderWay) return;
  if (execution.redriveCount > 0) {
    const details = { redriveCount: execution.redriveCount };
    history.add(thread, { type: "ExecutionRedriven", executionRedrivenEventDetails: details });
    return;
  }
  const details = { ...inputDetail(parseJson(execution.input)), roleArn: execution.revision.roleArn };
  history.add(thread, { type: "ExecutionStarted", executionStartedEventDetails: details });
}
