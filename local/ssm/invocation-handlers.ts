import type * as ssm from "@aws-sdk/client-ssm";
import type { CloudContext } from "../context/context.ts";
import { paginate, required } from "../context/input.ts";
import { AwsError, type Handlers } from "../wire/contract.ts";
import { commandStatus, viewCommand, viewInvocation, viewStep } from "./command-views.ts";
import type { SsmState, StoredCommand } from "./model.ts";

/**
 * Reading what became of commands. `visibleAfter` is the lag, in ms, in which GetCommandInvocation denies a new
 * command.
 */
export function invocationHandlers(context: CloudContext, state: SsmState, visibleAfter: number): Handlers<typeof ssm> {
  return {
    GetCommandInvocation: (input) => {
      const command = state.commands.find(
        ({ id }) => id === required(input.CommandId, "CommandId", "ValidationException"),
      );
      const invocation = command?.invocations.find(({ instanceId }) => instanceId === input.InstanceId);
      if (!command || !invocation || context.clock.now() < command.requestedAt + visibleAfter) {
        throw new AwsError("InvocationDoesNotExist", "");
      }
      const { steps } = invocation;
      const step =
        input.PluginName === undefined && steps.length === 1
          ? steps[0]
          : steps.find(({ name }) => name === input.PluginName);
      if (!step) throw new AwsError("InvalidPluginName", "");
      return viewStep(command, invocation, step);
    },
    ListCommands: (input) => {
      const found = state.commands
        .filter((command) => selects(command, input))
        .filter((command) => (input.Filters ?? []).every((filter) => matches(command, commandStatus(command), filter)));
      const page = paginate(found, {
        limit: input.MaxResults ?? 50,
        token: input.NextToken,
        tokenError: "InvalidNextToken",
      });
      return { Commands: page.items.map(viewCommand), NextToken: page.nextToken };
    },
    ListCommandInvocations: (input) => {
      const found = state.commands
        .filter((command) => selects(command, input))
        .flatMap((command) =>
          command.invocations
            .filter(({ instanceId }) => input.InstanceId === undefined || instanceId === input.InstanceId)
            .filter(({ status }) => (input.Filters ?? []).every((filter) => matches(command, status, filter)))
            .map((invocation) => viewInvocation(command, invocation, input.Details ?? false)),
        );
      const page = paginate(found, {
        limit: input.MaxResults ?? 50,
        token: input.NextToken,
        tokenError: "InvalidNextToken",
      });
      return { CommandInvocations: page.items, NextToken: page.nextToken };
    },
  };
}

function selects(
  command: StoredCommand,
  input: { CommandId?: string | undefined; InstanceId?: string | undefined },
): boolean {
  if (input.CommandId !== undefined && input.CommandId !== command.id) return false;
  return (
    input.InstanceId === undefined || command.invocations.some(({ instanceId }) => instanceId === input.InstanceId)
  );
}

function matches(command: StoredCommand, status: string, filter: ssm.CommandFilter): boolean {
  switch (filter.key) {
    case "InvokedAfter":
      return command.requestedAt > Date.parse(filter.value ?? "");
    case "InvokedBefore":
      return command.requestedAt < Date.parse(filter.value ?? "");
    case "Status":
      return status === filter.value;
    case "DocumentName":
      return command.documentName === filter.value;
    default:
      throw new AwsError("InvalidFilterKey", `The filter key ${filter.key} is not supported by this local cloud.`);
  }
}
