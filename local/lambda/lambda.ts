import { randomUUID } from "node:crypto";
import type * as sdk from "@aws-sdk/client-lambda";
import type { CloudContext } from "../context/context.ts";
import type { Principal } from "../context/credentials.ts";
import type { Handlers } from "../wire/contract.ts";
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
import { type InvokeOptions, invokerOf, type RunningFunction } from "./invoke.ts";
import { LogBuffer } from "./log-buffer.ts";
import { functionArn, functionName, functionNotFound } from "./names.ts";
import { permits, type ServiceCaller } from "./permissions.ts";

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

const AWS_DEFAULT_CONCURRENCY = 1_000;

export function createLambda(context: CloudContext, options: LambdaOptions): LambdaService {
  const functions = new Map<string, RunningFunction>();
  const settings = createSettings();
  const logs = new LogBuffer();
  const environments: Environments = new WeakMap();
  const { onInvocation, concurrency = () => AWS_DEFAULT_CONCURRENCY } = options;
  const account = new AccountConcurrency(concurrency);
  let faults: Parameters<LambdaService["setFaults"]>[0];

  const running = (reference: string): RunningFunction => {
    const found = functions.get(functionName(reference));
    if (!found) throw functionNotFound(functionArn(context, functionName(reference)));
    return found;
  };

  const invokeAs = invokerOf({ running, account, faultOf: (...call) => faults?.(...call), onInvocation });
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
    ...settings,
    putFunction(configuration) {
      account.reserve(configuration);
      void functions.get(configuration.name)?.pool.close();
      const pool = poolOf(configuration, context, options, { logs, environments });
      functions.set(configuration.name, { configuration, pool });
    },
    find: (name) => functions.get(functionName(name))?.configuration,
    list: () => byName([...functions.values()].map(({ configuration }) => configuration)),
    arn: (name) => functionArn(context, functionName(name)),
    invoke: (name, payload, given) => invokeAs(name, payload, randomUUID(), given),
    invokeAsync(name, payload) {
      const { configuration } = running(name);
      const requestId = randomUUID();
      const policy = settings.asyncPolicyOf(configuration.name) ?? {};
      const target = { functionArn: functionArn(context, configuration.name), configuration, policy };
      asynchronous.accept({ requestId, payload, ...target });
      return requestId;
    },
    logs: (name) => logs.of(name === undefined ? undefined : functionName(name)),
    onLog: (listener) => logs.onLine(listener),
    setFaults(beforeInvoke) {
      faults = beforeInvoke;
    },
    invocationOf: (principal) => invocationOf(environments, principal),
    accountConcurrency: concurrency,
    maxAtOnce: () => account.max,
    async close() {
      asynchronous.close();
      await Promise.all([...functions.values()].map(({ pool }) => pool.close()));
    },
  };
  const handlers = createHandlers(service);
  return service;
}

/** What is set beside a function, by its name or ARN. */
function createSettings() {
  const policies = new Map<string, AsyncInvocationPolicy>();
  const permissions = new Map<string, InvokePermission[]>();
  const permissionsOf = (name: string) => permissions.get(functionName(name)) ?? [];
  return {
    putAsyncPolicy: (name: string, policy: AsyncInvocationPolicy) => void policies.set(functionName(name), policy),
    asyncPolicyOf: (name: string) => policies.get(functionName(name)),
    addPermission: (name: string, permission: InvokePermission) =>
      void permissions.set(functionName(name), [...permissionsOf(name), permission]),
    permissionsOf,
    allows: (name: string, caller: ServiceCaller) => permits(permissionsOf(name), caller),
  };
}

function byName(configurations: readonly FunctionConfiguration[]): readonly FunctionConfiguration[] {
  return configurations.toSorted((one, other) => one.name.localeCompare(other.name));
}

function invocationOf(environments: Environments, principal: Principal): RunningInvocation | undefined {
  const environment = environments.get(principal);
  const invocation = environment?.sandbox.invocation;
  if (!environment || !invocation) return undefined;
  return { ...invocation, functionName: environment.functionName, crash: () => environment.sandbox.terminate() };
}
