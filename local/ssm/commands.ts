import { randomUUID } from "node:crypto";
import type * as ssm from "@aws-sdk/client-ssm";
import type { CloudContext } from "../context/context.ts";
import { required } from "../context/input.ts";
import type { HostDriver } from "../hosts/driver.ts";
import { AwsError, type Handlers } from "../wire/contract.ts";
import { announceCommand, announceInvocation } from "./command-events.ts";
import { viewCommand } from "./command-views.ts";
import { type RunnableStep, renderSteps } from "./document-parameters.ts";
import { readCommandDocument } from "./documents.ts";
import type { Invocation, SsmState, StepResult, StoredCommand } from "./model.ts";

const INSTANCES_A_COMMAND = 50;
const KEPT_COMMANDS = 2_000;
/** How long a command waits for delivery unless it says otherwise. */
const DEFAULT_DELIVERY_SECONDS = 3_600;

export interface CommandRunner {
  readonly context: CloudContext;
  readonly state: SsmState;
  readonly hosts: HostDriver;
  /** From SendCommand to the script's start on the host, in milliseconds. */
  readonly deliveryMs: number;
  /** Ids of running instances that carry any of the values of a tag. */
  readonly findByTag: (key: string, values: readonly string[]) => Promise<string[]>;
}

export function commandHandlers(runner: CommandRunner): Handlers<typeof ssm> {
  return {
    SendCommand: async (input) => ({ Command: viewCommand(await sendCommand(runner, input)) }),
  };
}

async function sendCommand(runner: CommandRunner, input: ssm.SendCommandRequest): Promise<StoredCommand> {
  const documentName = required(input.DocumentName, "DocumentName", "ValidationException");
  const { document } = readCommandDocument(runner.state, documentName);
  const steps = renderSteps(document, input.Parameters ?? {});
  const instanceIds = await chooseInstances(runner, input);
  const command: StoredCommand = {
    id: randomUUID(),
    documentName,
    parameters: input.Parameters ?? {},
    comment: input.Comment ?? "",
    requestedAt: runner.context.clock.now(),
    timeoutSeconds: deliverySeconds(input),
    instanceIds: input.InstanceIds ?? [],
    targets: (input.Targets ?? []).map(({ Key = "", Values = [] }) => ({ key: Key, values: Values })),
    invocations: instanceIds.map((instanceId) => newInvocation(instanceId, steps)),
  };
  runner.state.commands.unshift(command);
  runner.state.commands.length = Math.min(runner.state.commands.length, KEPT_COMMANDS);
  for (const invocation of command.invocations) void runInvocation(runner, command, invocation, steps);
  return command;
}

function deliverySeconds(input: ssm.SendCommandRequest): number {
  const seconds = input.TimeoutSeconds ?? DEFAULT_DELIVERY_SECONDS;
  if (seconds < 30 || seconds > 2_592_000) {
    throw new AwsError("ValidationException", "TimeoutSeconds must be between 30 and 2592000.");
  }
  return seconds;
}

/** @throws AwsError `InvalidInstanceId` unless every named instance has an agent that is online. */
async function chooseInstances(runner: CommandRunner, input: ssm.SendCommandRequest): Promise<string[]> {
  const ids = input.InstanceIds ?? [];
  if (ids.length > INSTANCES_A_COMMAND) {
    throw new AwsError(
      "ValidationException",
      `InstanceIds must have length less than or equal to ${INSTANCES_A_COMMAND}.`,
    );
  }
  if (ids.length === 0) return chooseTargets(runner, input.Targets ?? []);
  const absent = ids.filter((id) => !runner.state.agents[id]?.online);
  if (absent.length === 0) return ids;
  throw new AwsError(
    "InvalidInstanceId",
    `Instances [[${absent.join(", ")}]] not in a valid state for account ${runner.context.accountId}`,
  );
}

/** Targets choose among managed instances that are online; several targets narrow the choice. */
async function chooseTargets(runner: CommandRunner, targets: readonly ssm.Target[]): Promise<string[]> {
  if (targets.length === 0)
    throw new AwsError("ValidationException", "Either InstanceIds or Targets must be specified.");
  let chosen = Object.values(runner.state.agents)
    .filter(({ online }) => online)
    .map(({ instanceId }) => instanceId);
  for (const { Key: key = "", Values: values = [] } of targets) {
    if (key !== "InstanceIds" && !key.startsWith("tag:")) {
      throw new AwsError("InvalidTarget", `The target key ${key} is not supported by this local cloud.`);
    }
    const matching = key === "InstanceIds" ? values : await runner.findByTag(key.slice("tag:".length), values);
    chosen = chosen.filter((id) => matching.includes(id));
  }
  return chosen;
}

function newInvocation(instanceId: string, steps: readonly RunnableStep[]): Invocation {
  const pending = { status: "Pending", details: "Pending" } as const;
  return {
    instanceId,
    ...pending,
    steps: steps.map(({ name }) => ({ name, ...pending, exitCode: -1, stdout: "", stderr: "" })),
  };
}

/** Runs the steps one after the other. A step that fails does not keep the next from running; it fails the whole. */
async function runInvocation(
  runner: CommandRunner,
  command: StoredCommand,
  invocation: Invocation,
  steps: readonly RunnableStep[],
): Promise<void> {
  if (runner.deliveryMs > 0) await runner.context.clock.sleep(runner.deliveryMs);
  Object.assign(invocation, { status: "InProgress", details: "InProgress" });
  for (const [index, step] of steps.entries()) {
    const result = invocation.steps[index];
    if (result) await runStep(runner, invocation.instanceId, step, result);
  }
  const decisive = invocation.steps.find(({ status }) => status !== "Success") ?? {
    status: "Success",
    details: "Success",
  };
  Object.assign(invocation, { status: decisive.status, details: decisive.details });
  announceInvocation(runner.context, command, invocation);
  if (command.invocations.every(({ status }) => status !== "Pending" && status !== "InProgress")) {
    announceCommand(runner.context, command);
  }
}

async function runStep(
  runner: CommandRunner,
  instanceId: string,
  step: RunnableStep,
  result: StepResult,
): Promise<void> {
  const { clock } = runner.context;
  const startedAt = clock.now();
  Object.assign(result, { status: "InProgress", details: "InProgress", startedAt });
  try {
    const { exitCode, stdout, stderr, timedOut } = await runner.hosts.run(instanceId, step.script, {
      timeoutMs: step.timeoutMs,
    });
    Object.assign(result, { stdout, stderr, endedAt: clock.now() });
    if (timedOut) Object.assign(result, { status: "TimedOut", details: "Execution Timed Out" });
    else if (exitCode === 0) Object.assign(result, { status: "Success", details: "Success", exitCode });
    else {
      // The agent adds its own line to what the script printed.
      const failure = `failed to run commands: exit status ${exitCode}`;
      Object.assign(result, { status: "Failed", details: "Failed", exitCode, stderr: `${stderr}${failure}` });
    }
  } catch (error) {
    // The agent is gone. Nobody reports the end, so the service waits for the time that the step was given.
    runner.context.log(`ssm: ${instanceId}: ${error instanceof Error ? error.message : String(error)}`);
    await clock.sleep(Math.max(0, startedAt + step.timeoutMs - clock.now()));
    Object.assign(result, { status: "TimedOut", details: "Execution Timed Out", endedAt: clock.now() });
  }
}
