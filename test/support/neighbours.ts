import { randomUUID } from "node:crypto";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EC2Client } from "@aws-sdk/client-ec2";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import { findCluster } from "../../functions/store/clusters.ts";
import type { Table } from "../../functions/store/keys.ts";
import { sharedCompileCache } from "../../local/cloud/workspace.ts";
import { type LocalCloud, startLocalCloud } from "../../local/cloud.ts";
import { listResources, type Resource } from "./account.ts";
import { CDK_OUT } from "./build-product.ts";
import { eventually } from "./scenario.ts";
import { tableName } from "./table-name.ts";
import { tokenOf } from "./token.ts";

/** Names on which the roles below are given something: everything else is not theirs. */
const OWN = ["*.dev.example.com", "*d0", "*d1", "*d2", "*d3"];

export const ROLES = ["viewer", "operator", "admin"] as const;
export type Role = (typeof ROLES)[number];

const ACCESS = {
  principals: {
    "jwt:sub=root": [{ role: "admin" }],
    ...Object.fromEntries(
      ROLES.map((role) => [`jwt:sub=${role}`, OWN.map((clusters) => ({ role, clusters }))] as const),
    ),
  },
};

/** Retries and waits of workflows are so much faster here. */
const WORKFLOW_SPEED = 20;
/** Requests that are answered with 503, or whose connection a busy machine resets, are sent again so many times. */
const TRIES = 5;
/** Of every quota of the account, so that many clusters stand side by side. */
const PLENTY = 100_000;

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** An account with simulated hosts, in which people of several roles share one API. */
export interface Neighbourhood extends AsyncDisposable {
  readonly cloud: LocalCloud;
  readonly ec2: EC2Client;
  ask(who: Role | "root", method: string, path: string, body?: unknown): Promise<Answer>;
  /** A cluster of one master, once it is ACTIVE. */
  create(name: string): Promise<void>;
  /** Asks for the deletion, and waits for its end if it is accepted. Answers with the status. */
  remove(who: Role | "root", name: string): Promise<number>;
  /** Waits until a cluster has this status and nobody works on it. */
  untilStatus(name: string, status: string): Promise<void>;
  resources(): Promise<Resource[]>;
  /** A client with the keys that a master of this cluster has from its role. */
  masterOf(name: string): Promise<EC2Client>;
  /** The uid of a cluster on record, also of one that is DELETED. */
  uidOnRecord(name: string): Promise<string>;
  /** Everything in the account with these clusters' names on it, by its own tags or its path: a line each, in order. */
  thingsOf(...names: readonly string[]): Promise<string[]>;
}

const View = z.object({ status: z.string(), operation: z.string().nullable(), reason: z.string().nullable() });

export async function openNeighbourhood(): Promise<Neighbourhood> {
  const compileCache = sharedCompileCache();
  const cloud = await startLocalCloud({
    cdkOut: CDK_OUT,
    port: 0,
    hosts: "simulated",
    workflowSpeed: WORKFLOW_SPEED,
    scheduleSpeed: 0,
    parameters: { ApiAccess: JSON.stringify(ACCESS) },
    ...(compileCache !== undefined && { compileCache }),
  });
  for (const { code } of cloud.services.quotas.list()) cloud.services.quotas.set(code, PLENTY);
  const client = {
    endpoint: cloud.endpoints.aws,
    region: cloud.endpoints.region,
    credentials: { accessKeyId: "holdfast", secretAccessKey: "holdfast" },
  };
  const dynamodb = new DynamoDBClient(client);
  const table: Table = { name: tableName(cloud), client: DynamoDBDocumentClient.from(dynamodb) };
  const ask = await asker(cloud);
  const untilStatus: Neighbourhood["untilStatus"] = async (name, status) => {
    await eventually(
      async () => View.parse((await ask("root", "GET", `/clusters/${name}`)).body),
      (view) => {
        if (view.status === "FAILED" && status !== "FAILED") throw new Error(`${name} FAILED: ${view.reason}`);
        return view.status === status && view.operation === null;
      },
      60_000,
    );
  };
  return {
    cloud,
    ec2: new EC2Client(client),
    ask,
    untilStatus,
    create: async (name) => {
      const zones = ["us-west-2a"];
      const spec = { name, zones, masterZones: zones, nodeCount: 0 };
      const { status, body } = await ask("root", "POST", "/clusters", { spec });
      if (status !== 202) throw new Error(`creating ${name}: ${status} ${JSON.stringify(body)}`);
      await untilStatus(name, "ACTIVE");
    },
    remove: async (who, name) => {
      const { status } = await ask(who, "DELETE", `/clusters/${name}`);
      if (status === 202) await untilStatus(name, "DELETED");
      return status;
    },
    resources: () => listResources(cloud),
    masterOf: async (name) => new EC2Client({ ...client, credentials: await masterCredentials(cloud, name) }),
    uidOnRecord: async (name) => (await findCluster(table, name))?.uid ?? "",
    thingsOf: (...names) => listThings(cloud, names),
    [Symbol.asyncDispose]: async () => {
      dynamodb.destroy();
      await cloud.close();
    },
  };
}

async function masterCredentials(cloud: LocalCloud, cluster: string) {
  const found = await listResources(cloud);
  const role = found.find((each) => each.kind === "role" && each.cluster === cluster && each.name === "role/master-a");
  if (!role) throw new Error(`${cluster} has no role of a master`);
  const arn = `arn:aws:iam::${cloud.context.accountId}:role/holdfast/${role.id}`;
  return cloud.context.credentials.assumeRole(arn, "i-0123456789abcdef0");
}

async function listThings(cloud: LocalCloud, names: readonly string[]): Promise<string[]> {
  const all = await listResources(cloud);
  return all
    .filter(
      ({ cluster = "", id }) => names.includes(cluster) || names.some((name) => id.startsWith(`/holdfast/${name}/`)),
    )
    .map(({ kind, id, name }) => `${kind} ${id} ${name}`)
    .toSorted();
}

/** Each request has a key, so that one that a busy machine did not answer in time can be sent again. */
async function asker(cloud: LocalCloud): Promise<Neighbourhood["ask"]> {
  const tokens = new Map<string, string>();
  for (const subject of ["root", ...ROLES]) tokens.set(subject, await tokenOf(cloud, subject));
  return async (who, method, path, body) => {
    const key = randomUUID();
    for (let tried = 0; ; tried += 1) {
      const answer = await fetchOrNothing(`${cloud.endpoints.api}/token${path}`, {
        method,
        headers: {
          "content-type": "application/json",
          authorization: `Bearer ${tokens.get(who)}`,
          ...(method !== "GET" && { "idempotency-key": key }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const said: unknown = await answer?.json();
      if (answer && (answer.status !== 503 || tried === TRIES)) return { status: answer.status, body: said };
      if (tried === TRIES) throw new Error(`${method} ${path}: no answer`);
    }
  };
}

/** Undefined where there was no answer: fetch throws a TypeError for what happens to a connection (Fetch standard). */
function fetchOrNothing(url: string, init: RequestInit): Promise<Response | undefined> {
  return fetch(url, init).catch((error: unknown) => {
    if (error instanceof TypeError) return undefined;
    throw error;
  });
}
