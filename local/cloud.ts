import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { prepareHostApi } from "./cloud/host-api.ts";
import { Internet } from "./cloud/internet.ts";
import { closeServer, listenOnPort, listenOnSocket } from "./cloud/listen.ts";
import type { HostKind, LocalCloudOptions } from "./cloud/options.ts";
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

async function start(options: LocalCloudOptions, cleanup: AsyncDisposableStack): Promise<LocalCloud> {
  const {
    region = "us-west-2",
    accountId = ACCOUNT_ID,
    log = () => {},
    port = 4510,
    awsPort = port === 0 ? 0 : port + 1,
  } = options;
  const dataDirectory = options.dataDirectory ?? (await temporaryDirectory(cleanup));
  const state = new SnapshotStore(dataDirectory);
  const template = await loadTemplate(options.cdkOut, options.stackName ?? "Holdfast");
  const restored = await state.read();

  const early: CloudEvent[] = [];
  let publish = (event: CloudEvent): void => void early.push(event);
  const context: CloudContext = {
    region,
    accountId,
    organizationId: options.organizationId,
    clock: options.clock ?? realClock,
    credentials: new CredentialStore(accountId),
    publish: (event) => publish(event),
    id: (prefix) => `${prefix}-0${randomBytes(8).toString("hex")}`,
    log,
  };

  const { internet = new Internet() } = options;
  const { compileCache = join(dataDirectory, "compile-cache"), timings = {} } = options;
  const awsSocket = join(dataDirectory, "aws.sock");
  const hostApi = await prepareHostApi(dataDirectory, region);
  let awsEndpoint = "";
  let apiEndpoint = "";
  const makeHosts = async (kind: HostKind): Promise<HostDriver> =>
    kind === "simulated"
      ? createSimulatedDriver(context.clock, { aws: () => awsEndpoint, api: () => apiEndpoint }, timings.hosts)
      : createNamespaceDriver({
          ...{ directory: join(dataDirectory, "hosts"), awsSocket, api: hostApi, compileCache, log },
          publicNames: (name) => internet.resolve(name),
          ...(timings.hosts && { timings: timings.hosts }),
        });
  const { hosts: wanted = "namespaces" } = options;
  const hosts = typeof wanted === "string" ? await makeHosts(wanted) : wanted;
  cleanup.defer(() => hosts.close());

  const authorize = options.authorize ?? (() => {});
  const calls = new CallFaults();
  if (options.rateLimits === "documented") calls.add(limitRates(context.clock.now));
  if (timings.call) calls.add(delayCalls(context.clock, timings.call));
  const services = createServices(context, {
    hosts,
    restored,
    compileCache,
    objectDirectory: join(dataDirectory, "s3"),
    awsEndpoint: () => awsEndpoint,
    scheduleSpeed: options.scheduleSpeed ?? 1,
    workflowSpeed: options.workflowSpeed ?? 1,
    authorize,
    iam: options.iam ?? "enforced",
    account: options.account ?? {},
    timings,
    internet,
    iamPropagation: options.iamPropagation ?? timings.iamPropagation ?? IAM_PROPAGATION_MS,
    onAuthorization: options.onAuthorization,
    intercept: calls.intercept,
  });
  for (const [code, value] of Object.entries(options.quotas ?? {})) services.quotas.set(code, value);
  // At once: services wait for what they asked of hosts, and hosts that end answer.
  cleanup.defer(async () => void (await Promise.all([services.close(), hosts.close()])));

  const faults = createFaults({ ...services, context, hosts, calls });
  cleanup.defer(() => faults.close());

  const wire = createWireServer({
    services: services.wire,
    credentials: context.credentials,
    log,
    beforeCall: services.authorize,
    intercept: calls.intercept,
    ...(options.onCall && { onCall: options.onCall }),
  });
  cleanup.defer(() => wire.close());
  awsEndpoint = `http://127.0.0.1:${await listenOnPort(wire.server, awsPort)}`;
  await rm(awsSocket, { force: true });
  await listenOnSocket(wire.another(), awsSocket);

  const tokens = createTokenIssuer(ISSUER_PATH, () => `${apiEndpoint}${ISSUER_PATH}`, context.clock.now);
  const stack: { current?: { readonly api: HttpApi | undefined } } = {};
  const pages = createPages({
    ready: () => stack.current !== undefined,
    logs: services.lambda.logs,
    uses: services.authorizer.uses,
    seed: services.ec2.seed,
    setQuota: (code, value) => services.quotas.set(code, value),
    shellCommand: (instanceId, argv) => hosts.shellCommand(instanceId, argv),
    faults,
    tokens,
    api: () => stack.current?.api,
  });
  const http = createHttpServer({ api: () => stack.current?.api, pages, log });
  const forHosts = await hostApi.serve(() => stack.current?.api, log);
  const tunnels = new Tunnels(http, (name) => internet.locate(name));
  cleanup.defer(async () => {
    tunnels.close();
    await Promise.all([closeServer(http), closeServer(forHosts)]);
  });
  apiEndpoint = `http://127.0.0.1:${await listenOnPort(http, port)}`;
  const parameters = { JwtIssuer: `${apiEndpoint}${ISSUER_PATH}`, ...options.parameters };
  const running = await runStack(template, context, services, apiEndpoint, parameters);
  stack.current = running;
  // Before the stack was there, no rule would have matched.
  publish = services.events.publish;
  for (const event of early) publish(event);
  services.stepFunctions.resume();

  const save = (): Promise<void> => state.write(services.snapshot());
  if (options.dataDirectory !== undefined) keepSaving(save, log, cleanup);
  return {
    endpoints: { api: apiEndpoint, aws: awsEndpoint, console: `${apiEndpoint}/console/`, region },
    context,
    services,
    hosts,
    stack: running.resources,
    faults,
    accessLog: running.accessLog,
    close: () => cleanup.disposeAsync(),
  };
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
