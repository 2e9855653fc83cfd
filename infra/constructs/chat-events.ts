import { Duration } from "aws-cdk-lib";
import { Rule } from "aws-cdk-lib/aws-events";
import { LambdaFunction as LambdaTarget } from "aws-cdk-lib/aws-events-targets";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";

/** Our own events, to whoever tells them in a chat. Old news is no news: after an hour an event is dropped. */
export class ChatEvents extends Construct {
  constructor(scope: Construct, id: string, notify: IFunction) {
    super(scope, id);
    new Rule(this, "News", {
      description: "What happens to clusters, for a channel",
      eventPattern: {
        source: ["holdfast"],
        detailType: ["Holdfast Cluster Event", "Holdfast Cluster Status Change"],
      },
      targets: [new LambdaTarget(notify, { retryAttempts: 10, maxEventAge: Duration.hours(1) })],
    });
  }
}
