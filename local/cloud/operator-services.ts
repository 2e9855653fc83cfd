import * as apiGatewaySdk from "@aws-sdk/client-apigatewayv2";
import * as cloudFormationSdk from "@aws-sdk/client-cloudformation";
import * as cloudWatchSdk from "@aws-sdk/client-cloudwatch";
import * as logsSdk from "@aws-sdk/client-cloudwatch-logs";
import * as kmsSdk from "@aws-sdk/client-kms";
import * as snsSdk from "@aws-sdk/client-sns";
import * as sqsSdk from "@aws-sdk/client-sqs";
import { createCloudFormation } from "../cloudformation/cloudformation.ts";
import { Stacks } from "../cloudformation/stacks.ts";
import { createCloudWatch } from "../cloudwatch/cloudwatch.ts";
import type { CloudContext } from "../context/context.ts";
import { type ApiView, createApiGateway } from "../httpapi/api-view.ts";
import type { Keys } from "../kms/keys.ts";
import { createKms } from "../kms/kms.ts";
import type { LambdaOptions } from "../lambda/lambda.ts";
import { createLogs } from "../logs/logs.ts";
import { Topics } from "../sns/topics.ts";
import { Queues } from "../sqs/queues.ts";
import { createSqs } from "../sqs/sqs.ts";
import { flowLine } from "../stepfunctions/flow-log.ts";
import type { StepFunctionsOptions } from "../stepfunctions/step-functions.ts";
import { defineService, type Service } from "../wire/service.ts";

/** Services that no part of the product calls: people look into them to see what it does and did. */
export function createOperatorServices(context: CloudContext) {
  const queues = new Queues(context.clock.now);
  const topics = new Topics(context);
  const logs = createLogs(context);
  const cloudWatch = createCloudWatch(context, {
    waiting: () => new Map(queues.arns().map((arn) => [arn.split(":").at(-1) ?? arn, queues.waiting(arn)])),
    notify: (action, { settings, state }) => topics.publish(action, `${state}: "${settings.name}"`),
  });
  logs.store.onEvent((_group, { message }) => cloudWatch.readLogLine(message));
  const stacks = new Stacks();
  const apis: { current?: ApiView } = {};
  return { queues, topics, logs, cloudWatch, stacks, apis };
}

type OperatorServices = ReturnType<typeof createOperatorServices>;

/** What Lambda reports to them. */
export function functionListeners({ logs, cloudWatch }: OperatorServices) {
  return {
    writeLog: (group, stream, message, time) => logs.store.write(group, stream, message, time),
    onInvocation: cloudWatch.aws.invoked,
  } satisfies Partial<LambdaOptions>;
}

/** What Step Functions reports to them of each event of a history. */
export function flowListener({ logs, cloudWatch }: OperatorServices): NonNullable<StepFunctionsOptions["onEvent"]> {
  return (machine, execution, event) => {
    const line = flowLine(machine, execution, event);
    if (line) logs.store.write(line.group, line.stream, line.message, line.time);
    cloudWatch.aws.executed(machine.arn, execution.startDate, event);
  };
}

/** The same as the wire sees them, by the SDK's service id in lower case. */
export function defineOperatorServices(
  context: CloudContext,
  { queues, topics, logs, cloudWatch, stacks, apis }: OperatorServices,
  { keys, endpoint }: { readonly keys: Keys; readonly endpoint: () => string },
): (readonly [serviceId: string, service: Service])[] {
  const inForms = { queryNamespace: "http://monitoring.amazonaws.com/doc/2010-08-01/" };
  const queuesInForms = { queryNamespace: "http://queue.amazonaws.com/doc/2012-11-05/" };
  return [
    ["apigatewayv2", defineService(apiGatewaySdk, "ApiGatewayV2Client", createApiGateway(apis))],
    ["cloudformation", defineService(cloudFormationSdk, "CloudFormationClient", createCloudFormation(stacks))],
    ["cloudwatch", defineService(cloudWatchSdk, "CloudWatchClient", cloudWatch.handlers, inForms)],
    ["cloudwatchlogs", defineService(logsSdk, "CloudWatchLogsClient", logs.handlers)],
    ["kms", defineService(kmsSdk, "KMSClient", createKms(context, keys))],
    ["sns", defineService(snsSdk, "SNSClient", topics.handlers())],
    ["sqs", defineService(sqsSdk, "SQSClient", createSqs(context, queues, endpoint), queuesInForms)],
  ];
}
