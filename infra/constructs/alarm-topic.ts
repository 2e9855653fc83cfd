import { CfnCondition, CfnOutput, CfnParameter, Fn, Stack } from "aws-cdk-lib";
import { Alarm } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { CfnSubscription, Topic } from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";

/**
 * Where all alarms of the stack ring, and say when they are over. The parameter AlarmEmail subscribes an address;
 * without it whoever subscribes. Make it when all alarms are there.
 */
export class AlarmTopic extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const stack = Stack.of(this);
    const email = new CfnParameter(stack, "AlarmEmail", {
      default: "",
      description: "Email address that receives alarms; AWS asks it to confirm. Empty: none",
    });
    const topic = new Topic(this, "Topic", { displayName: "Holdfast alarms", enforceSSL: true });
    // A topic with a policy of its own has no other: without this line no alarm could publish.
    topic.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal("cloudwatch.amazonaws.com")],
        actions: ["sns:Publish"],
        resources: [topic.topicArn],
        conditions: { StringEquals: { "aws:SourceAccount": stack.account } },
      }),
    );
    const hasRecipient = new CfnCondition(stack, "HasRecipient", {
      expression: Fn.conditionNot(Fn.conditionEquals(email.valueAsString, "")),
    });
    const subscription = new CfnSubscription(this, "Email", {
      topicArn: topic.topicArn,
      protocol: "email",
      endpoint: email.valueAsString,
    });
    subscription.cfnOptions.condition = hasRecipient;

    const ring = new SnsAction(topic);
    for (const alarm of stack.node.findAll().filter((node) => node instanceof Alarm)) {
      alarm.addAlarmAction(ring);
      alarm.addOkAction(ring);
    }
    new CfnOutput(stack, "AlarmTopicArn", { value: topic.topicArn, description: "Subscribe whoever is on call" });
  }
}
