import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { EventInvokeConfigOptions, IFunction } from "aws-cdk-lib/aws-lambda";
import type { IQueue } from "aws-cdk-lib/aws-sqs";

/**
 * What a function is asked for asynchronously and fails at goes to the queue. CDK's own destination would grant three
 * permissions, of which Lambda needs one.
 */
export function useDeadLetterQueue(handler: IFunction, queue: IQueue, options: EventInvokeConfigOptions = {}): void {
  handler.configureAsyncInvoke({ onFailure: { bind: () => ({ destination: queue.queueArn }) }, ...options });
  handler.addToRolePolicy(new PolicyStatement({ actions: ["sqs:SendMessage"], resources: [queue.queueArn] }));
}
