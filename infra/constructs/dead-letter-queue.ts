import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { EventInvokeConfigOptions, IFunction } from "aws-cdk-lib/aws-lambda";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { arn } from "../permissions/arn.ts";

/**
 * What a function is asked for asynchronously and fails at goes to the queue. CDK's own destination would grant three
 * permissions, of which Lambda needs one.
 */
export function useDeadLetterQueue(handler: IFunction, queue: IQueue, options: EventInvokeConfigOptions = {}): void {
  handler.configureAsyncInvoke({ onFailure: { bind: () => ({ destination: queue.queueArn }) }, ...options });
  handler.addToRolePolicy(new PolicyStatement({ actions: ["sqs:SendMessage"], resources: [queue.queueArn] }));
}

/** Lets the rules of a bus put there what they could not deliver, also rules that only some stacks have. */
export function takeUndelivered(queue: IQueue, bus: string): void {
  queue.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal("events.amazonaws.com")],
      actions: ["sqs:SendMessage"],
      resources: [queue.queueArn],
      conditions: { ArnLike: { "aws:SourceArn": arn("events", `rule/${bus}/*`) } },
    }),
  );
}
