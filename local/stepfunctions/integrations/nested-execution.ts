import type { DescribeExecutionOutput } from "@aws-sdk/client-sfn";
import { z } from "zod";
import { ShutDown, StatesError } from "../errors.ts";
import { type Json, type JsonObject, tryParseJson } from "../json.ts";
import type { IntegrationPattern } from "../resource.ts";
import type { TaskCall } from "../visit.ts";
import { parseArguments } from "./arguments.ts";
import { optimizedError } from "./service-errors.ts";

/** The executions that a state machine may start from a task. */
export interface ChildExecutions {
  start(input: { stateMachineArn: string; name?: string | undefined; input: string }): {
    executionArn: string;
    startDate: Date;
  };
  stop(executionArn: string, error: string, cause: string): void;
  describe(executionArn: string): DescribeExecutionOutput;
  /** Resolves when the execution has ended, however it did. */
  ended(executionArn: string): Promise<void>;
}

const argumentsSchema = z.strictObject({
  StateMachineArn: z.string(),
  Name: z.string().optional(),
  Input: z.json().optional(),
  TraceHeader: z.string().optional(),
});

/**
 * `states:startExecution`, alone or waiting for the child's end. With `.sync` the child's output is JSON text, with `.sync:2`
 * it is parsed. Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html
 * @throws StatesError States.TaskFailed, with the child's description as cause, when a child that is waited for did not succeed.
 */
export async function startNestedExecution(
  executions: ChildExecutions,
  pattern: IntegrationPattern,
  call: TaskCall,
  authorize: (stateMachineArn: string) => void,
): Promise<Json> {
  const { StateMachineArn, Name, Input } = parseArguments("states:startExecution", argumentsSchema, call.arguments);
  const started = attempt(() => {
    authorize(StateMachineArn);
    const input = typeof Input === "string" ? Input : JSON.stringify(Input ?? {});
    return executions.start({ stateMachineArn: StateMachineArn, name: Name, input });
  });
  const answer = { ExecutionArn: started.executionArn, StartDate: started.startDate.getTime() };
  if (pattern !== "sync" && pattern !== "sync:2") return answer;

  call.onSubmitted(answer);
  const cancel = () => {
    if (call.cancelled.reason instanceof ShutDown) return;
    executions.stop(started.executionArn, "States.TaskFailed", "The parent execution was aborted.");
  };
  call.cancelled.addEventListener("abort", cancel, { once: true });
  await executions.ended(started.executionArn);
  call.cancelled.removeEventListener("abort", cancel);
  const child = executions.describe(started.executionArn);
  const description = describeChild(child, pattern === "sync:2");
  if (child.status !== "SUCCEEDED") throw new StatesError("States.TaskFailed", JSON.stringify(description));
  return description;
}

function attempt<T>(start: () => T): T {
  try {
    return start();
  } catch (error) {
    throw optimizedError("states", error);
  }
}

function describeChild(child: DescribeExecutionOutput, parsed: boolean): JsonObject {
  const data = (text: string): Json => (parsed ? (tryParseJson(text) ?? text) : text);
  const description: Record<string, Json | undefined> = {
    ExecutionArn: child.executionArn,
    StateMachineArn: child.stateMachineArn,
    Name: child.name,
    Status: child.status,
    StartDate: child.startDate?.getTime(),
    StopDate: child.stopDate?.getTime(),
    Input: child.input === undefined ? undefined : data(child.input),
    InputDetails: { Included: true },
    Output: child.output === undefined ? undefined : data(child.output),
    OutputDetails: { Included: child.output !== undefined },
    Error: child.error,
    Cause: child.cause,
    RedriveCount: child.redriveCount,
  };
  const present = Object.entries(description).filter((entry): entry is [string, Json] => entry[1] !== undefined);
  return Object.fromEntries(present);
}
