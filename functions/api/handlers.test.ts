import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CLUSTER_TABLE, startDynamoDb } from "../../local/testing/dynamodb.ts";
import { type ApiChange, apiEvent } from "../../test/support/api-event.ts";
import { setEnvironment } from "../../test/support/environment.ts";
import { contextWith } from "../../test/support/lambda-context.ts";
import { recoverRecord } from "../domain/deletion/deletion.ts";
import { keys } from "../store/keys.ts";
import { startOf } from "../store/operation-records.ts";

type Handler = typeof import("./list-clusters.ts")["handler"];

const NOW = new Date("2026-11-25T12:00:00Z");
const ACCESS = {
  principals: {
    "iam:arn:aws:iam::111122223333:user/ada": [{ role: "admin" }],
    "iam:arn:aws:iam::111122223333:user/otto": [{ role: "operator" }],
    "iam:arn:aws:iam::111122223333:user/olga": [{ role: "admin" }],
    "jwt:holdfast_role=viewer": [{ role: "viewer", clusters: "*.dev.example.com" }],
  },
};

let dynamodb: Awaited<ReturnType<typeof startDynamoDb>>;
const handlers = new Map<string, Handler>();
beforeAll(async () => {
  dynamodb = await startDynamoDb();
  dynamodb.service.createTable(CLUSTER_TABLE);
  const put = (Item: Record<string, unknown>) =>
    dynamodb.documents.send(new PutCommand({ TableName: "clusters", Item }));
  for (const name of ["a.dev.example.com", "prod.example.com"]) {
    const record = recoverRecord({ name, uid: name, region: "us-west-2", zones: [] }, NOW);
    await put({ ...keys.cluster(name), kind: "CLUSTER", name, record });
    await put({ ...keys.operation(`create-${name}`), record: startOf(`create-${name}`, name, "create", NOW) });
  }
  // What a function is given in its environment, before its file is loaded.
  const endpoint = await dynamodb.client.config.endpoint?.();
  setEnvironment({
    AWS_ENDPOINT_URL: `http://${endpoint?.hostname}:${endpoint?.port}`,
    AWS_REGION: "us-west-2",
    AWS_ACCESS_KEY_ID: "holdfast",
    AWS_SECRET_ACCESS_KEY: "holdfast",
    CLUSTER_TABLE: "clusters",
    API_ACCESS: JSON.stringify(ACCESS),
    CHAT_CALLERS: "arn:aws:sts::111122223333:assumed-role/chat-command/*",
    REQUESTS_PER_MINUTE: "3",
    BACKUP_BUCKET: "bucket",
  });
  const files = {
    "GET /clusters": await import("./list-clusters.ts"),
    "GET /operations/{id}": await import("./get-operation.ts"),
    "GET /clusters/{name}/events": await import("./list-events.ts"),
    "POST /plan": await import("./create-plan.ts"),
  };
  for (const [route, { handler }] of Object.entries(files)) handlers.set(route, handler);
});
afterAll(() => dynamodb[Symbol.asyncDispose]());

const SIGNED = { iam: { userArn: "arn:aws:iam::111122223333:user/ada" } };
const VIEWER = { jwt: { claims: { sub: "vera", holdfast_role: "viewer" }, scopes: null } };

async function call(route: string, authorizer: object | undefined, change: ApiChange = {}) {
  const [method = "", path = ""] = route.split(" ");
  const routeKey = authorizer && "jwt" in authorizer ? `${method} /token${path}` : route;
  const event = apiEvent(route, authorizer, { routeKey, ...change });
  const answer = await handlers.get(route)?.(event, contextWith(30_000));
  return { ...answer, document: answer?.body === undefined ? undefined : JSON.parse(answer.body) };
}

test("a list has what its caller may read, and every answer the request's id", async () => {
  const all = await call("GET /clusters", SIGNED);
  const some = await call("GET /clusters", VIEWER);

  expect(all.document.items.map(({ name }: { name: string }) => name)).toEqual([
    "a.dev.example.com",
    "prod.example.com",
  ]);
  expect(some.document.items.map(({ name }: { name: string }) => name)).toEqual(["a.dev.example.com"]);
  expect(all.headers?.["x-request-id"]).toBe("req-1");
});

test("whom nobody has verified, or whom the rules do not know, is let nowhere; the functions of chats are", async () => {
  const chat = { iam: { userArn: "arn:aws:sts::111122223333:assumed-role/chat-command/fn" } };
  const other = { iam: { userArn: "arn:aws:iam::111122223333:user/eve" } };

  expect((await call("GET /clusters", undefined)).statusCode).toBe(403);
  expect((await call("GET /clusters", other)).statusCode).toBe(403);
  expect((await call("GET /clusters", chat)).statusCode).toBe(200);
});

test("a session of the console is who opened it, and learns what the rules allow", async () => {
  const session = { session: { principals: ["jwt:sub=vera", "jwt:holdfast_role=viewer"], authMethod: "token" } };
  const some = await call("GET /clusters", session);
  const self = await call("GET /clusters", session, { routeKey: "GET /session/self" });

  expect(some.document.items.map(({ name }: { name: string }) => name)).toEqual(["a.dev.example.com"]);
  expect(self.document).toEqual({
    principal: "jwt:sub=vera",
    grants: [{ actions: ["read"], clusters: "*.dev.example.com" }],
  });
  expect((await call("GET /clusters", { session: { principals: [], authMethod: "token" } })).statusCode).toBe(403);
});

test("L1: a user whose path looks like a chat's session is not let in", async () => {
  const userArn = "arn:aws:iam::111122223333:user/x:assumed-role/chat-command/eve";

  expect((await call("GET /clusters", { iam: { userArn } })).statusCode).toBe(403);
});

test("a token without a subject is refused with the reason", async () => {
  const refused = await call("GET /clusters", { jwt: { claims: { holdfast_role: "viewer" }, scopes: null } });

  expect(refused).toMatchObject({
    statusCode: 403,
    document: { detail: "the token names nobody: it has no claim sub" },
  });
});

test("to whom may not read a cluster neither it nor its operations are there", async () => {
  const operation = (id: string) => call("GET /operations/{id}", VIEWER, { pathParameters: { id } });
  const events = (name: string) => call("GET /clusters/{name}/events", VIEWER, { pathParameters: { name } });

  expect((await operation("create-a.dev.example.com")).statusCode).toBe(200);
  expect((await operation("create-prod.example.com")).statusCode).toBe(404);
  expect((await events("a.dev.example.com")).statusCode).toBe(200);
  const hidden = await events("prod.example.com");
  const missing = await events("none.example.com");
  expect([hidden.statusCode, missing.statusCode]).toEqual([404, 404]);
  expect(hidden.document.type).toBe(missing.document.type);
});

test("an operation that runs says when to look again, and is 304 to whom has seen it", async () => {
  const pathParameters = { id: "create-prod.example.com" };
  const first = await call("GET /operations/{id}", SIGNED, { pathParameters });
  const etag = String(first.headers?.["etag"]);

  const again = await call("GET /operations/{id}", SIGNED, { pathParameters, headers: { "if-none-match": etag } });

  expect(first.headers?.["retry-after"]).toBe("2");
  expect(again).toMatchObject({ statusCode: 304, headers: { etag, "retry-after": "2" } });
  expect(again.body).toBeUndefined();
});

test("a role that reads does not plan", async () => {
  const planned = await call("POST /plan", VIEWER, { body: '{"spec":{"name":"b.dev.example.com"}}' });

  expect(planned.document).toMatchObject({
    type: "https://holdfast.dev/problems/forbidden",
    detail: "jwt:sub=vera is not allowed to create b.dev.example.com",
  });
});

test("a caller with too many requests gets a Retry-After, and other callers are not", async () => {
  const chat = { iam: { userArn: "arn:aws:sts::111122223333:assumed-role/chat-command/fn" } };
  const plan = (authorizer: object) => call("POST /plan", authorizer, { body: '{"spec":{}}' });

  const mine = [];
  // Four within a minute, or, where the minute ends in between, seven within two.
  for (let i = 0; i < 7; i++) mine.push(await plan(SIGNED));
  const other = await plan(chat);

  expect(mine[0]?.statusCode).toBe(422);
  const refused = mine.find(({ statusCode }) => statusCode === 429);
  expect(refused?.document.type).toBe("https://holdfast.dev/problems/too-many-requests");
  expect(Number(refused?.headers?.["retry-after"])).toBeGreaterThan(0);
  expect(Number(refused?.headers?.["retry-after"])).toBeLessThanOrEqual(60);
  expect(other.statusCode).toBe(422);
});

test("17.5: who may create, but not delete the source, takes nothing over; neither way is guessed", async () => {
  const planned = (user: string, fromBackup: object) => {
    const authorizer = { iam: { userArn: `arn:aws:iam::111122223333:user/${user}` } };
    const body = JSON.stringify({ spec: { name: "new.example.com" }, fromBackup });
    return call("POST /plan", authorizer, { body, headers: { "content-type": "application/json" } });
  };
  const source = { cluster: "prod.example.com", backup: "latest" };

  expect(await planned("otto", { ...source, mode: "takeover" })).toMatchObject({
    statusCode: 403,
    document: { detail: expect.stringContaining("user/otto is not allowed to delete prod.example.com") },
  });
  expect(await planned("olga", { ...source, mode: "takeover" })).toMatchObject({
    statusCode: 404,
    document: { detail: expect.stringContaining("there is no verified backup of prod.example.com") },
  });
  expect(await planned("olga", source)).toMatchObject({
    statusCode: 422,
    document: { problems: [{ flag: "--from-backup", value: "prod.example.com/latest" }] },
  });
});
