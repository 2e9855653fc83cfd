import { randomUUID } from "node:crypto";
import type { HistoryEvent } from "@aws-sdk/client-sfn";
import type { CloudContext } from "../context/context.ts";
import { AwsError } from "../wire/contract.ts";
import { ShutDown, STATE_DATA_LIMIT_BYTES, Terminated } from "./errors.ts";
import { History } from "./history.ts";
import { callTask } from "./integrations/call-task.ts";
import type { Integrations } from "./integrations/contract.ts";
import { tryParseJson } from "./json.ts";
import { jsonataFunctions } from "./jsonata-functions.ts";
import type { Execution, StateMachine } from "./model.ts";
import { requireValidName } from "./names.ts";
import { executionContext, runExecution } from "./run-execution.ts";
import type { TaskTokens } from "./task-tokens.ts";
import { RETENTION_MS, redriveObstacle, toDescription, toEventDetail } from "./views.ts";
import { type Engine, newFrame } from "./visit.ts";

interface Running {
  readonly control: AbortController;
  readonly ended: Promise<void>;
}

export interface ExecutionsOptions {
  readonly context: CloudContext;
  readonly integrations: Integrations;
  readonly random: () => number;
  readonly speed: number;
  /** From one state to the next, in milliseconds. */
  readonly transitionMs: number;
  readonly tokens: TaskTokens;
  /** @throws AwsError StateMachineDoesNotExist */
  readonly findMachine: (arn: string) => StateMachine;
  readonly onEvent?: ((machine: StateMachine, execution: Execution, event: HistoryEvent) => void) | undefined;
}

/** The executions of one local cloud: those that run, and those that ran in the last 90 days. */
export class Executions {
  readonly #options: ExecutionsOptions;
  readonly #byArn = new Map<string, Execution>();
  readonly #running = new Map<string, Running>();

  constructor(options: ExecutionsOptions) {
    this.#options = options;
  }

  /**
   * Starts an execution. The same name and input while it is open gives the open execution:
   * docs/references/aws.md#execution-names.
   * @throws AwsError InvalidName, InvalidExecutionInput, ExecutionAlreadyExists
   */
  start(machine: StateMachine, name: string = randomUUID(), input = "{}"): Execution {
    requireValidName(name);
    const arn = `${machine.arn.replace(":stateMachine:", ":execution:")}:${name}`;
    const existing = this.find(arn);
    if (existing !== undefined) {
      if (existing.status === "RUNNING" && existing.input === input) return existing;
      throw new AwsError("ExecutionAlreadyExists", `Execution Already Exists: '${arn}'`);
    }
    const json = tryParseJson(input);
    if (json === undefined)
      throw new AwsError("InvalidExecutionInput", "Invalid State Machine Execution Input: not JSON");
    if (Buffer.byteLength(input) > STATE_DATA_LIMIT_BYTES) {
      throw new AwsError("InvalidExecutionInput", `The input is longer than ${STATE_DATA_LIMIT_BYTES} bytes.`);
    }
    const { revision } = machine;
    const execution: Execution = {
      ...{ arn, name, revision, input },
      status: "RUNNING",
      startDate: new Date(this.#now()),
      redriveCount: 0,
      events: [],
      root: newFrame(revision.definition, json),
    };
    this.#byArn.set(arn, execution);
    this.#run(execution);
    return execution;
  }

  /**
   * Stops an execution without running any Catch; one that has ended stays as it ended.
   * @throws AwsError InvalidArn, ExecutionDoesNotExist
   */
  async stop(arn: string, error?: string, cause?: string): Promise<Execution> {
    const execution = this.get(arn);
    const running = this.#running.get(arn);
    running?.control.abort(new Terminated("ABORTED", error, cause));
    await running?.ended;
    return execution;
  }

  /**
   * Runs an unsuccessful execution again from the state where it stopped, with the definition it began with.
   * @throws AwsError ExecutionDoesNotExist, ExecutionNotRedrivable
   */
  redrive(arn: string): Date {
    const execution = this.get(arn);
    const obstacle = redriveObstacle(execution, this.#now());
    if (obstacle !== undefined) throw new AwsError("ExecutionNotRedrivable", obstacle);
    const redriveDate = new Date(this.#now());
    execution.redriveCount += 1;
    execution.redriveDate = redriveDate;
    execution.status = "PENDING_REDRIVE";
    this.#publish(execution);
    execution.status = "RUNNING";
    execution.stopDate = execution.error = execution.cause = undefined;
    this.#run(execution);
    return redriveDate;
  }

  /** Resolves when the execution has ended, at once if it has already. */
  async ended(arn: string): Promise<void> {
    await this.#running.get(arn)?.ended;
  }

  /** Undefined also for what was forgotten 90 days after its end. */
  find(arn: string): Execution | undefined {
    const execution = this.#byArn.get(arn);
    if (execution?.stopDate === undefined || this.#now() - execution.stopDate.getTime() <= RETENTION_MS)
      return execution;
    this.#byArn.delete(arn);
    return undefined;
  }

  /** @throws AwsError InvalidArn, ExecutionDoesNotExist */
  get(arn: string): Execution {
    if (!/^arn:[^:]+:states:[^:]*:[^:]*:execution:[^:]+:[^:]+$/.test(arn)) {
      throw new AwsError("InvalidArn", `Invalid Arn: 'Invalid ARN: ${arn}'`);
    }
    const execution = this.find(arn);
    if (execution === undefined) throw new AwsError("ExecutionDoesNotExist", `Execution Does Not Exist: '${arn}'`);
    return execution;
  }

  /** The newest first. */
  list(): Execution[] {
    const arns = [...this.#byArn.keys()].reverse();
    return arns.map((arn) => this.find(arn)).filter((execution) => execution !== undefined);
  }

  /** Puts back what a snapshot kept; what ran then continues with `resume`. */
  restore(execution: Execution): void {
    this.#byArn.set(execution.arn, execution);
  }

  /** Lets restored executions that ran continue, from the states in which they were. */
  resume(): void {
    for (const execution of this.#byArn.values()) {
      if (execution.status === "RUNNING" && !this.#running.has(execution.arn)) this.#track(execution);
    }
  }

  /** Drops all that runs, without recording an end: a snapshot taken later still says RUNNING. */
  async close(): Promise<void> {
    const running = [...this.#running.values()];
    for (const { control } of running) control.abort(new ShutDown());
    await Promise.all(running.map(({ ended }) => ended));
  }

  #run(execution: Execution): void {
    this.#track(execution);
    this.#publish(execution);
  }

  #track(execution: Execution): void {
    const control = new AbortController();
    const settled = runExecution(execution, this.#engineFor(execution), control).then(() => {
      this.#running.delete(execution.arn);
      if (execution.status !== "RUNNING") this.#publish(execution);
    });
    this.#running.set(execution.arn, { control, ended: settled });
  }

  #engineFor(execution: Execution): Engine {
    const { context, integrations, random, speed, transitionMs, tokens, onEvent, findMachine } = this.#options;
    const { stateMachineArn, roleArn } = execution.revision;
    const origin = { executionArn: execution.arn, stateMachineArn, roleArn };
    return {
      clock: context.clock,
      region: context.region,
      random,
      speed,
      transitionMs,
      functions: jsonataFunctions({ now: () => context.clock.now(), random }),
      history: new History(execution.events, context.clock, (event) =>
        onEvent?.(findMachine(stateMachineArn), execution, event),
      ),
      tokens,
      executionContext: executionContext(execution),
      callTask: (call) => callTask(call, origin, integrations, this.#children()),
    };
  }

  #children() {
    return {
      start: (request: { stateMachineArn: string; name?: string | undefined; input: string }) => {
        const machine = this.#options.findMachine(request.stateMachineArn);
        const child = this.start(machine, request.name, request.input);
        return { executionArn: child.arn, startDate: child.startDate };
      },
      stop: (arn: string, error: string, cause: string) => void this.stop(arn, error, cause),
      describe: (arn: string) => toDescription(this.get(arn), this.#now()),
      ended: (arn: string) => this.ended(arn),
    };
  }

  #publish(execution: Execution): void {
    this.#options.context.publish({
      source: "aws.states",
      detailType: "Step Functions Execution Status Change",
      resources: [execution.arn],
      detail: toEventDetail(execution, this.#now()),
    });
  }

  #now(): number {
    return this.#options.context.clock.now();
  }
}
