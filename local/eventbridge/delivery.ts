import type { Target } from "@aws-sdk/client-eventbridge";
import type { CloudContext } from "../context/context.ts";
import { AwsError } from "../wire/contract.ts";

/** One event on its way to one target. */
export interface TargetDelivery {
  readonly targetArn: string;
  readonly roleArn: string | undefined;
  readonly ruleArn: string;
  readonly input: string;
}

/** Hands an event to a target; rejects with the target's own error. */
export type DeliverToTarget = (delivery: TargetDelivery) => Promise<void>;

export interface DeliveryOptions {
  readonly clock: CloudContext["clock"];
  readonly deliver: DeliverToTarget;
  readonly sendToQueue: (queueArn: string, body: string, attributes: Readonly<Record<string, string>>) => void;
  /** The first wait between two attempts in milliseconds; each further wait doubles, up to 32 times this. */
  readonly firstDelayMs: number;
  readonly log: (line: string) => void;
}

/** EventBridge's own defaults (docs/references/aws.md#events). */
const DEFAULT_RETRIES = 185;
const DEFAULT_AGE_SECONDS = 86_400;

/**
 * Errors after which another attempt may succeed, by the code that the dead-letter message names. Any other goes to the
 * queue at once.
 */
const RETRYABLE: Readonly<Record<string, string>> = {
  TooManyRequestsException: "THROTTLING",
  ThrottlingException: "THROTTLING",
  ExecutionLimitExceeded: "THROTTLING",
  ServiceUnavailable: "SDK_CLIENT_ERROR",
  InternalFailure: "SDK_CLIENT_ERROR",
};
const FINAL: Readonly<Record<string, string>> = {
  AccessDeniedException: "NO_PERMISSIONS",
  AccessDenied: "NO_PERMISSIONS",
  ResourceNotFoundException: "NO_RESOURCE",
  StateMachineDoesNotExist: "NO_RESOURCE",
  InvalidExecutionInput: "INVALID_JSON",
};

/** Delivers with the target's retry policy; what cannot be delivered goes to its dead-letter queue, or is lost. */
export async function deliverWithRetries(
  options: DeliveryOptions,
  target: Target,
  delivery: TargetDelivery,
  signal: AbortSignal,
): Promise<void> {
  const retries = target.RetryPolicy?.MaximumRetryAttempts ?? DEFAULT_RETRIES;
  const oldest = options.clock.now() + (target.RetryPolicy?.MaximumEventAgeInSeconds ?? DEFAULT_AGE_SECONDS) * 1000;
  for (let attempt = 0; ; attempt += 1) {
    signal.throwIfAborted();
    try {
      return await options.deliver(delivery);
    } catch (error) {
      const retryable = isRetryable(error);
      const tooOld = options.clock.now() >= oldest;
      if (!retryable || attempt >= retries || tooOld)
        return giveUp(options, target, delivery, {
          error,
          attempts: attempt,
          ...(retryable && { exhausted: tooOld ? "MaximumEventAgeInSeconds" : "MaximumRetryAttempts" }),
        });
      await options.clock.sleep(options.firstDelayMs * 2 ** Math.min(attempt, 5), signal);
    }
  }
}

interface Failure {
  readonly error: unknown;
  readonly attempts: number;
  readonly exhausted?: string;
}

function giveUp(options: DeliveryOptions, target: Target, delivery: TargetDelivery, failure: Failure): void {
  const { error, attempts, exhausted } = failure;
  const message = error instanceof Error ? error.message : String(error);
  options.log(`events: ${delivery.targetArn} did not take an event of ${delivery.ruleArn}: ${message}`);
  if (!target.DeadLetterConfig?.Arn) return;
  options.sendToQueue(target.DeadLetterConfig.Arn, delivery.input, {
    RULE_ARN: delivery.ruleArn,
    TARGET_ARN: delivery.targetArn,
    ERROR_CODE: dlqCode(error),
    ERROR_MESSAGE: message,
    RETRY_ATTEMPTS: String(attempts),
    ...(exhausted && { EXHAUSTED_RETRY_CONDITION: exhausted }),
  });
}

function isRetryable(error: unknown): boolean {
  if (!(error instanceof AwsError)) return true;
  return error.code in RETRYABLE || error.status >= 500;
}

function dlqCode(error: unknown): string {
  if (!(error instanceof AwsError)) return "SDK_CLIENT_ERROR";
  return RETRYABLE[error.code] ?? FINAL[error.code] ?? "INVALID_PARAMETER";
}
