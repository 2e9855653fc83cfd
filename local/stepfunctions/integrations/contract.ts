/** Under whose permissions, and for how long, a call to another service runs. */
export interface CallOptions {
  /** The execution role of the state machine. */
  readonly roleArn: string;
  /**
   * Aborted when the task no longer waits. A real function or API call continues regardless, so an implementation may
   * ignore it but for releasing what it holds itself.
   */
  readonly signal: AbortSignal;
  /**
   * Called with a wait that AWS does not have, until the promise settles: for room on this machine. The task's time does
   * not run meanwhile.
   */
  readonly onWait?: (waiting: Promise<void>) => void;
}

/** What a function that threw, crashed or timed out answers. Without `errorType` the error becomes `Lambda.Unknown`. */
export interface FunctionError {
  readonly errorType?: string | undefined;
  readonly errorMessage?: string | undefined;
  readonly trace?: readonly string[] | undefined;
}

/** An entry of PutEvents, as the API takes it: `Detail` is JSON text. */
export interface EventEntry {
  readonly Source: string;
  readonly DetailType: string;
  readonly Detail: string;
  readonly EventBusName?: string | undefined;
  readonly Resources?: readonly string[] | undefined;
}

export interface PutEventsAnswer {
  readonly FailedEntryCount: number;
  readonly Entries: readonly {
    readonly EventId?: string;
    readonly ErrorCode?: string;
    readonly ErrorMessage?: string;
  }[];
}

/**
 * How tasks reach the other services of the local cloud. Service errors are thrown with the API's own error code as
 * `name`; Step Functions adds the prefix (`Lambda.TooManyRequestsException`).
 */
export interface Integrations {
  /** `functionName` is a name or an ARN, as the definition gives it. */
  invokeLambda(
    functionName: string,
    payload: unknown,
    options: CallOptions,
  ): Promise<{ readonly payload: unknown } | { readonly functionError: FunctionError }>;
  /**
   * `service` is the SDK's service id in lower case, `action` starts in lower case: `("ec2", "describeInstances", …)`.
   */
  awsSdk(service: string, action: string, args: unknown, options: CallOptions): Promise<unknown>;
  putEvents(entries: readonly EventEntry[], options: CallOptions): Promise<PutEventsAnswer>;
  /**
   * Whether a role may do what Step Functions does in its name inside this service (`states:StartExecution` on a child
   * machine).
   * @throws an error named as the service would name the refusal.
   */
  authorize(action: string, resource: string, roleArn: string): void;
}
