import type { CloudEvent } from "../context/context.ts";
import type { LambdaService } from "../lambda/lambda.ts";
import type { Queues } from "../sqs/queues.ts";
import { AwsError } from "../wire/contract.ts";
import type { DeliverToTarget, TargetDelivery } from "./delivery.ts";
import type { EventOrigin } from "./event-bridge.ts";
import { isObject } from "./json.ts";

/** What events can be delivered to. */
export interface TargetServices {
  readonly lambda: Pick<LambdaService, "allows" | "invokeAsync">;
  readonly queues: Queues;
  /**
   * Starts an execution under the role of the target; rejects with Step Functions' own errors or
   * `AccessDeniedException`.
   */
  readonly startExecution: (request: { stateMachineArn: string; input: string; roleArn: string }) => Promise<void>;
  /**
   * Puts an event on another bus under the role of the target, or as this account where that has none; throws
   * `AccessDeniedException`.
   */
  readonly putEvent: (request: {
    busArn: string;
    event: CloudEvent;
    roleArn: string | undefined;
    from: EventOrigin;
  }) => void;
  /** Whether a bus is another account's or another Region's. */
  readonly isElsewhere: (busArn: string) => boolean;
}

/** Delivery by the target's ARN. A target of a service that is not emulated is refused, and so is invalid JSON. */
export function createTargets(services: TargetServices): DeliverToTarget {
  return async (delivery) => {
    const service = delivery.targetArn.split(":")[2];
    switch (service) {
      case "lambda":
        return invokeFunction(services, delivery);
      case "states":
        return await services.startExecution({
          stateMachineArn: delivery.targetArn,
          input: requireJson(delivery.input),
          roleArn: requireRole(delivery),
        });
      case "sqs":
        services.queues.send(delivery.targetArn, delivery.input);
        return;
      case "events":
        return services.putEvent({
          busArn: delivery.targetArn,
          event: toCloudEvent(delivery.input),
          // An account that is let in by its id needs none (PutTargets).
          roleArn: services.isElsewhere(delivery.targetArn) ? delivery.roleArn : requireRole(delivery),
          from: originOf(delivery.input),
        });
      default:
        throw new AwsError(
          "InvalidParameter",
          `The local cloud does not emulate targets of ${service}: ${delivery.targetArn}`,
        );
    }
  };
}

/** Functions are invoked asynchronously, and only if their resource policy lets EventBridge. */
function invokeFunction({ lambda }: TargetServices, { targetArn, ruleArn, input }: TargetDelivery): void {
  if (!lambda.allows(targetArn, { principal: "events.amazonaws.com", sourceArn: ruleArn }))
    throw new AwsError(
      "AccessDeniedException",
      `${ruleArn} is not authorized to perform lambda:InvokeFunction on ${targetArn}`,
    );
  lambda.invokeAsync(targetArn, requireJson(input));
}

function requireRole({ roleArn, targetArn }: TargetDelivery): string {
  if (roleArn) return roleArn;
  throw new AwsError("AccessDeniedException", `The target ${targetArn} has no RoleArn`);
}

function requireJson(input: string): string {
  try {
    JSON.parse(input);
    return input;
  } catch {
    throw new AwsError("InvalidExecutionInput", `The input of the target is not valid JSON: ${input.slice(0, 200)}`);
  }
}

/** An event stays what it was in its own account, wherever it goes. */
function originOf(text: string): EventOrigin {
  const event: unknown = JSON.parse(text);
  const { account, region, time } = isObject(event) ? event : {};
  return {
    ...(typeof account === "string" && { account }),
    ...(typeof region === "string" && { region }),
    ...(typeof time === "string" && { time: new Date(time) }),
  };
}

function toCloudEvent(text: string): CloudEvent {
  const event: unknown = JSON.parse(requireJson(text));
  if (!isObject(event) || !isObject(event["detail"])) throw new AwsError("InvalidParameter", "Not an event");
  const { source, resources, detail } = event;
  return {
    source: String(source),
    detailType: String(event["detail-type"]),
    resources: Array.isArray(resources) ? resources.map(String) : [],
    detail,
  };
}
