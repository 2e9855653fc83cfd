import type { CloudContext } from "../context/context.ts";
import { commandStatus } from "./command-views.ts";
import type { Invocation, StoredCommand } from "./model.ts";

/** `EC2 Command Invocation Status-change Notification`: one instance has ended. */
export function announceInvocation(context: CloudContext, command: StoredCommand, invocation: Invocation): void {
  context.publish({
    source: "aws.ssm",
    detailType: "EC2 Command Invocation Status-change Notification",
    resources: [`arn:aws:ec2:${context.region}:${context.accountId}:instance/${invocation.instanceId}`],
    detail: {
      "command-id": command.id,
      "document-name": command.documentName,
      "instance-id": invocation.instanceId,
      "requested-date-time": new Date(command.requestedAt).toISOString(),
      status: invocation.status,
    },
  });
}

/** `EC2 Command Status-change Notification`: the last instance has ended. */
export function announceCommand(context: CloudContext, command: StoredCommand): void {
  context.publish({
    source: "aws.ssm",
    detailType: "EC2 Command Status-change Notification",
    resources: command.invocations.map(
      ({ instanceId }) => `arn:aws:ec2:${context.region}:${context.accountId}:instance/${instanceId}`,
    ),
    detail: {
      "command-id": command.id,
      "document-name": command.documentName,
      "requested-date-time": new Date(command.requestedAt).toISOString(),
      "expire-after": new Date(command.requestedAt + command.timeoutSeconds * 1_000).toISOString(),
      parameters: command.parameters,
      status: commandStatus(command),
    },
  });
}
