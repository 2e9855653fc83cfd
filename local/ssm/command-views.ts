import type * as ssm from "@aws-sdk/client-ssm";
import type { Invocation, StepResult, StoredCommand } from "./model.ts";

/** Characters of output that the API returns; more only goes to S3 or CloudWatch (docs/references/aws.md#ssm). */
const STDOUT_CHARACTERS = 24_000;
const STDERR_CHARACTERS = 8_000;
const PLUGIN_CHARACTERS = 2_500;

/** The agent's marker, within the limit (amazon-ssm-agent, pluginutil). */
const TRUNCATED = "--output truncated--";

export function cut(text: string, characters: number): string {
  return text.length <= characters ? text : text.slice(0, characters - TRUNCATED.length) + TRUNCATED;
}

export function commandStatus(command: StoredCommand): ssm.CommandStatus {
  const { invocations } = command;
  if (invocations.some(({ status }) => status === "Pending" || status === "InProgress")) return "InProgress";
  return invocations.find(({ status }) => status !== "Success")?.status === "TimedOut"
    ? "TimedOut"
    : invocations.every(({ status }) => status === "Success")
      ? "Success"
      : "Failed";
}

export function viewCommand(command: StoredCommand): ssm.Command {
  const ended = command.invocations.filter(({ status }) => status !== "Pending" && status !== "InProgress");
  const status = command.invocations.every((each) => each.status === "Pending") ? "Pending" : commandStatus(command);
  return {
    CommandId: command.id,
    DocumentName: command.documentName,
    DocumentVersion: "$DEFAULT",
    Comment: command.comment,
    ExpiresAfter: new Date(command.requestedAt + command.timeoutSeconds * 1_000),
    Parameters: command.parameters,
    InstanceIds: command.instanceIds,
    Targets: command.targets.map(({ key, values }) => ({ Key: key, Values: values })),
    RequestedDateTime: new Date(command.requestedAt),
    Status: command.invocations.length === 0 ? "Success" : status,
    StatusDetails: command.invocations.length === 0 ? "NoInstancesInTag" : status,
    MaxConcurrency: "50",
    MaxErrors: "0",
    TargetCount: command.invocations.length,
    CompletedCount: ended.length,
    ErrorCount: ended.filter((each) => each.status === "Failed" || each.status === "TimedOut").length,
    DeliveryTimedOutCount: ended.filter(({ details }) => details === "Delivery Timed Out").length,
    TimeoutSeconds: command.timeoutSeconds,
  };
}

export function viewInvocation(
  command: StoredCommand,
  invocation: Invocation,
  details: boolean,
): ssm.CommandInvocation {
  return {
    CommandId: command.id,
    InstanceId: invocation.instanceId,
    InstanceName: "",
    Comment: command.comment,
    DocumentName: command.documentName,
    DocumentVersion: "$DEFAULT",
    RequestedDateTime: new Date(command.requestedAt),
    Status: invocation.status,
    StatusDetails: invocation.details,
    CommandPlugins: details ? invocation.steps.map(viewPlugin) : [],
  };
}

function viewPlugin(step: StepResult): ssm.CommandPlugin {
  const errors = step.stderr === "" ? "" : `\n----------ERROR-------\n${step.stderr}`;
  return {
    Name: step.name,
    Status: step.status === "Delayed" || step.status === "Cancelling" ? "InProgress" : step.status,
    StatusDetails: step.details,
    ResponseCode: step.exitCode,
    ResponseStartDateTime: step.startedAt === undefined ? undefined : new Date(step.startedAt),
    ResponseFinishDateTime: step.endedAt === undefined ? undefined : new Date(step.endedAt),
    Output: cut(`${step.stdout}${errors}`, PLUGIN_CHARACTERS),
  };
}

export function viewStep(
  command: StoredCommand,
  invocation: Invocation,
  step: StepResult,
): ssm.GetCommandInvocationResult {
  const elapsed = ((step.endedAt ?? 0) - (step.startedAt ?? 0)) / 1_000;
  return {
    CommandId: command.id,
    InstanceId: invocation.instanceId,
    Comment: command.comment,
    DocumentName: command.documentName,
    DocumentVersion: "$DEFAULT",
    PluginName: step.name,
    ResponseCode: step.exitCode,
    ExecutionStartDateTime: step.startedAt === undefined ? "" : new Date(step.startedAt).toISOString(),
    ExecutionElapsedTime: step.endedAt === undefined ? "" : `PT${elapsed}S`,
    ExecutionEndDateTime: step.endedAt === undefined ? "" : new Date(step.endedAt).toISOString(),
    Status: step.status,
    StatusDetails: step.details,
    StandardOutputContent: cut(step.stdout, STDOUT_CHARACTERS),
    StandardOutputUrl: "",
    StandardErrorContent: cut(step.stderr, STDERR_CHARACTERS),
    StandardErrorUrl: "",
  };
}
