import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { signedHeaders } from "../../client/signing.ts";
import type { ClusterRecord, MemberRecord } from "../../functions/domain/cluster/records.ts";
import { findCluster } from "../../functions/store/clusters.ts";
import type { Table } from "../../functions/store/keys.ts";
import { listMembers } from "../../functions/store/members.ts";
import { listOperations } from "../../functions/store/operation-records.ts";
import { sharedCompileCache } from "../../local/cloud/workspace.ts";
import { type LocalCloud, startLocalCloud } from "../../local/cloud.ts";
import { SimulatedDriver } from "../../local/hosts/simulated/driver.ts";
import { listResources } from "../support/account.ts";
import { CDK_OUT } from "../support/build-product.ts";
import { tableName } from "../support/table-name.ts";
import { CallRecorder } from "./recorder.ts";
import { type Workflows, workflowsOf } from "./workflows.ts";

/** Retries and waits of workflows are so much faster here; everything else goes at the local cloud's own pace. */
const WORKFLOW_SPEED = 20;
const KEYS = { accessKeyId: "holdfast", secretAccessKey: "holdfast" };

/** A local cloud with simulated hosts, of which the crash sweep reads the state directly. */
export interface World extends AsyncDisposable {
  readonly cloud: LocalCloud;
  readonly recorder: CallRecorder;
  readonly workflows: Workflows;
  readonly table: Table;
  /** Names of the clusters so far. */
  readonly names: readonly string[];
  /** Ids of what was in the account at first. */
  readonly before: ReadonlySet<string>;
  newName(): string;
  /** A request until it is accepted, with one idempotency key, as the command line makes it. */
  request(method: string, path: string, body?: object): Promise<void>;
  /** Requests a cluster of a node, and of three masters if not given. */
  create(name: string, masterZones?: readonly string[]): Promise<void>;
  cluster(name: string): Promise<ClusterRecord | undefined>;
  members(name: string): Promise<MemberRecord[]>;
  /** Runs the reconciler, as its schedule would. */
  reconcile(): Promise<void>;
  /** Operations that functions called while something was done. */
  callsDuring(work: () => Promise<void>): Promise<string[]>;
  /** Moments at which two etcd clusters of one Holdfast cluster were alive, as the hosts' network saw it. */
  forks(): string[];
  /** The last operation's error, for a report. */
  lastError(name: string): Promise<string>;
}

export async function openWorld(log: (line: string) => void): Promise<World> {
  const recorder = new CallRecorder();
  const { cloud, listener } = await startRecorded(recorder, log);
  const { lambda } = cloud.services;
  const { context } = cloud;
  const client = new DynamoDBClient({ endpoint: cloud.endpoints.aws, region: context.region, credentials: KEYS });
  const table: Table = { name: tableName(cloud), client: DynamoDBDocumentClient.from(client) };

  const workflows = await workflowsOf(cloud);
  const before = new Set((await listResources(cloud)).map(({ id }) => id));
  const names: string[] = [];
  const request = requester(cloud);
  return {
    cloud,
    recorder,
    workflows,
    table,
    names,
    before,
    newName() {
      const name = `s${names.length}.example.com`;
      names.push(name);
      return name;
    },
    request,
    create: (name, masterZones = THREE_ZONES) =>
      request("POST", "/clusters", {
        // Backups are taken by those flows that ask for them.
        spec: { name, zones: THREE_ZONES, masterZones, nodeCount: 1, backupIntervalMinutes: 0 },
      }),
    cluster: (name) => findCluster(table, name),
    members: (name) => listMembers(table, name),
    async reconcile() {
      const name = lambda.list().find((candidate) => candidate.name.includes("reconcile"))?.name ?? "";
      await lambda.invoke(name, "{}");
    },
    async callsDuring(work) {
      const operations: string[] = [];
      listener.onOperation = (operation) => operations.push(operation);
      await work();
      listener.onOperation = undefined;
      return operations;
    },
    forks: () => (cloud.hosts instanceof SimulatedDriver ? cloud.hosts.forks() : []),
    async lastError(name) {
      const [last] = await listOperations(table, name, 1);
      const open = Object.values(last?.steps ?? {})
        .filter(({ status }) => status !== "DONE")
        .map(({ name: step, member, message }) => `${step}${member ? ` of ${member}` : ""}: ${message}`);
      return [JSON.stringify(last?.error ?? null), ...open].join("; ");
    },
    [Symbol.asyncDispose]: async () => {
      client.destroy();
      await cloud.close();
    },
  };
}

export const THREE_ZONES: readonly string[] = ["us-west-2a", "us-west-2b", "us-west-2c"];

/** The product, whose calls are noted; the listener hears of those that functions make. */
async function startRecorded(recorder: CallRecorder, log: (line: string) => void) {
  const compileCache = sharedCompileCache();
  const started: { cloud?: LocalCloud } = {};
  const listener: { onOperation: ((operation: string) => void) | undefined } = { onOperation: undefined };
  const cloud = await startLocalCloud({
    cdkOut: CDK_OUT,
    port: 0,
    hosts: "simulated",
    workflowSpeed: WORKFLOW_SPEED,
    scheduleSpeed: 0,
    log: (line) => /denied|internal error/i.test(line) && log(line),
    authorize: (call) => {
      recorder.note(started.cloud, call);
      if (started.cloud?.services.lambda.invocationOf(call.principal)) listener.onOperation?.(call.operation);
    },
    ...(compileCache !== undefined && { compileCache }),
  });
  started.cloud = cloud;
  return { cloud, listener };
}

/** Requests until they are accepted, each with one key. */
function requester(cloud: LocalCloud): World["request"] {
  return async (method, path, body) => {
    const key = randomUUID();
    for (let attempt = 1; ; attempt++) {
      const status = await send(cloud, method, path, body, key);
      if (status === 202) return;
      if (attempt === 5) throw new Error(`${method} ${path} answered ${status}`);
      await delay(100);
    }
  };
}

async function send(
  { endpoints }: LocalCloud,
  method: string,
  path: string,
  content: object | undefined,
  key: string,
): Promise<number> {
  const url = new URL(`${endpoints.api}${path}`);
  const body = content === undefined ? "" : JSON.stringify(content);
  const headers = { "content-type": "application/json", "idempotency-key": key };
  const signed = await signedHeaders({ method, url, headers, body }, endpoints.region, KEYS);
  const answer = await fetch(url, { method, headers: signed, ...(body && { body }) });
  await answer.arrayBuffer();
  return answer.status;
}
