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
 * Who waits for a child learns of its end by a rule that Step Functions keeps in the account, with the machine's
 * permissions. AWS checks them when the machine is created; here they are checked when it waits.
 */
const RULE_ACTIONS = ["events:PutTargets", "events:PutRule", "events:DescribeRule"];

function managedRule(stateMachineArn: string): string {
  const [, partition, , region, account] = stateMachineArn.split(":");
  return `arn:${partition}:events:${region}:${account}:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule`;
}

/**
 * `states:startExecution`, alone or waiting for the child's end. With `.sync` the child's output is JSON text, with
 * `.sync:2` it is parsed. Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html
 * @throws StatesError States.TaskFailed, with the child's description as cause, when a child that is waited for did not succeed.
 */
export async function startNestedExecution(
  executions: ChildExecutions,
  pattern: IntegrationPattern,
  call: TaskCall,
  authorize: (action: string, resource: string) => void,
): Promise<Json> {
  const { StateMachineArn, Name, Input } = parseArguments("states:startExecution", argumentsSchema, call.arguments);
  const waits = pattern === "sync" || pattern === "sync:2";
  const started = attempt(() => {
    authorize("states:StartExecution", StateMachineArn);
    if (waits) for (const action of RULE_ACTIONS) authorize(action, managedRule(StateMachineArn));
    const input = typeof Input === "string" ? Input : JSON.stringify(Input ?? {});
    return executions.start({ stateMachineArn: StateMachineArn, name: Name, input });
  });
  const answer = { ExecutionArn: started.executionArn, StartDate: started.startDate.getTime() };
  if (!waits) return answer;

  call.onSubmitted(answer);
  const cancel = () => {
    if (call.cancelled.reason instanceof ShutDown || !mayStop(started.executionArn, authorize)) return;
    executions.stop(started.executionArn, "States.TaskFailed", "The parent execution was aborted.");
  };
  call.cancelled.addEventListener("abort", cancel, { once: true });
  await executions.ended(started.executionArn);
  call.cancelled.removeEventListener("abort", cancel);
  const child = attempt(() => {
    authorize("states:DescribeExecution", started.executionArn);
    return executions.describe(started.executionArn);
  });
  const description = describeChild(child, pattern === "sync:2");
  if (child.status !== "SUCCEEDED") throw new StatesError("States.TaskFailed", JSON.stringify(description));
  return description;
}

/** A machine without the permission leaves its child running; IAM has logged the denial. */
function mayStop(executionArn: string, authorize: (action: string, resource: string) => void): boolean {
  try {
    authorize("states:StopExecution", executionArn);
    return true;
  } catch {
    return false;
  }
}

function attempt<T>(act: () => T): T {
  try {
    return act();
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
