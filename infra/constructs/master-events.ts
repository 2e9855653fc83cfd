import { Duration, RemovalPolicy, Validations } from "aws-cdk-lib";
import { Alarm, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { Rule, type RuleProps, Schedule } from "aws-cdk-lib/aws-events";
import { LambdaFunction as LambdaTarget } from "aws-cdk-lib/aws-events-targets";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import type { StateMachine } from "aws-cdk-lib/aws-stepfunctions";
import { Construct } from "constructs";
import { LAUNCH_HOOK } from "../../functions/domain/cluster/naming.ts";
import { useDeadLetterQueue } from "./dead-letter-queue.ts";

export interface MasterEventsProps {
  readonly masterLost: IFunction;
  readonly reconcile: IFunction;
  readonly executionEnded: IFunction;
  /** Machines whose executions are operations: each bears its operation's id. */
  readonly operations: readonly StateMachine[];
}

/** Events that may concern a master; the function finds out whether they do. */
const MASTER_RULES: Readonly<Record<string, Required<Pick<RuleProps, "description" | "eventPattern">>>> = {
  InstanceStopped: {
    description: "An instance is going away or has stopped",
    eventPattern: {
      source: ["aws.ec2"],
      detailType: ["EC2 Instance State-change Notification"],
      detail: { state: ["shutting-down", "terminated", "stopping", "stopped"] },
    },
  },
  MasterLaunched: {
    description: "A master's group launched an instance; the loss may not have been reported",
    eventPattern: {
      source: ["aws.autoscaling"],
      detailType: ["EC2 Instance-launch Lifecycle Action"],
      detail: { LifecycleHookName: [LAUNCH_HOOK] },
    },
  },
  InstanceInTrouble: {
    description: "Spot will take an instance away, or may",
    eventPattern: {
      source: ["aws.ec2"],
      detailType: ["EC2 Spot Instance Interruption Warning", "EC2 Instance Rebalance Recommendation"],
    },
  },
  GroupInTrouble: {
    description: "A group cannot launch, has ended an instance, or a hook that somebody left holds a dead one",
    eventPattern: {
      source: ["aws.autoscaling"],
      detailType: [
        "EC2 Instance-terminate Lifecycle Action",
        "EC2 Instance Terminate Successful",
        "EC2 Instance Launch Unsuccessful",
      ],
    },
  },
  VolumeInTrouble: {
    description: "A volume is gone, or something failed with it",
    eventPattern: {
      source: ["aws.ec2"],
      detailType: ["EBS Volume Notification"],
      detail: { result: ["failed", "deleted"] },
    },
  },
  HealthReported: {
    description: "AWS Health names instances or volumes: hardware fails, or a retirement is scheduled",
    eventPattern: {
      source: ["aws.health"],
      detailType: ["AWS Health Event"],
      detail: { service: ["EC2", "EBS"] },
    },
  },
};

/**
 * Rules for AWS's events about instances, volumes, groups and failed executions. Delivery is best effort
 * (docs/references/aws.md#events), so events make a repair fast, and the reconciler makes it certain.
 */
export class MasterEvents extends Construct {
  /** Takes what could not be delivered, or failed after it was. */
  readonly undelivered: Queue;

  constructor(scope: Construct, id: string, { masterLost, reconcile, executionEnded, operations }: MasterEventsProps) {
    super(scope, id);
    this.undelivered = this.#queue();
    const ofMasters = this.#deliverTo(masterLost);
    for (const [name, rule] of Object.entries(MASTER_RULES)) new Rule(this, name, { ...rule, targets: [ofMasters] });
    new Rule(this, "OperationEnded", {
      description: "The execution of an operation ended badly; perhaps it could not say so itself",
      eventPattern: {
        source: ["aws.states"],
        detailType: ["Step Functions Execution Status Change"],
        detail: {
          status: ["FAILED", "TIMED_OUT", "ABORTED"],
          stateMachineArn: operations.map(({ stateMachineArn }) => stateMachineArn),
        },
      },
      targets: [this.#deliverTo(executionEnded)],
    });
    for (const machine of operations) machine.grantExecution(executionEnded, "states:DescribeExecution");
    this.#reconcileEachMinute(reconcile);
  }

  #queue(): Queue {
    const queue = new Queue(this, "Undelivered", {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    Validations.of(queue).acknowledge({
      id: "AwsSolutions-SQS3",
      reason: "It is the dead-letter queue itself, of rules and functions, which the check does not see",
    });
    new Alarm(this, "UndeliveredAlarm", {
      alarmDescription: "Events could not be delivered; docs/runbooks/undelivered-events.md",
      metric: queue.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(5) }),
      threshold: 1,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    return queue;
  }

  /**
   * EventBridge's retries end when Lambda has taken the event; what fails after that goes to Lambda's own destination.
   */
  #deliverTo(handler: IFunction): LambdaTarget {
    useDeadLetterQueue(handler, this.undelivered, { maxEventAge: Duration.hours(6) });
    return new LambdaTarget(handler, {
      deadLetterQueue: this.undelivered,
      retryAttempts: 185,
      maxEventAge: Duration.hours(24),
    });
  }

  /** A reconcile run that is not delivered, or fails, is not repeated: the next one comes in a minute. */
  #reconcileEachMinute(reconcile: IFunction): void {
    new Rule(this, "ReconcileEachMinute", {
      description: "Finds what no event reported",
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [new LambdaTarget(reconcile, { deadLetterQueue: this.undelivered, retryAttempts: 0 })],
    });
    useDeadLetterQueue(reconcile, this.undelivered, { retryAttempts: 0, maxEventAge: Duration.minutes(1) });
  }
}
