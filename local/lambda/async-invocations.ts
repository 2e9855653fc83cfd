import type { CloudContext } from "../kernel/context.ts";
import { AwsError } from "../wire/contract.ts";
import type { AsyncInvocationPolicy, FunctionConfiguration, InvocationResult } from "./contract.ts";

/** What Lambda sends to a dead-letter queue or destination when it gives an event up (or, on success, when it is done). */
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
  /** Waits before the first and the second retry, in milliseconds. On AWS one and two minutes (aws-facts §5.6). */
  readonly retryDelaysMs: readonly [number, number];
  readonly log: (line: string) => void;
}

/** Throttled events are tried again for up to six hours on AWS; here for this many waits. */
const THROTTLE_ATTEMPTS = 50;
const THROTTLE_DELAY_MS = 250;

/** Lambda's queue of asynchronous events: two retries after function errors, then the dead-letter queue or destination. */
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
    let result = await this.#attempt(invocation);
    let attempts = 1;
    while (result?.functionError && attempts <= retries) {
      await this.#options.clock.sleep(this.#options.retryDelaysMs[attempts - 1] ?? 0, this.#stop.signal);
      result = await this.#attempt(invocation);
      attempts += 1;
    }
    this.#report(invocation, result, attempts);
  }

  /** Undefined for an event that grew too old while it was throttled. */
  async #attempt(invocation: AsyncInvocation): Promise<InvocationResult | undefined> {
    for (let attempt = 1; ; attempt += 1) {
      this.#stop.signal.throwIfAborted();
      try {
        return await this.#options.invoke(invocation.configuration.name, invocation.payload, invocation.requestId);
      } catch (error) {
        const throttled = error instanceof AwsError && error.code === "TooManyRequestsException";
        if (!throttled) throw error;
        if (attempt === THROTTLE_ATTEMPTS) return undefined;
        await this.#options.clock.sleep(THROTTLE_DELAY_MS, this.#stop.signal);
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
