import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { Rule } from "aws-cdk-lib/aws-events";
import { LambdaFunction as LambdaTarget } from "aws-cdk-lib/aws-events-targets";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { LAUNCH_HOOK } from "../../functions/domain/naming.ts";

/**
 * What AWS says about instances, as far as it may concern a master. Events are best effort (aws-facts §1.1): these make
 * the repair quick, they do not make it certain.
 */
export class MasterEvents extends Construct {
  constructor(scope: Construct, id: string, handler: IFunction) {
    super(scope, id);
    const deadLetterQueue = new Queue(this, "Undelivered", {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const target = new LambdaTarget(handler, { deadLetterQueue, retryAttempts: 185, maxEventAge: Duration.hours(24) });
    new Rule(this, "InstanceStopped", {
      description: "An instance is going away or has stopped",
      eventPattern: {
        source: ["aws.ec2"],
        detailType: ["EC2 Instance State-change Notification"],
        detail: { state: ["shutting-down", "terminated", "stopping", "stopped"] },
      },
      targets: [target],
    });
    new Rule(this, "MasterLaunched", {
      description: "A master's group launched an instance, perhaps without anybody having told of the loss",
      eventPattern: {
        source: ["aws.autoscaling"],
        detailType: ["EC2 Instance-launch Lifecycle Action"],
        detail: { LifecycleHookName: [LAUNCH_HOOK] },
      },
      targets: [target],
    });
  }
}
