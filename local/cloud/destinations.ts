import type { EventBridgeService } from "../eventbridge/event-bridge.ts";
import type { DestinationMessage } from "../lambda/async-invocations.ts";
import type { LambdaService } from "../lambda/lambda.ts";
import type { Queues } from "../sqs/queues.ts";

export interface DestinationServices {
  readonly queues: Queues;
  readonly lambda: Pick<LambdaService, "invokeAsync">;
  readonly events: Pick<EventBridgeService, "put">;
  readonly log: (line: string) => void;
}

/** Takes what Lambda sends to dead-letter queues and destinations. A destination that is not emulated is named in the log. */
export function deliverToDestination(
  services: DestinationServices,
  { targetArn, body, attributes }: DestinationMessage,
): void {
  const service = targetArn.split(":")[2];
  if (service === "sqs") services.queues.send(targetArn, body, attributes);
  else if (service === "lambda") services.lambda.invokeAsync(targetArn, body);
  else if (service === "events") {
    const record = JSON.parse(body);
    const detailType = `Lambda Function Invocation Result - ${record.requestContext.condition !== "Success" ? "Failure" : "Success"}`;
    services.events.put(targetArn, { source: "lambda", detailType, resources: [targetArn], detail: record });
  } else services.log(`lambda: the destination ${targetArn} is not emulated; lost: ${body}`);
}
