import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { CLUSTER_TABLE, startDynamoDb } from "../../local/testing/dynamodb.ts";
import { apiEvent } from "../../test/support/api-event.ts";
import { setEnvironment } from "../../test/support/environment.ts";
import { contextWith } from "../../test/support/lambda-context.ts";
import { clusterRecord, memberRecord } from "../../test/support/steps/records.ts";
import { roomyAccount } from "../../test/support/steps/roomy-account.ts";
import { TestClock } from "../../test/support/steps/test-clock.ts";
import { ownCluster } from "../domain/fleet/endpoint-records.ts";
import { LOCAL } from "../domain/fleet/fleet-records.ts";
import { openFleetStore } from "../store/fleet-store.ts";
import { keys, type Table } from "../store/keys.ts";
import { finishOperation } from "../store/operations.ts";
import { openStore } from "../store/store.ts";
import { changeClusterCalls } from "../usecases/change/change-cluster.ts";
import { localEndpoint } from "../usecases/fleet/local-endpoint.ts";
import { tickRollouts } from "../usecases/fleet/tick-rollouts.ts";

const ROLES = {
  ada: [{ role: "admin" }],
  otto: [{ role: "operator" }],
  vera: [{ role: "viewer" }],
  ed: [{ role: "operator", clusters: "eu.*" }],
  small: [{ role: "operator", limits: { nodes: 4 } }],
  nobody: [{ role: "viewer", clusters: "x" }],
};

let dynamodb: Awaited<ReturnType<typeof startDynamoDb>>;
let table: Table;
let handler: typeof import("./fleets.ts")["handler"];
beforeAll(async () => {
  dynamodb = await startDynamoDb();
  dynamodb.service.createTable(CLUSTER_TABLE);
  table = { name: "clusters", client: dynamodb.documents };
  const endpoint = await dynamodb.client.config.endpoint?.();
  const principals = Object.entries(ROLES).map(([name, grants]) => [`iam:${name}`, grants]);
  setEnvironment({
    AWS_ENDPOINT_URL: `http://${endpoint?.hostname}:${endpoint?.port}`,
    AWS_REGION: "us-west-2",
    AWS_ACCESS_KEY_ID: "holdfast",
    AWS_SECRET_ACCESS_KEY: "holdfast",
    CLUSTER_TABLE: "clusters",
    FLEET_FUNCTION: "fleet",
    API_ACCESS: JSON.stringify({ principals: Object.fromEntries(principals) }),
    REQUESTS_PER_MINUTE: "1000",
  });
  ({ handler } = await import("./fleets.ts"));
});
beforeEach(async () => {
  for (const name of ["eu.example.com", "us.example.com", "dev.example.com"]) {
    const env = name.startsWith("dev") ? "dev" : "prod";
    const flags = { NAME: name, "--labels": `env=${env}`, "--backup-interval": "0" };
    const record = clusterRecord({ name, uid: name }, flags);
    const items = record.plan.members.map((member) => ({
      ...{ ...keys.member(name, member.name), kind: "MEMBER", name: `${name}/${member.name}` },
      record: memberRecord(member.name),
    }));
    for (const Item of [{ ...keys.cluster(name), kind: "CLUSTER", name, record }, ...items])
      await table.client.send(new PutCommand({ TableName: table.name, Item }));
  }
});
afterAll(() => dynamodb[Symbol.asyncDispose]());

/** `POST /fleets/{fleet}`, with the values of its places, as somebody. */
async function ask(who: keyof typeof ROLES, route: string, at: Readonly<Record<string, string>> = {}, body?: unknown) {
  const event = apiEvent(
    route,
    { iam: { userArn: who } },
    { pathParameters: at, ...(body === undefined ? {} : { body: JSON.stringify(body) }) },
  );
  const { statusCode, body: text = "null", headers } = await handler(event, contextWith(30_000));
  return { status: statusCode, document: JSON.parse(text), headers };
}

function realStore() {
  return openStore(table, { table: "heartbeats", instances: "", client: table.client });
}

const clock = new TestClock();
const executions: string[] = [];
/** What the clock does each minute; then every operation that runs ends well. */
async function tick() {
  const store = realStore();
  const startExecution = async (_: string, name: string) => {
    executions.push(name);
    return "started" as const;
  };
  const account = roomyAccount(["us-west-2a", "us-west-2b", "us-west-2c"]);
  const aws = { ...changeClusterCalls, ...account, publish: async () => {}, startExecution };
  const local = localEndpoint({ store, clock, env: {}, aws }, table, { create: "create", update: "update" });
  const clusters = async () => (await local.list()).map(ownCluster);
  await tickRollouts({
    fleets: openFleetStore(table),
    endpoints: new Map([[LOCAL, local]]),
    clusters,
    shiftTraffic: async () => undefined,
    askUrl: async () => ({ passed: true, answer: "200" }),
    clock,
  });
  for (const { name, operation } of await local.list())
    if (operation !== null)
      await finishOperation(
        table,
        { id: operation, cluster: name },
        { status: "SUCCEEDED", error: null, clusterStatus: "ACTIVE", reason: null, fulfilled: true },
        clock.now(),
      );
  clock.advance(60_000);
}

const FLEET = { fleet: "prod" };
function create(who: keyof typeof ROLES = "ada") {
  return ask(who, "POST /fleets", {}, { name: "prod", selector: "env=prod", policy: { masters: { minimum: 5 } } });
}

test("a fleet is made, listed, changed and deleted, by those who may", async () => {
  expect([(await create("vera")).status, (await create("ed")).status]).toEqual([403, 403]);
  const made = await create("otto");
  expect([made.status, made.document.clusters.map(({ name }: { name: string }) => name)]).toEqual([
    201,
    ["eu.example.com", "us.example.com"],
  ]);
  expect((await create("otto")).status).toBe(201);

  const listed = await ask("vera", "GET /fleets");
  expect(listed.document.items).toMatchObject([{ name: "prod", counts: { clusters: 2, violations: 2 } }]);
  const ofEd = await ask("ed", "GET /fleets/{fleet}", FLEET);
  expect(ofEd.document.clusters.map(({ name }: { name: string }) => name)).toEqual(["eu.example.com"]);
  expect((await ask("nobody", "GET /fleets/{fleet}", FLEET)).status).toBe(404);
  expect((await ask("nobody", "GET /fleets")).document.items).toEqual([]);

  const dry = { clusters: ["dev.example.com"], dryRun: true };
  const planned = await ask("otto", "PATCH /fleets/{fleet}", FLEET, dry);
  expect([planned.status, planned.document.clusters.length]).toEqual([200, 1]);
  expect((await ask("otto", "GET /fleets/{fleet}", FLEET)).document.clusters).toHaveLength(2);
  expect((await ask("otto", "POST /fleets", {}, { name: "more", ...dry })).status).toBe(200);
  expect((await ask("vera", "GET /fleets")).document.items).toHaveLength(1);
  const changed = await ask("otto", "PATCH /fleets/{fleet}", FLEET, { clusters: ["dev.example.com"] });
  expect(changed.document).toMatchObject({ selector: null, clusters: [{ name: "dev.example.com" }] });
  const wrong = await ask("otto", "PATCH /fleets/{fleet}", FLEET, { selector: "env prod" });
  expect([wrong.status, wrong.document.problems[0].flag]).toEqual([400, "selector"]);
  expect((await ask("otto", "DELETE /fleets/{fleet}", FLEET)).status).toBe(403);
  expect((await ask("ada", "DELETE /fleets/{fleet}", FLEET)).status).toBe(200);
  expect((await ask("ada", "GET /fleets/{fleet}", FLEET)).status).toBe(404);
});

test("a roll-out changes each cluster by one operation, and the former values come back", async () => {
  await create();
  const start = { change: { nodeCount: 4, labels: { ring: "new" } } };
  const plan = await ask("otto", "POST /fleets/{fleet}/rollouts/plan", FLEET, start);
  expect([plan.status, plan.document.left, plan.document.rollout.clusters.length]).toEqual([200, [], 2]);
  const tooLarge = await ask("small", "POST /fleets/{fleet}/rollouts", FLEET, { change: { nodeCount: 5 } });
  expect(tooLarge.status).toBe(403);

  const begun = await ask("small", "POST /fleets/{fleet}/rollouts", FLEET, start);
  const { id } = begun.document;
  expect([begun.status, begun.headers?.["location"]]).toEqual([202, `/rollouts/${id}`]);
  expect((await ask("ada", "POST /fleets/{fleet}/rollouts", FLEET, start)).status).toBe(409);
  expect((await ask("ada", "DELETE /fleets/{fleet}", FLEET)).status).toBe(409);
  for (let minute = 0; minute < 5; minute++) await tick();

  const at = { rollout: id };
  const done = await ask("vera", "GET /rollouts/{rollout}", at);
  expect(done.document).toMatchObject({ state: "done", counts: { ok: 2 } });
  expect(done.document.clusters[0].from).toEqual({ nodeCount: 2, labels: { ring: null } });
  expect(executions).toHaveLength(2);
  expect((await ask("vera", "PATCH /rollouts/{rollout}", at, { action: "rollback" })).status).toBe(403);
  expect((await ask("ada", "PATCH /rollouts/{rollout}", at, { action: "pause" })).status).toBe(409);

  const back = await ask("ada", "PATCH /rollouts/{rollout}", at, { action: "rollback" });
  expect(back.status).toBe(202);
  for (let minute = 0; minute < 5; minute++) await tick();
  const listed = await ask("ed", "GET /fleets/{fleet}/rollouts", FLEET);
  expect(listed.document.items).toMatchObject([
    { state: "done", rollbackOf: id, clusters: [{ name: "eu.example.com" }] },
    { id, state: "done" },
  ]);
  const { spec } = await realStore().getCluster("us.example.com");
  expect([spec.nodeCount, spec.labels]).toEqual([2, { env: "prod" }]);
});

test("the result of a check takes the role of the gate, and counts once", async () => {
  const stages = [{ name: "all", maxConcurrent: 2, before: [{ gate: "checks", name: "smoke" }] }];
  const start = { change: { labels: { ring: "newer" } }, strategy: { stages } };
  const { id } = (await ask("ada", "POST /fleets/{fleet}/rollouts", FLEET, start)).document;
  await tick();

  const at = { rollout: id };
  const passed = { action: "check", name: "smoke", passed: true, message: "build 7" };
  expect((await ask("vera", "PATCH /rollouts/{rollout}", at, passed)).status).toBe(403);
  expect((await ask("otto", "PATCH /rollouts/{rollout}", at, { ...passed, name: "x" })).status).toBe(409);
  for (const _ of [1, 2]) expect((await ask("otto", "PATCH /rollouts/{rollout}", at, passed)).status).toBe(200);
  for (let minute = 0; minute < 4; minute++) await tick();
  const done = await ask("ada", "GET /rollouts/{rollout}", at);
  expect(done.document).toMatchObject({ state: "done", checks: [{ stage: "all", name: "smoke", by: "iam:otto" }] });
  expect(done.document.checks).toHaveLength(1);
});

test("5.8.5: an approval takes the role of the gate, and counts once", async () => {
  const stages = [{ name: "all", maxConcurrent: 2, before: [{ gate: "approval", by: "admin" }] }];
  const start = { change: { labels: { ring: "new" } }, strategy: { stages } };
  const { id } = (await ask("ada", "POST /fleets/{fleet}/rollouts", FLEET, start)).document;
  await tick();

  const at = { rollout: id };
  const approve = { action: "approve", stage: "all" };
  expect((await ask("vera", "PATCH /rollouts/{rollout}", at, approve)).status).toBe(403);
  expect((await ask("otto", "PATCH /rollouts/{rollout}", at, approve)).status).toBe(403);
  for (const _ of [1, 2]) expect((await ask("ada", "PATCH /rollouts/{rollout}", at, approve)).status).toBe(200);
  for (let minute = 0; minute < 4; minute++) await tick();
  const done = await ask("ada", "GET /rollouts/{rollout}", at);
  expect(done.document).toMatchObject({ state: "done", approvals: [{ stage: "all", by: "iam:ada" }] });
  expect(done.document.approvals).toHaveLength(1);
});
