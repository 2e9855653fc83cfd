import { AwsError } from "../wire/contract.ts";
import type { AccountConcurrency } from "./account-concurrency.ts";
import type { FunctionConfiguration, InvocationFault, InvocationOutcome, InvocationResult } from "./contract.ts";
import { type SandboxPool, throttled } from "./pool.ts";
import { exited, failed, timedOut } from "./sandbox.ts";

export interface InvokeOptions {
  readonly signal?: AbortSignal;
  readonly onStart?: () => void;
}

export interface RunningFunction {
  readonly configuration: FunctionConfiguration;
  readonly pool: SandboxPool;
}

interface InvokerParts {
  /** Throws `ResourceNotFoundException`. */
  readonly running: (reference: string) => RunningFunction;
  readonly account: AccountConcurrency;
  readonly faultOf: (name: string, payload: string) => InvocationFault | undefined;
  readonly onInvocation: ((outcome: InvocationOutcome) => void) | undefined;
}

export type Invoke = (
  reference: string,
  payload: string,
  requestId: string,
  options?: InvokeOptions,
) => Promise<InvocationResult>;

/** Runs a function in a free environment, within what it and the account may run at once, unless a fault prevents it. */
export function invokerOf({ running, account, faultOf, onInvocation }: InvokerParts): Invoke {
  return async (reference, payload, requestId, { signal, onStart } = {}) => {
    const { configuration, pool } = running(reference);
    const fault = faultOf(configuration.name, payload);
    const refuse = (error: unknown): never => {
      if (isThrottle(error)) onInvocation?.({ functionName: configuration.name, outcome: "throttle", durationMs: 0 });
      throw error;
    };
    if (fault === "throttle") return refuse(throttled("CallerRateLimitExceeded"));
    const failure = fault?.startsWith("crash")
      ? exited(requestId, "signal: killed")
      : timedOut(requestId, configuration.timeoutSeconds * 1000);
    if (fault === "crash" || fault === "timeout") return failed(requestId, failure);
    const leave = enter(account, configuration, refuse);
    const sandbox = await pool.acquire(signal).catch((error: unknown) => {
      leave();
      return refuse(error);
    });
    const result = sandbox
      .invoke(requestId, payload, { timeoutSeconds: configuration.timeoutSeconds, onStart })
      .finally(() => {
        leave();
        pool.release(sandbox);
      })
      .then((answer) => (fault === undefined ? answer : failed(requestId, failure)));
    return await untilAborted(result, signal);
  };
}

function enter(
  account: AccountConcurrency,
  configuration: FunctionConfiguration,
  refuse: (error: unknown) => never,
): () => void {
  try {
    return account.enter(configuration);
  } catch (error) {
    return refuse(error);
  }
}

function isThrottle(error: unknown): boolean {
  return error instanceof AwsError && error.code === "TooManyRequestsException";
}

/** The promise, or the signal's reason if that comes first; the work behind the promise continues. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return await work;
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason ?? new AwsError("RequestAborted", "The request was aborted."));
  signal.addEventListener("abort", abort);
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
