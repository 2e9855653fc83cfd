import type * as sfn from "@aws-sdk/client-sfn";
import type { CloudContext, Stateful } from "../context/context.ts";
import type { Handlers } from "../wire/contract.ts";
import { Executions, type ExecutionsOptions } from "./executions.ts";
import { executionHandlers } from "./handlers/execution-handlers.ts";
import { stateMachineHandlers } from "./handlers/state-machine-handlers.ts";
import { taskTokenHandlers } from "./handlers/task-token-handlers.ts";
import type { Integrations } from "./integrations/contract.ts";
import { fromSnapshot, toSnapshot } from "./snapshot.ts";
import { type StateMachineSettings, StateMachines } from "./state-machines.ts";
import { TaskTokens } from "./task-tokens.ts";

export type { Integrations } from "./integrations/contract.ts";
export type { StateMachineSettings } from "./state-machines.ts";

export interface StepFunctionsOptions {
  readonly integrations: Integrations;
  /** At least 0, less than 1: jitter of retries and `$random`. Math.random when absent. */
  readonly random?: () => number;
  /** How many times faster `Wait` states and pauses before retries are; 1 when absent. Time-outs stay as they are. */
  readonly speed?: number;
  /** From one state to the next, in milliseconds; none when absent. */
  readonly transitionMs?: number;
  /** Called with each event of each history. */
  readonly onEvent?: ExecutionsOptions["onEvent"];
}

/** What a target of EventBridge, or the local cloud itself, starts. `input` is JSON text. */
export interface StartRequest {
  readonly stateMachineArn: string;
  readonly name?: string;
  readonly input?: string;
}

/** The Step Functions of one local cloud. */
export interface StepFunctions extends Stateful {
  readonly handlers: Handlers<typeof sfn>;
  /**
   * Creates a machine or gives it a new revision. @throws AwsError InvalidDefinition with every problem; see
   * StateMachines.put
   */
  createStateMachine(settings: StateMachineSettings): string;
  /** Starts an execution without the wire. @throws AwsError as StartExecution does */
  startExecution(request: StartRequest): { executionArn: string; startDate: Date };
  /** Lets restored executions continue. To be called once the functions that they invoke are there. */
  resume(): void;
  /** Drops what runs, without recording an end. A snapshot taken afterwards restores it as it was. */
  close(): Promise<void>;
}

/**
 * Creates the service. With `restored` (what `snapshot()` gave) closed executions stay listed and can be redriven;
 * those that ran continue with `resume`. Step Functions is durable: a task of which nothing lives on is begun again, as
 * after any lost answer.
 */
export function createStepFunctions(
  context: CloudContext,
  { integrations, random = Math.random, speed = 1, transitionMs = 0, onEvent }: StepFunctionsOptions,
  restored?: unknown,
): StepFunctions {
  const tokens = new TaskTokens();
  const machines = new StateMachines(context);
  const findMachine = (arn: string) => machines.get(arn);
  const executions = new Executions({
    ...{ context, integrations, random, speed, transitionMs, tokens, findMachine, onEvent },
  });
  if (restored !== undefined) {
    const kept = fromSnapshot(restored);
    for (const machine of kept.machines) machines.restore(machine);
    for (const execution of kept.executions) executions.restore(execution);
  }
  return {
    handlers: {
      ...executionHandlers(machines, executions, context.clock),
      ...stateMachineHandlers(machines),
      ...taskTokenHandlers(tokens),
    },
    createStateMachine: (settings) => machines.put(settings),
    startExecution: ({ stateMachineArn, name, input }) => {
      const { arn, startDate } = executions.start(machines.get(stateMachineArn), name, input);
      return { executionArn: arn, startDate };
    },
    snapshot: () => toSnapshot({ machines: machines.list(), executions: executions.list().reverse() }),
    resume: () => executions.resume(),
    close: () => executions.close(),
  };
}
