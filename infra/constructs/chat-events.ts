import { Duration } from "aws-cdk-lib";
import { type EventBus, Rule } from "aws-cdk-lib/aws-events";
import { LambdaFunction as LambdaTarget } from "aws-cdk-lib/aws-events-targets";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { useDeadLetterQueue } from "./dead-letter-queue.ts";

export interface ChatEventsProps {
  /** The bus of our own events. */
  readonly bus: EventBus;
  readonly notify: IFunction;
  readonly deadLetterQueue: IQueue;
}

/**
 * Sends Holdfast's own events to the function that posts them in a chat. An event older than an hour goes to the
 * dead-letter queue.
 */
export class ChatEvents extends Construct {
  constructor(scope: Construct, id: string, { bus, notify, deadLetterQueue }: ChatEventsProps) {
    super(scope, id);
    const maxEventAge = Duration.hours(1);
    useDeadLetterQueue(notify, deadLetterQueue, { maxEventAge });
    new Rule(this, "News", {
      eventBus: bus,
      description: "What happens to clusters, for a channel",
      eventPattern: {
        source: ["holdfast"],
        detailType: ["Holdfast Cluster Event", "Holdfast Cluster Status Change"],
      },
      targets: [new LambdaTarget(notify, { deadLetterQueue, retryAttempts: 10, maxEventAge })],
    });
  }
}
