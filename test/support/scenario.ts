import { execFile } from "node:child_process";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { EC2Client, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { ApiClient } from "../../client/api-client.ts";
import { apiTarget } from "../../client/api-target.ts";
import { type ClusterView, ClusterViewSchema, type MemberView } from "../../functions/domain/api/views.ts";
import type { AccountOptions, HostKind, LocalCloudOptions } from "../../local/cloud/options.ts";
import { sharedCompileCache } from "../../local/cloud/workspace.ts";
import { type LocalCloud, startLocalCloud } from "../../local/cloud.ts";
import type { CallRecord } from "../../local/wire/server.ts";
import { CDK_OUT } from "./build-product.ts";
import type { Place } from "./secrets/find-secrets.ts";
import { secretsInTheOpen } from "./secrets/search.ts";

const COMMAND = join(import.meta.dirname, "../../cli/holdfast.mjs");

/** Words of commands that are asked for a secret: their output is one. */
const SHOWING_SECRETS = new Set(["kubeconfig", "token"]);

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * A local cloud on free ports, the command line and the AWS clients of a user who works with it. Its end fails where a
 * secret stands in the open.
 */
export interface Scenario extends AsyncDisposable {
  readonly cloud: LocalCloud;
  readonly api: ApiClient;
  readonly ec2: EC2Client;
  readonly autoScaling: AutoScalingClient;
  /** Calls to AWS so far, in order. */
  readonly calls: CallRecord[];
  holdfast(...args: string[]): Promise<CommandResult>;
  /** The same with further variables in the environment. */
  holdfastAs(variables: Readonly<Record<string, string>>, ...args: string[]): Promise<CommandResult>;
  cluster(name: string): Promise<ClusterView>;
  /** etcdctl on a master of the cluster, with all members as endpoints. */
  etcdctl(name: string, ...args: string[]): Promise<string>;
  terminate(instanceId: string): Promise<void>;
  /** What the schedule does every minute, now. */
  reconcile(): Promise<void>;
}

type NeighbourOptions = Pick<
  LocalCloudOptions,
  "accountId" | "internet" | "organizationId" | "region" | "scheduleSpeed"
>;

export interface ScenarioOptions extends NeighbourOptions {
  readonly dataDirectory?: string;
  readonly hosts?: HostKind;
  readonly quotas?: NonNullable<LocalCloudOptions["quotas"]>;
  readonly rateLimits?: NonNullable<LocalCloudOptions["rateLimits"]>;
  readonly account?: AccountOptions;
  readonly timings?: NonNullable<LocalCloudOptions["timings"]>;
  /** Waits of workflows are so much faster: for tests that need no pauses of people. */
  readonly workflowSpeed?: number;
  /** Of the stack. */
  readonly parameters?: Readonly<Record<string, string>>;
}

export async function startScenario(options: ScenarioOptions = {}): Promise<Scenario> {
  const calls: CallRecord[] = [];
  const texts: Place[] = [];
  const compileCache = sharedCompileCache();
  const cloud = await startLocalCloud({
    cdkOut: CDK_OUT,
    port: 0,
    log: (text) => texts.push({ where: "log of the local cloud", text }),
    onCall: (record) => calls.push(record),
    ...(compileCache !== undefined && { compileCache }),
    ...options,
  });
  cloud.services.lambda.onLog(({ functionName, text }) => texts.push({ where: `log of ${functionName}`, text }));
  const environment = { ...process.env, HOLDFAST_API: cloud.endpoints.api, NO_COLOR: "1" };
  const api = new ApiClient(apiTarget(environment));
  const client = {
    endpoint: cloud.endpoints.aws,
    region: cloud.endpoints.region,
    credentials: { accessKeyId: "holdfast", secretAccessKey: "holdfast" },
  };
  const ec2 = new EC2Client(client);
  const holdfastAs = commandLine(environment, texts);
  const holdfast: Scenario["holdfast"] = (...args) => holdfastAs({}, ...args);
  return {
    cloud,
    api,
    ec2,
    autoScaling: new AutoScalingClient(client),
    calls,
    holdfast,
    holdfastAs,
    cluster: (name) => api.get(`/clusters/${name}`, ClusterViewSchema),
    etcdctl: async (name, ...args) => {
      const { code, stdout, stderr } = await holdfast("local", "etcdctl", name, "--", ...args);
      if (code !== 0) throw new Error(`etcdctl ${args.join(" ")}: ${stderr}${stdout}`);
      return stdout.trimEnd();
    },
    terminate: async (instanceId) => {
      await ec2.send(new TerminateInstancesCommand({ InstanceIds: [instanceId] }));
    },
    reconcile: async () => {
      const { lambda } = cloud.services;
      const { functionError, payload } = await lambda.invoke(
        lambda.list().find(({ name }) => name.includes("reconcile"))?.name ?? "",
        "{}",
      );
      if (functionError !== undefined) throw new Error(payload);
    },
    [Symbol.asyncDispose]: async () => {
      const leaks = secretsInTheOpen(cloud, { calls, texts });
      await cloud.close();
      if (leaks.length > 0) throw new Error(`secrets stand in the open:\n${leaks.join("\n")}`);
    },
  };
}

/** The command line in this environment; what it prints is among the texts that may hold no secret. */
function commandLine(environment: NodeJS.ProcessEnv, texts: Place[]): Scenario["holdfastAs"] {
  const run = async (variables: Readonly<Record<string, string>>, args: readonly string[]): Promise<CommandResult> => {
    try {
      const env = { ...environment, ...variables };
      const answer = await promisify(execFile)(process.execPath, [COMMAND, ...args], { env });
      return { code: 0, ...answer };
    } catch (error) {
      const { code = 1, stdout = "", stderr = "" } = Object(error) as Partial<CommandResult>;
      return { code, stdout, stderr };
    }
  };
  return async (variables, ...args) => {
    const result = await run(variables, args);
    if (!args.some((word) => SHOWING_SECRETS.has(word)))
      texts.push({ where: `output of ${args.join(" ")}`, text: `${result.stdout}${result.stderr}` });
    return result;
  };
}

/**
 * Bounds in scenarios are those of a machine with two free cores; they end what hangs, so a slower one is given more.
 */
const RETRY_FOR = 4;

/** Asks until the answer is there; fails with what was seen last. */
export async function eventually<T>(
  ask: () => Promise<T>,
  holds: (answer: T) => boolean,
  withinMs: number,
): Promise<T> {
  const deadline = Date.now() + withinMs * RETRY_FOR;
  for (;;) {
    const answer = await ask();
    if (holds(answer)) return answer;
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms; last seen: ${JSON.stringify(answer)}`);
    await delay(150);
  }
}

/** The member of that name; a test that asks for another has failed. */
export function memberOf(cluster: ClusterView, name: string): MemberView {
  const member = cluster.members.find((candidate) => candidate.name === name);
  if (!member) throw new Error(`${cluster.name} has no member ${name}`);
  return member;
}

/** The cluster once the member has a healthy instance other than `before`, and the repair has ended. */
export async function memberReplaced(
  scenario: Scenario,
  name: string,
  before: MemberView,
  withinMs: number,
): Promise<ClusterView> {
  try {
    return await eventually(
      () => scenario.cluster(name),
      (cluster) => {
        const now = memberOf(cluster, before.name);
        return cluster.status === "ACTIVE" && now.health === "healthy" && now.instanceId !== before.instanceId;
      },
      withinMs,
    );
  } catch (error) {
    const { stdout } = await scenario.holdfast("get", "operations", name, "-o", "json");
    throw new Error(`${String(error).slice(0, 60)}: ${JSON.stringify(JSON.parse(stdout).items[0])}`);
  }
}
