import { Duration } from "aws-cdk-lib";
import { type EventBus, Rule } from "aws-cdk-lib/aws-events";
import { LambdaFunction as LambdaTarget } from "aws-cdk-lib/aws-events-targets";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { putAside } from "./put-aside.ts";

export interface ChatEventsProps {
  /** The bus of our own events. */
  readonly bus: EventBus;
  readonly notify: IFunction;
  readonly deadLetterQueue: IQueue;
}

/** Our own events, to whoever tells them in a chat. Old news is no news: after an hour an event is put aside. */
export class ChatEvents extends Construct {
  constructor(scope: Construct, id: string, { bus, notify, deadLetterQueue }: ChatEventsProps) {
    super(scope, id);
    const maxEventAge = Duration.hours(1);
    putAside(notify, deadLetterQueue, { maxEventAge });
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
