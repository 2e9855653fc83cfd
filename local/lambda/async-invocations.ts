import type { CloudContext } from "../context/context.ts";
import { AwsError } from "../wire/contract.ts";
import type { AsyncInvocationPolicy, FunctionConfiguration, InvocationResult } from "./contract.ts";

/**
 * What Lambda sends to a dead-letter queue or destination when it gives an event up (or, on success, when it is done).
 */
export interface DestinationMessage {
  readonly targetArn: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
}

interface AsyncInvocation {
  readonly requestId: string;
  readonly functionArn: string;
  readonly payload: string;
  readonly configuration: FunctionConfiguration;
  readonly policy: AsyncInvocationPolicy;
}

export interface AsyncInvocationsOptions {
  readonly clock: CloudContext["clock"];
  readonly invoke: (name: string, payload: string, requestId: string) => Promise<InvocationResult>;
  readonly deliver: (message: DestinationMessage) => void;
  /**
   * Waits before the first and the second retry, in milliseconds. On AWS one and two minutes
   * (docs/references/aws.md#lambda).
   */
  readonly retryDelaysMs: readonly [number, number];
  readonly log: (line: string) => void;
}

/**
 * A throttled event is tried again until it is too old. AWS's pauses grow from a second to five minutes; here to ten
 * seconds.
 */
const OLDEST_SECONDS = 21_600;
const FIRST_PAUSE_MS = 250;
const MAX_PAUSE_MS = 10_000;

/**
 * Lambda's queue of asynchronous events: two retries after function errors, then the dead-letter queue or destination.
 */
export class AsyncInvocations {
  readonly #options: AsyncInvocationsOptions;
  readonly #stop = new AbortController();

  constructor(options: AsyncInvocationsOptions) {
    this.#options = options;
  }

  /** Queues the event and returns at once. */
  accept(invocation: AsyncInvocation): void {
    this.#process(invocation).catch((error: unknown) => {
      if (!this.#stop.signal.aborted)
        this.#options.log(`lambda: event of ${invocation.functionArn} lost: ${String(error)}`);
    });
  }

  close(): void {
    this.#stop.abort();
  }

  async #process(invocation: AsyncInvocation): Promise<void> {
    const retries = Math.min(invocation.policy.maximumRetries ?? 2, 2);
    const tooOldAt = this.#options.clock.now() + (invocation.policy.maximumAgeSeconds ?? OLDEST_SECONDS) * 1000;
    let result = await this.#attempt(invocation, tooOldAt);
    let attempts = 1;
    while (result?.functionError && attempts <= retries) {
      await this.#options.clock.sleep(this.#options.retryDelaysMs[attempts - 1] ?? 0, this.#stop.signal);
      result = await this.#attempt(invocation, tooOldAt);
      attempts += 1;
    }
    this.#report(invocation, result, attempts);
  }

  /** Undefined for an event that grew too old while it was throttled. */
  async #attempt(invocation: AsyncInvocation, tooOldAt: number): Promise<InvocationResult | undefined> {
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS)) {
      this.#stop.signal.throwIfAborted();
      try {
        return await this.#options.invoke(invocation.configuration.name, invocation.payload, invocation.requestId);
      } catch (error) {
        const throttled = error instanceof AwsError && error.code === "TooManyRequestsException";
        if (!throttled) throw error;
        if (this.#options.clock.now() + pauseMs >= tooOldAt) return undefined;
        await this.#options.clock.sleep(pauseMs, this.#stop.signal);
      }
    }
  }

  #report(invocation: AsyncInvocation, result: InvocationResult | undefined, attempts: number): void {
    const { policy, configuration, payload, requestId } = invocation;
    const failed = result === undefined || result.functionError !== undefined;
    const destination = failed ? policy.onFailureArn : policy.onSuccessArn;
    if (destination)
      this.#options.deliver({
        targetArn: destination,
        body: JSON.stringify(this.#record(invocation, result, attempts)),
        attributes: {},
      });
    if (failed && configuration.deadLetterArn)
      this.#options.deliver({
        targetArn: configuration.deadLetterArn,
        body: payload,
        attributes: {
          RequestID: requestId,
          ErrorCode: result ? "200" : "429",
          ErrorMessage: (result?.payload ?? "Rate Exceeded.").slice(0, 1024),
        },
      });
  }

  /** The invocation record of a destination (Lambda `invocation-async-retain-records.html`). */
  #record(
    invocation: AsyncInvocation,
    result: InvocationResult | undefined,
    attempts: number,
  ): Record<string, unknown> {
    const ended = result?.functionError ? "RetriesExhausted" : "Success";
    return {
      version: "1.0",
      timestamp: new Date(this.#options.clock.now()).toISOString(),
      requestContext: {
        requestId: invocation.requestId,
        functionArn: `${invocation.functionArn}:$LATEST`,
        condition: result ? ended : "EventAgeExceeded",
        approximateInvokeCount: attempts,
      },
      requestPayload: JSON.parse(invocation.payload),
      ...(result && {
        responseContext: {
          statusCode: 200,
          executedVersion: "$LATEST",
          ...(result.functionError && { functionError: result.functionError }),
        },
        responsePayload: JSON.parse(result.payload),
      }),
    };
  }
}
