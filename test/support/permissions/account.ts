import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EC2Client } from "@aws-sdk/client-ec2";
import { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { IAMClient } from "@aws-sdk/client-iam";
import { Route53Client } from "@aws-sdk/client-route-53";
import { SFNClient } from "@aws-sdk/client-sfn";
import { SSMClient } from "@aws-sdk/client-ssm";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { signedHeaders } from "../../../client/signing.ts";
import type { ClusterRecord, MemberRecord } from "../../../functions/domain/cluster/records.ts";
import { findCluster } from "../../../functions/store/clusters.ts";
import type { Table } from "../../../functions/store/keys.ts";
import { listMembers } from "../../../functions/store/members.ts";
import { sharedCompileCache } from "../../../local/cloud/workspace.ts";
import { type LocalCloud, startLocalCloud } from "../../../local/cloud.ts";
import { type Workflows, workflowsOf } from "../../crash-sweep/workflows.ts";
import { tableName } from "../table-name.ts";
import { AuthorizationLog } from "./authorization-log.ts";

const KEYS = { accessKeyId: "holdfast", secretAccessKey: "holdfast" };
/** Retries and waits of workflows are so much faster here. */
const WORKFLOW_SPEED = 20;
const RETRY_FOR_MS = 300_000;
const LOOK_MS = 100;

/**
 * An account on a local cloud with simulated hosts, its operator's clients, and every decision that IAM makes in it.
 */
export interface Account extends AsyncDisposable {
  readonly cloud: LocalCloud;
  readonly authorizations: AuthorizationLog;
  readonly workflows: Workflows;
  readonly table: Table;
  readonly ec2: EC2Client;
  readonly autoScaling: AutoScalingClient;
  readonly elb: ElasticLoadBalancingV2Client;
  readonly route53: Route53Client;
  readonly sfn: SFNClient;
  readonly ssm: SSMClient;
  readonly iam: IAMClient;
  /** A request to the HTTP API, signed by the operator. */
  ask(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<{ readonly status: number; readonly body: unknown }>;
  fault(request: object): Promise<void>;
  /** Invokes a function by a part of its name; throws if it fails. */
  invoke(part: string, event: object): Promise<void>;
  /** Answers with the cluster once it has this status, no operation holds it and nothing runs for it. */
  untilStatus(name: string, ...statuses: ClusterRecord["status"][]): Promise<ClusterRecord>;
  members(name: string): Promise<MemberRecord[]>;
  /** Does this just before a function, by a part of its name, next makes this call: what a race would need luck for. */
  beforeCall(part: string, operation: string, act: () => Promise<void>): void;
  /** What was to be done before a call that has not come; it is forgotten. */
  forgetSurprises(): readonly string[];
  /** Waits for something, with a bound of five minutes; it says what was waited for. */
  until(what: string, holds: () => Promise<boolean>): Promise<void>;
}

export async function openAccount(cdkOut: string, log: (line: string) => void): Promise<Account> {
  const authorizations = new AuthorizationLog();
  const compileCache = sharedCompileCache();
  const surprises: { readonly part: string; readonly operation: string; readonly act: () => Promise<void> }[] = [];
  const cloud = await startLocalCloud({
    cdkOut,
    port: 0,
    hosts: "simulated",
    workflowSpeed: WORKFLOW_SPEED,
    scheduleSpeed: 0,
    log: (line) => /denied|internal error/i.test(line) && log(line),
    authorize: async ({ principal, operation }) => {
      const at = surprises.findIndex(
        (each) => each.operation === operation && principal.roleArn?.includes(`Holdfast-${each.part}Role`),
      );
      const [surprise] = at === -1 ? [] : surprises.splice(at, 1);
      await surprise?.act();
    },
    onAuthorization: (authorization) => authorizations.note(authorization),
    ...(compileCache !== undefined && { compileCache }),
  });
  const { lambda } = cloud.services;
  const client = { endpoint: cloud.endpoints.aws, region: cloud.context.region, credentials: KEYS };
  const dynamodb = new DynamoDBClient(client);
  const table: Table = { name: tableName(cloud), client: DynamoDBDocumentClient.from(dynamodb) };
  const workflows = await workflowsOf(cloud);

  return {
    cloud,
    authorizations,
    workflows,
    table,
    ec2: new EC2Client(client),
    autoScaling: new AutoScalingClient(client),
    elb: new ElasticLoadBalancingV2Client(client),
    route53: new Route53Client(client),
    sfn: new SFNClient(client),
    ssm: new SSMClient(client),
    iam: new IAMClient(client),
    ask: (method, path, body, headers = {}) => ask(cloud, { method, path, body, headers }),
    fault: async (request) => void (await cloud.faults.begin(request)),
    async invoke(part, event) {
      const name =
        lambda.list().find((candidate) => candidate.name.startsWith(`Holdfast-${part}Function`))?.name ?? part;
      const { functionError, payload } = await lambda.invoke(name, JSON.stringify(event));
      if (functionError !== undefined) throw new Error(`${part}: ${payload}`);
    },
    untilStatus: (name, ...statuses) => untilStatus({ table, workflows }, name, statuses),
    members: (name) => listMembers(table, name),
    beforeCall: (part, operation, act) => void surprises.push({ part, operation, act }),
    forgetSurprises: () => surprises.splice(0).map(({ part, operation }) => `${part} never called ${operation}`),
    until,
    [Symbol.asyncDispose]: async () => {
      dynamodb.destroy();
      await cloud.close();
    },
  };
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const startedAt = Date.now();
  while (!(await holds())) {
    if (Date.now() - startedAt > RETRY_FOR_MS) throw new Error(`waited too long: ${what}`);
    await delay(LOOK_MS);
  }
}

async function untilStatus(
  { table, workflows }: Pick<Account, "table" | "workflows">,
  name: string,
  statuses: readonly ClusterRecord["status"][],
): Promise<ClusterRecord> {
  let record: ClusterRecord | undefined;
  await until(`${name} to be ${statuses.join(" or ")}`, async () => {
    record = await findCluster(table, name);
    if (!record || record.operation !== null) return false;
    const isFree = (await workflows.running(name)).length === 0;
    // Nothing changes a cluster that FAILED but a command.
    if (isFree && record.status === "FAILED" && !statuses.includes("FAILED")) throw new Error(`${name} failed`);
    return isFree && statuses.includes(record.status);
  }).catch((error: unknown) => {
    const last = `${record?.status}, held by ${record?.operation}, reason: ${record?.reason}`;
    throw new Error(`${error instanceof Error ? error.message : error}; last seen: ${last}`);
  });
  if (!record) throw new Error(`there is no cluster ${name}`);
  return record;
}

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

/** Requests that a busy machine did not answer in time are sent again so many times, under their key. */
const TRIES = 5;

async function ask(cloud: LocalCloud, { method, path, body, headers }: Asked) {
  const key = method === "GET" ? {} : { "idempotency-key": randomUUID() };
  for (let tried = 1; ; tried++) {
    const answer = await send(cloud, { method, path, body, headers: { ...key, ...headers } });
    if (answer.status !== 503 || tried === TRIES) return answer;
  }
}

async function send({ endpoints }: LocalCloud, { method, path, body, headers: further }: Asked) {
  const url = new URL(`${endpoints.api}${path}`);
  const text = body === undefined ? undefined : JSON.stringify(body);
  const headers = { "content-type": "application/json", ...further };
  const signed = await signedHeaders({ method, url, headers, body: text }, endpoints.region, KEYS);
  const answer = await fetch(url, { method, headers: signed, ...(text !== undefined && { body: text }) });
  const answered: unknown = await answer.json();
  return { status: answer.status, body: answered };
}
