import { randomUUID } from "node:crypto";
import type * as sdk from "@aws-sdk/client-lambda";
import type { CloudContext } from "../context/context.ts";
import type { Principal } from "../context/credentials.ts";
import { AwsError, type Handlers } from "../wire/contract.ts";
import { AccountConcurrency } from "./account-concurrency.ts";
import { AsyncInvocations, type DestinationMessage } from "./async-invocations.ts";
import type {
  AsyncInvocationPolicy,
  FunctionConfiguration,
  InvocationFault,
  InvocationOutcome,
  InvocationResult,
  InvokePermission,
  LogLine,
  RunningInvocation,
} from "./contract.ts";
import { type Environments, poolOf } from "./function-pool.ts";
import { createHandlers } from "./handlers.ts";
import { LogBuffer } from "./log-buffer.ts";
import { functionArn, functionName, functionNotFound } from "./names.ts";
import { permits, type ServiceCaller } from "./permissions.ts";
import { type SandboxPool, throttled } from "./pool.ts";
import { exited, failed, timedOut } from "./sandbox.ts";

export interface LambdaOptions {
  /** Where the functions' SDK clients find AWS; asked when an environment starts. */
  readonly awsEndpoint: () => string;
  /** Folder of the compile cache, which halves cold starts. Without it every cold start compiles again. */
  readonly compileCache?: string;
  /** Receives what goes to dead-letter queues and destinations. */
  readonly deliver?: (message: DestinationMessage) => void;
  /** Waits before the two retries of asynchronous invocations; by default short, not AWS's minutes. */
  readonly retryDelaysMs?: readonly [number, number];
  /** The shortest time that a new environment takes, in milliseconds; as long as it takes here if not given. */
  readonly coldStartMs?: number;
  /** How many invocations the account may run at once; AWS's default if not given. */
  readonly concurrency?: () => number;
  /** Takes each line of the log groups: what functions print, and Lambda's own lines about invocations. */
  readonly writeLog?: (group: string, stream: string, message: string, time: number) => void;
  readonly onInvocation?: (outcome: InvocationOutcome) => void;
  /** The function that a debugger may attach to, as `attach-volume:9229`; by default what HOLDFAST_INSPECT says. */
  readonly inspect?: string | undefined;
}

/** Lambda: functions run from their own bundles, each in environments of its own. */
export interface LambdaService {
  readonly handlers: Handlers<typeof sdk>;
  putFunction(configuration: FunctionConfiguration): void;
  putAsyncPolicy(name: string, policy: AsyncInvocationPolicy): void;
  addPermission(name: string, permission: InvokePermission): void;
  /** May this service invoke the function, by its resource policy? */
  allows(name: string, caller: ServiceCaller): boolean;
  permissionsOf(name: string): readonly InvokePermission[];
  asyncPolicyOf(name: string): AsyncInvocationPolicy | undefined;
  find(name: string): FunctionConfiguration | undefined;
  list(): readonly FunctionConfiguration[];
  arn(name: string): string;
  /**
   * Invokes and waits. `payload` is JSON text; `name` may be an ARN. Throws `ResourceNotFoundException` or
   * `TooManyRequestsException`; an aborted signal stops the waiting, not the function, as a closed connection would.
   * `onStart` is called when the handler begins: this machine lets an invocation wait for an environment, which Lambda
   * does not.
   */
  invoke(name: string, payload: string, options?: InvokeOptions): Promise<InvocationResult>;
  /** Queues an asynchronous invocation and returns its request id. Throws `ResourceNotFoundException`. */
  invokeAsync(name: string, payload: string): string;
  /** What the function printed lately, oldest first; of all functions without a name. */
  logs(name?: string): readonly LogLine[];
  onLog(listener: (line: LogLine) => void): () => void;
  /** Decides before each invocation whether it fails, and how. `undefined` ends the faults. */
  setFaults(beforeInvoke: ((name: string, payload: string) => InvocationFault | undefined) | undefined): void;
  /** The invocation that makes calls under this principal now; undefined if it is no function's, or one at rest. */
  invocationOf(principal: Principal): RunningInvocation | undefined;
  /** How many invocations the account may run at once. */
  accountConcurrency(): number;
  /** The most invocations that ever ran at once, but for functions with a reservation. */
  maxAtOnce(): number;
  close(): Promise<void>;
}

export interface InvokeOptions {
  readonly signal?: AbortSignal;
  readonly onStart?: () => void;
}

interface RunningFunction {
  readonly configuration: FunctionConfiguration;
  readonly pool: SandboxPool;
}

const AWS_DEFAULT_CONCURRENCY = 1_000;

export function createLambda(context: CloudContext, options: LambdaOptions): LambdaService {
  const functions = new Map<string, RunningFunction>();
  const policies = new Map<string, AsyncInvocationPolicy>();
  const permissions = new Map<string, InvokePermission[]>();
  const logs = new LogBuffer();
  const environments: Environments = new WeakMap();
  const account = new AccountConcurrency(options.concurrency ?? (() => AWS_DEFAULT_CONCURRENCY));
  let faults: Parameters<LambdaService["setFaults"]>[0];

  const running = (reference: string): RunningFunction => {
    const found = functions.get(functionName(reference));
    if (!found) throw functionNotFound(functionArn(context, functionName(reference)));
    return found;
  };

  const invokeAs = async (
    reference: string,
    payload: string,
    requestId: string,
    { signal, onStart }: InvokeOptions = {},
  ): Promise<InvocationResult> => {
    const { configuration, pool } = running(reference);
    const fault = faults?.(configuration.name, payload);
    const refuse = (error: unknown): never => {
      if (isThrottle(error))
        options.onInvocation?.({ functionName: configuration.name, outcome: "throttle", durationMs: 0 });
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

  const asynchronous = new AsyncInvocations({
    clock: context.clock,
    invoke: invokeAs,
    deliver: (message) => options.deliver?.(message),
    retryDelaysMs: options.retryDelaysMs ?? [500, 1_000],
    log: context.log,
  });

  const service: LambdaService = {
    get handlers() {
      return handlers;
    },
    putFunction(configuration) {
      account.reserve(configuration);
      void functions.get(configuration.name)?.pool.close();
      functions.set(configuration.name, {
        configuration,
        pool: poolOf(configuration, context, options, { logs, environments }),
      });
    },
    putAsyncPolicy: (name, policy) => void policies.set(functionName(name), policy),
    addPermission(name, permission) {
      permissions.set(functionName(name), [...(permissions.get(functionName(name)) ?? []), permission]);
    },
    permissionsOf: (name) => permissions.get(functionName(name)) ?? [],
    asyncPolicyOf: (name) => policies.get(functionName(name)),
    allows: (name, caller) => permits(permissions.get(functionName(name)) ?? [], caller),
    find: (name) => functions.get(functionName(name))?.configuration,
    list: () =>
      [...functions.values()]
        .map(({ configuration }) => configuration)
        .sort((one, other) => one.name.localeCompare(other.name)),
    arn: (name) => functionArn(context, functionName(name)),
    invoke: (name, payload, given) => invokeAs(name, payload, randomUUID(), given),
    invokeAsync(name, payload) {
      const { configuration } = running(name);
      const requestId = randomUUID();
      const policy = policies.get(configuration.name) ?? {};
      asynchronous.accept({
        requestId,
        functionArn: functionArn(context, configuration.name),
        payload,
        configuration,
        policy,
      });
      return requestId;
    },
    logs: (name) => logs.of(name === undefined ? undefined : functionName(name)),
    onLog: (listener) => logs.onLine(listener),
    setFaults(beforeInvoke) {
      faults = beforeInvoke;
    },
    invocationOf(principal) {
      const environment = environments.get(principal);
      const invocation = environment?.sandbox.invocation;
      if (!environment || !invocation) return undefined;
      return { ...invocation, functionName: environment.functionName, crash: () => environment.sandbox.terminate() };
    },
    accountConcurrency: options.concurrency ?? (() => AWS_DEFAULT_CONCURRENCY),
    maxAtOnce: () => account.max,
    async close() {
      asynchronous.close();
      await Promise.all([...functions.values()].map(({ pool }) => pool.close()));
    },
  };
  const handlers = createHandlers(service);
  return service;
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
