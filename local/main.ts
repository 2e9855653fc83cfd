import { enableCompileCache } from "node:module";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { ensureHostTools } from "../scripts/ensure-host-tools.ts";
import { BuildFailed, buildIfStale } from "./cloud/build-if-stale.ts";
import { PortInUse } from "./cloud/listen.ts";
import { watchNpm } from "./cloud/npm-watch.ts";
import { forgetOperatorKey, keepOperatorKey } from "./cloud/operator-key.ts";
import { sharedCompileCache } from "./cloud/workspace.ts";
import type { LocalCloud } from "./cloud.ts";
import { findKubernetes, KUBERNETES_VARIABLE } from "./hosts/kubernetes-programs.ts";
import { HostsUnavailable } from "./hosts/requirements.ts";

const USAGE =
  "usage: npm run local -- [--port 4510] [--data DIR] [--hosts namespaces|simulated] [--concurrency 10] [--rate-limits] [--timings local|aws] [--kubernetes DIR]";

/** Lambda's quota for an account. */
const CONCURRENT_EXECUTIONS = "L-B99A9384";

/** Standard output holds the one line of JSON that says where everything is; all else goes to standard error. */
function say(line: string): void {
  console.error(line);
}

interface Flags {
  readonly port: number;
  readonly dataDirectory?: string;
  readonly hosts: "namespaces" | "simulated";
  /** A folder with real programs of Kubernetes. */
  readonly kubernetes?: string;
  readonly quotas: Readonly<Record<string, number>>;
  readonly rateLimits: "documented" | "none";
  readonly timings: "local" | "aws";
}

/** Throws a TypeError with one sentence about what is wrong. */
function parseFlags(args: readonly string[]): Flags {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: "string", default: "4510" },
      data: { type: "string" },
      hosts: { type: "string", default: "namespaces" },
      kubernetes: { type: "string" },
      concurrency: { type: "string", default: "1000" },
      "rate-limits": { type: "boolean", default: false },
      timings: { type: "string", default: "local" },
    },
  });
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_534)
    throw new TypeError(`--port takes a number from 0 (any that is free) to 65534, not ${values.port}`);
  const { hosts, data } = values;
  if (hosts !== "namespaces" && hosts !== "simulated")
    throw new TypeError(`--hosts takes namespaces or simulated, not ${hosts}`);
  if (hosts === "simulated" && data !== undefined)
    throw new TypeError("simulated hosts are forgotten at the end: --data does not go with --hosts simulated");
  const { kubernetes } = values;
  if (hosts === "simulated" && kubernetes !== undefined)
    throw new TypeError("simulated hosts run no programs: --kubernetes does not go with --hosts simulated");
  const { timings } = values;
  if (timings !== "local" && timings !== "aws") throw new TypeError(`--timings takes local or aws, not ${timings}`);
  const concurrency = Number(values.concurrency);
  if (!Number.isInteger(concurrency) || concurrency < 1)
    throw new TypeError(`--concurrency takes a number from 1, not ${values.concurrency}`);
  const account = {
    quotas: { [CONCURRENT_EXECUTIONS]: concurrency },
    rateLimits: values["rate-limits"] ? ("documented" as const) : ("none" as const),
  };
  return {
    ...{ port, hosts, timings, ...account },
    ...(data !== undefined && { dataDirectory: resolve(data) }),
    ...(kubernetes !== undefined && { kubernetes: resolve(kubernetes) }),
  };
}

async function start(flags: Flags, signal: AbortSignal): Promise<LocalCloud> {
  if (flags.kubernetes !== undefined) {
    findKubernetes(flags.kubernetes, "--kubernetes");
    // Hosts are made by processes of their own, which inherit it.
    process.env[KUBERNETES_VARIABLE] = flags.kubernetes;
  }
  if (flags.hosts === "namespaces") await ensureHostTools(say);
  const compileCache = sharedCompileCache();
  if (compileCache !== undefined) enableCompileCache(compileCache);
  // Loaded only now, so that it is found compiled; meanwhile other processes build.
  const [{ startLocalCloud }, { awsTimings }, { cdkOut }] = await Promise.all([
    import("./cloud.ts"),
    import("./cloud/timings.ts"),
    buildIfStale(say, signal),
  ]);
  signal.throwIfAborted();
  const timings = flags.timings === "aws" ? awsTimings : {};
  return await startLocalCloud({
    ...{ ...flags, timings, cdkOut, log: say },
    ...(compileCache !== undefined && { compileCache }),
  });
}

function portOf({ endpoints }: LocalCloud): string {
  return new URL(endpoints.api).port;
}

/** Errors whose message says all; of others a developer wants the stack too. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const saysAll = [PortInUse, HostsUnavailable, BuildFailed].some((kind) => error instanceof kind);
  return saysAll ? error.message : (error.stack ?? error.message);
}

/** npm passes a signal on: of one Ctrl-C two come. */
const SAME_SIGNAL_MS = 1_000;

/**
 * The first signal, or the end of npm, ends the local cloud in order, also one that is still starting. A signal that
 * comes later ends it at once.
 */
function stopWhenAsked(starting: Promise<LocalCloud>, stopping: AbortController): void {
  let askedAt: number | undefined;
  const stop = async (): Promise<void> => {
    stopping.abort();
    const cloud = await starting.catch(() => undefined);
    if (cloud) await forgetOperatorKey(portOf(cloud));
    await cloud?.close();
    process.exit(0);
  };
  const stopOnce = (): void => {
    if (askedAt !== undefined) return;
    askedAt = performance.now();
    stop().catch((error: unknown) => {
      say(explain(error));
      process.exit(1);
    });
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(signal, () => {
      if (askedAt !== undefined && performance.now() - askedAt > SAME_SIGNAL_MS) process.exit(130);
      stopOnce();
    });
  watchNpm(stopOnce);
}

async function main(): Promise<void> {
  let flags: Flags;
  try {
    flags = parseFlags(process.argv.slice(2));
  } catch (error) {
    say(`${error instanceof Error ? error.message : error}\n${USAGE}`);
    process.exit(2);
  }
  const stopping = new AbortController();
  const starting = start(flags, stopping.signal);
  stopWhenAsked(starting, stopping);
  try {
    const cloud = await starting;
    await keepOperatorKey(portOf(cloud), cloud.context.credentials.operator);
    console.log(JSON.stringify(cloud.endpoints));
  } catch (error) {
    if (stopping.signal.aborted) return;
    say(explain(error));
    process.exit(1);
  }
}

await main();
