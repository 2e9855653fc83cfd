import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import { signedHeaders } from "../../client/signing.ts";
import * as client from "../../dist/holdfast-api.ts";
import { eventually, type Scenario, startScenario } from "../support/scenario.ts";

const SPEC = { name: "one.example.com", zones: ["us-west-2a", "us-west-2b"], nodeCount: 1 };
const ACCESS = {
  principals: {
    "iam:arn:aws:iam::*:user/holdfast": [{ role: "admin" }],
    "jwt:groups=dev": [{ role: "operator", clusters: "*.example.com" }],
    "jwt:holdfast_role=viewer": [{ role: "viewer", clusters: "one.*" }],
  },
};

let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario({
    hosts: "simulated",
    workflowSpeed: 5,
    parameters: { ApiAccess: JSON.stringify(ACCESS) },
  });
  client.defaults.baseUrl = scenario.cloud.endpoints.api;
  client.defaults.fetch = signedFetch;
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});

/** What a generated client cannot know: how AWS's signatures are made. */
const signedFetch: typeof fetch = async (input, init = {}) => {
  const url = new URL(String(input));
  const headers = Object.fromEntries(new Headers(init.headers));
  const body = typeof init.body === "string" ? init.body : undefined;
  const request = { method: init.method ?? "GET", url, headers, body };
  const signed = await signedHeaders(request, "us-west-2", { accessKeyId: "holdfast", secretAccessKey: "holdfast" });
  return fetch(url, { ...init, headers: signed });
};

async function tokenFor(request: object): Promise<string> {
  const answer = await fetch(`${scenario.cloud.endpoints.api}/_issuer`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(request),
  });
  return z.object({ token: z.string() }).parse(await answer.json()).token;
}

function withToken(token: string) {
  return {
    baseUrl: `${scenario.cloud.endpoints.api}/token`,
    fetch,
    headers: { authorization: `Bearer ${token}` },
  };
}

async function ended(id: string) {
  const operation = await eventually(
    async () => client.getOperation(id),
    (answer) => answer.status === 200 && answer.data.status !== "RUNNING",
    60_000,
  );
  return operation.status === 200 ? operation.data.status : operation.status;
}

test("a client generated from the document creates a cluster and follows its operation to the end", async () => {
  const planned = await client.createPlan({ spec: SPEC });
  expect(planned.status).toBe(200);

  const created = await client.createCluster({ spec: SPEC }, { idempotencyKey: "create-one" });

  expect(created.status).toBe(202);
  const id = created.status === 202 ? created.data.id : "";
  expect(created.headers.get("location")).toBe(`/operations/${id}`);
  expect(created.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  expect(await ended(id)).toBe("SUCCEEDED");
  const again = await client.createCluster({ spec: SPEC }, { idempotencyKey: "create-one" });
  expect(again).toMatchObject({ status: 202, data: { id } });
});

test("an operation that has not changed is 304, without a body", async () => {
  const { data } = await client.listOperations(SPEC.name);
  const [operation] = "items" in data ? data.items : [];
  const first = await client.getOperation(operation?.id ?? "");

  const second = await client.getOperation(operation?.id ?? "", { ifNoneMatch: first.headers.get("etag") ?? "" });

  expect(first.status).toBe(200);
  expect(second).toMatchObject({ status: 304, data: null });
});

test("X4: a key that comes twenty times at once is one operation, and with another body it is refused", async () => {
  const spec = { ...SPEC, name: "key.example.org" };
  const key = { idempotencyKey: "twenty-at-once" };

  const answers = await Promise.all(Array.from({ length: 20 }, () => client.createCluster({ spec }, key)));
  const other = await client.createCluster({ spec: { ...spec, nodeCount: 2 } }, key);

  const ids = new Set(answers.map((answer) => (answer.status === 202 ? answer.data.id : answer.status)));
  expect(ids.size).toBe(1);
  expect(other).toMatchObject({ status: 422, data: { type: "https://holdfast.dev/problems/idempotency-mismatch" } });
  expect(await client.deleteCluster(spec.name)).toMatchObject({ status: 202 });
});

test("a list comes in pages, and in parts by name and status", async () => {
  const creations = ["three.example.com", "two.example.com"].map(async (name) => {
    const created = await client.createCluster({ spec: { ...SPEC, name } });
    return created.status === 202 && (await ended(created.data.id));
  });
  expect(await Promise.all(creations)).toEqual(["SUCCEEDED", "SUCCEEDED"]);
  const names = ({ data }: Awaited<ReturnType<typeof client.listClusters>>) =>
    "items" in data ? data.items.map((cluster: { readonly name: string }) => cluster.name) : data;
  const cursorOf = ({ data }: Awaited<ReturnType<typeof client.listClusters>>) =>
    "nextCursor" in data && data.nextCursor ? { cursor: data.nextCursor } : {};

  const first = await client.listClusters({ limit: 3 });
  const second = await client.listClusters({ limit: 3, ...cursorOf(first) });

  expect([names(first), names(second), cursorOf(second)]).toEqual([
    ["key.example.org", "one.example.com", "three.example.com"],
    ["two.example.com"],
    {},
  ]);
  expect(names(await client.listClusters({ namePrefix: "t", limit: 1 }))).toEqual(["three.example.com"]);
  expect(names(await client.listClusters({ status: "ACTIVE", namePrefix: "tw" }))).toEqual(["two.example.com"]);
  expect(names(await client.listClusters({ status: "FAILED" }))).toEqual([]);
  const { stdout } = await scenario.holdfast("get", "clusters", "-o", "json");
  expect(JSON.parse(stdout).items.map(({ name }: { name: string }) => name)).toEqual([
    "key.example.org",
    "one.example.com",
    "three.example.com",
    "two.example.com",
  ]);
});

test("an event history comes in pages, in parts by type and time, and says who asked for what from where", async () => {
  const all = await client.listEvents(SPEC.name);
  const events = "items" in all.data ? all.data.items : [];
  const one = await client.listEvents(SPEC.name, { limit: 1 });
  const cursor = "nextCursor" in one.data && one.data.nextCursor ? { cursor: one.data.nextCursor } : {};
  const rest = await client.listEvents(SPEC.name, cursor);

  expect(events.length).toBeGreaterThan(1);
  expect("items" in one.data && "items" in rest.data && [...one.data.items, ...rest.data.items]).toEqual(events);
  const last = events.at(-1);
  const late = await client.listEvents(SPEC.name, { since: last?.time ?? "" });
  expect("items" in late.data && late.data.items.at(-1)).toEqual(last);
  const asked = await client.listEvents(SPEC.name, { $type: "create-requested" });
  expect("items" in asked.data && asked.data.items).toMatchObject([
    {
      type: "create-requested",
      by: { principal: "iam:arn:aws:iam::123456789012:user/holdfast", authMethod: "iam", sourceIp: "127.0.0.1" },
    },
  ]);
});

test("a change is of the spec that was read, and one of a spec that is no more is refused", async () => {
  const read = await client.getCluster(SPEC.name);
  const ifMatch = read.headers.get("etag") ?? "";

  const changed = await client.updateCluster(SPEC.name, { spec: { nodeCount: 2 } }, { ifMatch });
  const outdated = await client.scaleCluster(SPEC.name, { count: 3 }, { ifMatch });

  expect(changed.status).toBe(202);
  expect(outdated).toMatchObject({ status: 412, data: { type: "https://holdfast.dev/problems/spec-outdated" } });
  const busy = await client.scaleCluster(SPEC.name, { count: 3 });
  expect(busy.status === 409 ? busy.headers.get("retry-after") : busy.status).toBe("10");
  expect(changed.status === 202 && (await ended(changed.data.id))).toBe("SUCCEEDED");
});

test("a token may do what its claims are given, and to clusters that it may not read nothing is there", async () => {
  const viewer = withToken(await tokenFor({ subject: "vera", claims: { holdfast_role: "viewer" } }));
  const operator = withToken(await tokenFor({ subject: "otto", claims: { groups: ["dev", "all"] } }));

  const listed = await client.listClusters({}, viewer);
  expect("items" in listed.data && listed.data.items.map((cluster: { readonly name: string }) => cluster.name)).toEqual(
    [SPEC.name],
  );
  expect((await client.getCluster("two.example.com", {}, viewer)).status).toBe(404);
  expect(await client.scaleCluster(SPEC.name, { count: 1 }, {}, viewer)).toMatchObject({
    status: 403,
    data: {
      type: "https://holdfast.dev/problems/forbidden",
      detail: "jwt:sub=vera is not allowed to change one.example.com",
    },
  });
  expect((await client.deleteCluster("two.example.com", {}, operator)).status).toBe(403);
  const scaled = await client.scaleCluster("two.example.com", { count: 2 }, {}, operator);
  expect(scaled.status).toBe(202);
  const id = scaled.status === 202 ? scaled.data.id : "";
  expect(scaled.headers.get("location")).toBe(`/token/operations/${id}`);
  expect(await ended(id)).toBe("SUCCEEDED");
  const explain = await client.listEvents("two.example.com", { $type: "change-requested" }, operator);
  expect("items" in explain.data && explain.data.items[0]?.by?.principal).toBe("jwt:sub=otto");
});

test.each([
  ["none", undefined],
  ["one that has expired", { claims: { holdfast_role: "admin" }, lifetime: -60 }],
  ["one for another audience", { claims: { holdfast_role: "admin" }, audience: "elsewhere" }],
])("below /token, with %s, the endpoint stays closed", async (_, request) => {
  const token = request === undefined ? "" : await tokenFor(request);

  expect((await client.listClusters({}, withToken(token))).status).toBe(401);
});

test("the command line comes with a token, too", async () => {
  const { stdout: token } = await scenario.holdfast("local", "token", "--role", "viewer");

  const result = await scenario.holdfastAs({ HOLDFAST_TOKEN: token.trim() }, "get", "clusters", "-o", "json");
  const denied = await scenario.holdfastAs({ HOLDFAST_TOKEN: token.trim() }, "delete", "cluster", SPEC.name, "--yes");

  expect(JSON.parse(result.stdout).items.map(({ name }: { name: string }) => name)).toEqual([SPEC.name]);
  expect(denied).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("is not allowed to delete one.example.com"),
  });
});

test("the document itself is open to everybody, and is what is in the repository", async () => {
  const answer = await fetch(`${scenario.cloud.endpoints.api}/openapi.json`);

  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({ openapi: "3.1.0", info: { title: "Holdfast" } });
  const etag = answer.headers.get("etag") ?? "";
  const again = await fetch(`${scenario.cloud.endpoints.api}/openapi.json`, { headers: { "if-none-match": etag } });
  expect(again.status).toBe(304);
});

test("a deletion is followed to its end by the same client", async () => {
  const deleted = await client.deleteCluster(SPEC.name, { finalSnapshot: "false" });

  expect(deleted.status).toBe(202);
  expect(deleted.status === 202 && (await ended(deleted.data.id))).toBe("SUCCEEDED");
  expect(await client.getCluster(SPEC.name)).toMatchObject({ status: 200, data: { status: "DELETED" } });
});
