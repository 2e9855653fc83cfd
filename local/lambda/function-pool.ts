import { randomUUID } from "node:crypto";
import type { CloudContext } from "../context/context.ts";
import type { Principal } from "../context/credentials.ts";
import type { FunctionConfiguration } from "./contract.ts";
import { environmentOf } from "./environment.ts";
import { FunctionLog } from "./function-log.ts";
import type { LambdaOptions } from "./lambda.ts";
import type { LogBuffer } from "./log-buffer.ts";
import { functionArn } from "./names.ts";
import { SandboxPool } from "./pool.ts";
import { Sandbox } from "./sandbox.ts";

/** Each environment of a function by the principal of its keys. */
export type Environments = WeakMap<Principal, { readonly functionName: string; readonly sandbox: Sandbox }>;

/** The environments of one function, each with a log stream and keys of its own. */
export function poolOf(
  configuration: FunctionConfiguration,
  context: CloudContext,
  options: LambdaOptions,
  { logs, environments }: { readonly logs: LogBuffer; readonly environments: Environments },
): SandboxPool {
  const settings = {
    directory: configuration.directory,
    handler: configuration.handler,
    compileCache: options.compileCache,
    functionName: configuration.name,
    functionArn: functionArn(context, configuration.name),
    memoryMegabytes: configuration.memoryMegabytes,
    logGroup: configuration.logGroup,
    inspectPort: inspectPortOf(configuration.name, options.inspect ?? process.env["HOLDFAST_INSPECT"]),
  };
  return new SandboxPool({
    reservedConcurrency: configuration.reservedConcurrency,
    create: () => {
      const { variables, principal } = environmentOf(configuration, context, { aws: options.awsEndpoint() });
      const logStream = logStreamOf(configuration, context.clock.now());
      const log = new FunctionLog({
        format: configuration.logFormat ?? "Text",
        now: context.clock.now,
        write: (message, time) => options.writeLog?.(configuration.logGroup, logStream, message, time),
      });
      const sandbox = new Sandbox({
        settings: { ...settings, logStream },
        environment: variables,
        coldStartMs: options.coldStartMs ?? 0,
        onLine: (text, requestId) => {
          logs.append({ time: context.clock.now(), functionName: configuration.name, requestId, text });
          log.line(text, requestId);
        },
        onStart: (requestId) => log.started(requestId),
        onEnd: (requestId, durationMs, failure) => {
          const { name: functionName, memoryMegabytes } = configuration;
          log.ended({ requestId, durationMs, memoryMegabytes, failure });
          options.onInvocation?.({ functionName, durationMs, outcome: failure === undefined ? "success" : "error" });
        },
      });
      environments.set(principal, { functionName: configuration.name, sandbox });
      return sandbox;
    },
  });
}

/** In a log group that is not the function's own the function's name is in the stream's, since others write there, too. */
function logStreamOf({ name, logGroup }: FunctionConfiguration, now: number): string {
  const day = new Date(now).toISOString().slice(0, 10).replaceAll("-", "/");
  const writer = logGroup === `/aws/lambda/${name}` ? "" : name;
  return `${day}/${writer}[$LATEST]${randomUUID().replaceAll("-", "")}`;
}

const DEFAULT_INSPECT_PORT = 9_229;

/** `wanted` is a function's file name, or a part of it, and perhaps a port. */
function inspectPortOf(functionName: string, wanted: string | undefined): number | undefined {
  const [name, port] = (wanted ?? "").split(":");
  if (!name || !functionName.toLowerCase().includes(name.replaceAll("-", "").toLowerCase())) return undefined;
  return port === undefined ? DEFAULT_INSPECT_PORT : Number(port);
}
