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
  InvocationResult,
  InvokePermission,
  LogLine,
  RunningInvocation,
} from "./contract.ts";
import { environmentOf } from "./environment.ts";
import { createHandlers } from "./handlers.ts";
import { LogBuffer } from "./log-buffer.ts";
import { functionArn, functionName, functionNotFound } from "./names.ts";
import { permits, type ServiceCaller } from "./permissions.ts";
import { SandboxPool, throttled } from "./pool.ts";
import { exited, failed, Sandbox, timedOut } from "./sandbox.ts";

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
    if (fault === "throttle") throw throttled("CallerRateLimitExceeded");
    const failure = fault?.startsWith("crash")
      ? exited(requestId, "signal: killed")
      : timedOut(requestId, configuration.timeoutSeconds * 1000);
    if (fault === "crash" || fault === "timeout") return failed(requestId, failure);
    const leave = account.enter(configuration);
    const sandbox = await pool.acquire(signal).catch((error: unknown) => {
      leave();
      throw error;
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
    maxAtOnce: () => account.max,
    async close() {
      asynchronous.close();
      await Promise.all([...functions.values()].map(({ pool }) => pool.close()));
    },
  };
  const handlers = createHandlers(service);
  return service;
}

/** Each environment of a function by the principal of its keys. */
type Environments = WeakMap<Principal, { readonly functionName: string; readonly sandbox: Sandbox }>;

function poolOf(
  configuration: FunctionConfiguration,
  context: CloudContext,
  options: LambdaOptions,
  { logs, environments }: { readonly logs: LogBuffer; readonly environments: Environments },
): SandboxPool {
  const day = new Date(context.clock.now()).toISOString().slice(0, 10).replaceAll("-", "/");
  const settings = {
    directory: configuration.directory,
    handler: configuration.handler,
    compileCache: options.compileCache,
    functionName: configuration.name,
    functionArn: functionArn(context, configuration.name),
    memoryMegabytes: configuration.memoryMegabytes,
    logGroup: configuration.logGroup,
    inspectPort: inspectPortOf(configuration.name, options.inspect ?? process.env["HOLDFAST_INSPECT"]),
    logStream: `${day}/[$LATEST]${randomUUID().replaceAll("-", "")}`,
  };
  return new SandboxPool({
    reservedConcurrency: configuration.reservedConcurrency,
    create: () => {
      const { variables, principal } = environmentOf(configuration, context, { aws: options.awsEndpoint() });
      const sandbox = new Sandbox({
        settings,
        environment: variables,
        coldStartMs: options.coldStartMs ?? 0,
        onLine: (text, requestId) =>
          logs.append({ time: context.clock.now(), functionName: configuration.name, requestId, text }),
      });
      environments.set(principal, { functionName: configuration.name, sandbox });
      return sandbox;
    },
  });
}

const DEFAULT_INSPECT_PORT = 9_229;

/** `wanted` is a function's file name, or a part of it, and perhaps a port. */
function inspectPortOf(functionName: string, wanted: string | undefined): number | undefined {
  const [name, port] = (wanted ?? "").split(":");
  if (!name || !functionName.toLowerCase().includes(name.replaceAll("-", "").toLowerCase())) return undefined;
  return port === undefined ? DEFAULT_INSPECT_PORT : Number(port);
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
