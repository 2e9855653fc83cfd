import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type HostApi, prepareHostApi } from "./cloud/host-api.ts";
import { Internet } from "./cloud/internet.ts";
import { closeServer, listenOnPort, listenOnSocket } from "./cloud/listen.ts";
import type { LocalCloudOptions } from "./cloud/options.ts";
import { createPages } from "./cloud/pages.ts";
import { limitRates } from "./cloud/rate-limits.ts";
import { runStack } from "./cloud/run-stack.ts";
import { type CloudServices, createServices } from "./cloud/services.ts";
import { SnapshotStore } from "./cloud/snapshot-file.ts";
import { delayCalls } from "./cloud/timings.ts";
import { Tunnels } from "./cloud/tunnels.ts";
import { realClock } from "./context/clock.ts";
import type { CloudContext, CloudEvent } from "./context/context.ts";
import { CredentialStore } from "./context/credentials.ts";
import { CallFaults } from "./faults/calls.ts";
import { createFaults, type Faults } from "./faults/faults.ts";
import type { HostDriver } from "./hosts/driver.ts";
import { createNamespaceDriver } from "./hosts/namespace-driver.ts";
import { createSimulatedDriver } from "./hosts/simulated/driver.ts";
import type { HttpApi } from "./httpapi/http-api.ts";
import { createHttpServer } from "./httpapi/server.ts";
import { createTokenIssuer } from "./httpapi/token-issuer.ts";
import { loadTemplate } from "./template/load-template.ts";
import type { Stack } from "./template/provision-stack.ts";
import { createWireServer } from "./wire/server.ts";

export interface LocalCloud {
  readonly endpoints: {
    readonly api: string;
    readonly aws: string;
    readonly console: string;
    readonly region: string;
  };
  readonly context: CloudContext;
  readonly services: CloudServices;
  readonly hosts: HostDriver;
  readonly stack: Stack;
  readonly faults: Faults;
  /** The latest lines of the API's access log. */
  readonly accessLog: readonly string[];
  close(): Promise<void>;
}

/** What is short on AWS, where ten seconds are usual. */
const IAM_PROPAGATION_MS = 5_000;
const DEFAULT_PORT = 4510;
const ACCOUNT_ID = "123456789012";
/** Where the local issuer of tokens lives, beside the API. */
const ISSUER_PATH = "/_issuer";
const SNAPSHOT_INTERVAL_MS = 5_000;

/**
 * Starts the local cloud with the stack running in it. Rejects, with everything cleaned up, if any part cannot start.
 */
export async function startLocalCloud(options: LocalCloudOptions): Promise<LocalCloud> {
  const cleanup = new AsyncDisposableStack();
  try {
    return await start(options, cleanup);
  } catch (error) {
    await cleanup.disposeAsync();
    throw error;
  }
}

/** Where the servers listen; empty until they do. */
interface Endpoints {
  api: string;
  aws: string;
}

async function start(options: LocalCloudOptions, cleanup: AsyncDisposableStack): Promise<LocalCloud> {
  const dataDirectory = options.dataDirectory ?? (await temporaryDirectory(cleanup));
  const state = new SnapshotStore(dataDirectory);
  const template = await loadTemplate(options.cdkOut, options.stackName ?? "Holdfast");
  const restored = await state.read();
  const { context, publishTo } = createContext(options);
  const { internet = new Internet(), compileCache = join(dataDirectory, "compile-cache") } = options;
  const awsSocket = join(dataDirectory, "aws.sock");
  const hostApi = await prepareHostApi(dataDirectory, context.region);
  const endpoints: Endpoints = { api: "", aws: "" };

  const hosts = await createHosts(options, context, endpoints, {
    ...{ directory: join(dataDirectory, "hosts"), awsSocket, api: hostApi, compileCache, log: context.log },
    publicNames: (name) => internet.resolve(name),
  });
  cleanup.defer(() => hosts.close());
  const calls = createCallFaults(options, context);
  const services = createServices(context, {
    ...settingsOf(options),
    ...{ hosts, restored, compileCache, internet, objectDirectory: join(dataDirectory, "s3") },
    awsEndpoint: () => endpoints.aws,
    intercept: calls.intercept,
  });
  for (const [code, value] of Object.entries(options.quotas ?? {})) services.quotas.set(code, value);
  // At once: services wait for what they asked of hosts, and hosts that end answer.
  cleanup.defer(async () => void (await Promise.all([services.close(), hosts.close()])));
  const faults = createFaults({ ...services, context, hosts, calls });
  cleanup.defer(() => faults.close());

  const parts: RunningParts = { options, context, endpoints, hosts, services, faults };
  await serveAws(parts, calls, awsSocket, cleanup);
  const stack = await serveApi(parts, hostApi, internet, cleanup);
  const parameters = { JwtIssuer: `${endpoints.api}${ISSUER_PATH}`, ...options.parameters };
  const running = await runStack(template, context, services, endpoints.api, parameters);
  stack.current = running;
  publishTo(services.events.publish);
  services.stepFunctions.resume();

  const save = (): Promise<void> => state.write(services.snapshot());
  if (options.dataDirectory !== undefined) keepSaving(save, context.log, cleanup);
  return {
    endpoints: { ...endpoints, console: `${endpoints.api}/console/`, region: context.region },
    ...{ context, services, hosts, faults },
    stack: running.resources,
    accessLog: running.accessLog,
    close: () => cleanup.disposeAsync(),
  };
}

/** Events of before the stack is there wait, since no rule would match. */
function createContext(options: LocalCloudOptions) {
  const { region = "us-west-2", accountId = ACCOUNT_ID, log = () => {}, clock = realClock } = options;
  const early: CloudEvent[] = [];
  let publish = (event: CloudEvent): void => void early.push(event);
  const context: CloudContext = {
    ...{ region, accountId, organizationId: options.organizationId, clock, log },
    credentials: new CredentialStore(accountId),
    publish: (event) => publish(event),
    id: (prefix) => `${prefix}-0${randomBytes(8).toString("hex")}`,
  };
  const publishTo = (target: (event: CloudEvent) => void): void => {
    publish = target;
    for (const event of early) publish(event);
  };
  return { context, publishTo };
}

async function createHosts(
  { hosts = "namespaces", timings = {} }: LocalCloudOptions,
  { clock }: CloudContext,
  endpoints: Endpoints,
  namespaces: Parameters<typeof createNamespaceDriver>[0],
): Promise<HostDriver> {
  if (typeof hosts !== "string") return hosts;
  if (hosts === "simulated")
    return createSimulatedDriver(clock, { aws: () => endpoints.aws, api: () => endpoints.api }, timings.hosts);
  return createNamespaceDriver({ ...namespaces, ...(timings.hosts && { timings: timings.hosts }) });
}

function createCallFaults({ rateLimits, timings }: LocalCloudOptions, { clock }: CloudContext): CallFaults {
  const calls = new CallFaults();
  if (rateLimits === "documented") calls.add(limitRates(clock.now));
  if (timings?.call) calls.add(delayCalls(clock, timings.call));
  return calls;
}

function settingsOf({ timings = {}, ...options }: LocalCloudOptions) {
  return {
    scheduleSpeed: options.scheduleSpeed ?? 1,
    workflowSpeed: options.workflowSpeed ?? 1,
    authorize: options.authorize ?? (() => {}),
    iam: options.iam ?? "enforced",
    account: options.account ?? {},
    timings,
    iamPropagation: options.iamPropagation ?? timings.iamPropagation ?? IAM_PROPAGATION_MS,
    onAuthorization: options.onAuthorization,
  } as const;
}

interface RunningParts extends Pick<LocalCloud, "context" | "hosts" | "services" | "faults"> {
  readonly options: LocalCloudOptions;
  readonly endpoints: Endpoints;
}

async function serveAws(
  { options, context, endpoints, services }: RunningParts,
  calls: CallFaults,
  socket: string,
  cleanup: AsyncDisposableStack,
): Promise<void> {
  const { port = DEFAULT_PORT, awsPort = port === 0 ? 0 : port + 1 } = options;
  const wire = createWireServer({
    services: services.wire,
    credentials: context.credentials,
    log: context.log,
    beforeCall: services.authorize,
    intercept: calls.intercept,
    ...(options.onCall && { onCall: options.onCall }),
  });
  cleanup.defer(() => wire.close());
  endpoints.aws = `http://127.0.0.1:${await listenOnPort(wire.server, awsPort)}`;
  await rm(socket, { force: true });
  await listenOnSocket(wire.another(), socket);
}

/** The API and the local cloud's own pages. The API answers once its stack is put into what is returned. */
async function serveApi(
  { options, context, endpoints, hosts, services, faults }: RunningParts,
  hostApi: HostApi,
  internet: Internet,
  cleanup: AsyncDisposableStack,
): Promise<{ current?: { readonly api: HttpApi | undefined } }> {
  const { log } = context;
  const stack: Awaited<ReturnType<typeof serveApi>> = {};
  const pages = createPages({
    ready: () => stack.current !== undefined,
    logs: services.lambda.logs,
    uses: services.authorizer.uses,
    seed: services.ec2.seed,
    setQuota: (code, value) => services.quotas.set(code, value),
    shellCommand: (instanceId, argv) => hosts.shellCommand(instanceId, argv),
    faults,
    api: () => stack.current?.api,
    tokens: createTokenIssuer(ISSUER_PATH, () => `${endpoints.api}${ISSUER_PATH}`, context.clock.now),
  });
  const http = createHttpServer({ api: () => stack.current?.api, pages, log });
  const forHosts = await hostApi.serve(() => stack.current?.api, log);
  const tunnels = new Tunnels(http, (name) => internet.locate(name));
  cleanup.defer(async () => {
    tunnels.close();
    await Promise.all([closeServer(http), closeServer(forHosts)]);
  });
  endpoints.api = `http://127.0.0.1:${await listenOnPort(http, options.port ?? DEFAULT_PORT)}`;
  return stack;
}

async function temporaryDirectory(cleanup: AsyncDisposableStack): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "holdfast-"));
  cleanup.defer(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** Saves every few seconds, and once more at the end, before anything is stopped. */
function keepSaving(save: () => Promise<void>, log: (line: string) => void, cleanup: AsyncDisposableStack): void {
  const timer = setInterval(() => {
    save().catch((error: unknown) => log(`state could not be saved: ${String(error)}`));
  }, SNAPSHOT_INTERVAL_MS);
  timer.unref();
  cleanup.defer(async () => {
    clearInterval(timer);
    await save();
  });
}
