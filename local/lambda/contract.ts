import type { LogFormat } from "./function-log.ts";

/** What the local cloud knows of one function; the template's `AWS::Lambda::Function` in our own terms. */
export interface FunctionConfiguration {
  readonly name: string;
  /** The folder of the bundle; `handler` names a file and an export in it (`index.handler`). */
  readonly directory: string;
  readonly handler: string;
  readonly roleArn: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly memoryMegabytes: number;
  readonly runtime: string;
  readonly architecture: "arm64" | "x86_64";
  readonly description: string;
  readonly logGroup: string;
  /** `Text` if not given, as on AWS. */
  readonly logFormat?: LogFormat;
  /** Reserved concurrency: more invocations at a time are throttled. Without it the account's limit counts, and this machine's, which is waited for. */
  readonly reservedConcurrency?: number;
  /** Queue for events that failed every retry. */
  readonly deadLetterArn?: string;
}

/** How asynchronous invocations of a function fail (`AWS::Lambda::EventInvokeConfig`). */
export interface AsyncInvocationPolicy {
  /** 0 to 2; AWS's default is 2. */
  readonly maximumRetries?: number;
  /** 60 to 21,600; AWS's default is the most. */
  readonly maximumAgeSeconds?: number;
  readonly onFailureArn?: string;
  readonly onSuccessArn?: string;
}

/** A function's answer. With `functionError` the payload is `{errorType, errorMessage, trace}` (HTTP status is 200 all the same). */
export interface InvocationResult {
  readonly requestId: string;
  /** JSON text. */
  readonly payload: string;
  readonly functionError?: "Unhandled";
}

/** One line that a function printed. */
export interface LogLine {
  /** Epoch milliseconds. */
  readonly time: number;
  readonly functionName: string;
  /** The invocation that ran when the line arrived; undefined while the environment starts or rests. */
  readonly requestId: string | undefined;
  readonly text: string;
}

/**
 * A fault to provoke on one invocation: `throttle` refuses it; `crash` and `timeout` end it before the handler runs,
 * `crash-after` and `timeout-after` let the handler finish and then lose its answer.
 */
export type InvocationFault = "throttle" | "crash" | "crash-after" | "timeout" | "timeout-after";

/** An invocation that runs now. */
export interface RunningInvocation {
  readonly functionName: string;
  readonly requestId: string;
  /** JSON text. */
  readonly payload: string;
  /** Ends its environment in the middle of whatever it does: the invocation fails with `Runtime.ExitError`. */
  crash(): Promise<void>;
}

/** How an invocation ended, for metrics; a throttled one never began. */
export interface InvocationOutcome {
  readonly functionName: string;
  readonly outcome: "success" | "error" | "throttle";
  readonly durationMs: number;
}

/** A statement of a function's resource policy (`AWS::Lambda::Permission`). */
export interface InvokePermission {
  readonly statementId?: string;
  /** A service (`events.amazonaws.com`), an account id, an ARN, or `*`. */
  readonly principal: string;
  /** ARN pattern of the caller's resource; `*` and `?` are wildcards. Absent: any resource of the principal. */
  readonly sourceArn?: string;
}
