import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from "node:zlib";
import { ScanCommand } from "@aws-sdk/lib-dynamodb";
import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { beforeEach, describe, expect, test } from "vitest";
import * as z from "zod";
import { CLUSTER_TABLE, startDynamoDb } from "../../../local/testing/dynamodb.ts";
import { SESSION_ROUTES } from "../../domain/api/session-routes.ts";
import { serveFile } from "./files.ts";
import { answerSession, type ConsoleDeps, openSession } from "./sessions.ts";

const CALLER = {
  principals: ["jwt:sub=ada", "jwt:groups=dev"],
  authMethod: "token",
  sourceIp: "203.0.113.7",
  userAgent: "holdfast-cli",
} as const;
const OWN = { "x-holdfast-console": "1" };

let time: number;
let invoked: { readonly name: string; readonly event: unknown }[];
let answer: unknown;
let deps: ConsoleDeps;

beforeEach(async () => {
  const dynamodb = await startDynamoDb();
  dynamodb.service.createTable(CLUSTER_TABLE);
  time = Date.parse("2026-11-30T08:00:00.000Z");
  invoked = [];
  answer = { statusCode: 200, headers: { "content-type": "application/json", etag: '"spec"' }, body: '{"a":1}' };
  let secrets = 0;
  deps = {
    store: { name: "clusters", client: dynamodb.documents },
    clock: { now: () => new Date(time) },
    newSecret: () => String(++secrets).padStart(43, "s"),
    invoke: async (name, event) => {
      invoked.push({ name, event });
      return JSON.stringify(answer);
    },
    routes: SESSION_ROUTES,
  };
  return () => dynamodb[Symbol.asyncDispose]();
});

function request(method: string, path: string, more: Partial<APIGatewayProxyEventV2> = {}): APIGatewayProxyEventV2 {
  return {
    version: "2.0",
    routeKey: "ANY /session/{proxy+}",
    rawPath: `/session/${path}`,
    rawQueryString: "",
    headers: {},
    isBase64Encoded: false,
    requestContext: {
      accountId: "123456789012",
      apiId: "a1",
      domainName: "x",
      domainPrefix: "x",
      http: {
        method,
        path: `/session/${path}`,
        protocol: "HTTP/1.1",
        sourceIp: "203.0.113.7",
        userAgent: "Mozilla/5.0",
      },
      requestId: "r",
      routeKey: "ANY /session/{proxy+}",
      stage: "$default",
      time: "",
      timeEpoch: 0,
    },
    ...more,
  };
}

const Code = z.object({ code: z.string() });

async function signIn(hours = 12): Promise<string> {
  const { body } = await openSession(deps, CALLER, hours);
  const { code } = Code.parse(body);
  const opened = await answerSession(deps, request("POST", "self", { headers: OWN, body: JSON.stringify({ code }) }));
  expect(opened.status).toBe(200);
  return opened.cookies?.[0]?.split(";")[0] ?? "";
}

describe("sessions", () => {
  test("a code opens one session, once, within a minute", async () => {
    const { status, body } = await openSession(deps, CALLER, 8);
    expect([status, body]).toEqual([201, { code: "1".padStart(43, "s"), until: "2026-11-30T16:00:00.000Z" }]);
    const trade = () => answerSession(deps, request("POST", "self", { headers: OWN, body: JSON.stringify(body) }));
    const odd = await trade();
    expect(odd.status).toBe(401);

    const { code } = Code.parse(body);
    const rightly = request("POST", "self", { headers: OWN, body: JSON.stringify({ code }) });
    expect(await answerSession(deps, rightly)).toMatchObject({
      status: 200,
      cookies: [
        expect.stringMatching(/^__Host-holdfast=s+2; Path=\/; Max-Age=28800; Secure; HttpOnly; SameSite=Strict$/),
      ],
    });
    expect(await answerSession(deps, rightly)).toMatchObject({ status: 401 });
  });

  test("an older code opens nothing", async () => {
    const { body } = await openSession(deps, CALLER, 8);
    time += 61_000;
    const late = request("POST", "self", { headers: OWN, body: JSON.stringify({ code: Code.parse(body).code }) });

    expect(await answerSession(deps, late)).toMatchObject({ status: 401 });
  });

  test("a session ends by its time, and by signing out; the table has no secret", async () => {
    const cookie = await signIn(1);
    const { Items } = await deps.store.client.send(new ScanCommand({ TableName: "clusters" }));
    expect(Items?.length).toBe(1);
    expect(JSON.stringify(Items)).not.toContain(cookie.split("=")[1]);
    expect(await answerSession(deps, request("GET", "clusters", { cookies: [cookie] }))).toMatchObject({ status: 200 });
    time += 3_600_000;
    expect(await answerSession(deps, request("GET", "clusters", { cookies: [cookie] }))).toMatchObject({ status: 401 });

    const other = await signIn();
    const out = request("DELETE", "self", { cookies: [other], headers: OWN });
    expect(await answerSession(deps, out)).toMatchObject({
      status: 200,
      cookies: [expect.stringContaining("Max-Age=0")],
    });
    expect(await answerSession(deps, request("GET", "clusters", { cookies: [other] }))).toMatchObject({ status: 401 });
  });
});

describe("requests of a session", () => {
  test("a route is asked as who opened the session, and knows neither cookie nor token", async () => {
    const cookie = await signIn();
    await answerSession(
      deps,
      request("GET", "clusters/prod.example.com/events", {
        cookies: [cookie],
        headers: { authorization: "Bearer x", accept: "application/json" },
        rawQueryString: "limit=5",
      }),
    );

    const [asked] = invoked;
    expect(asked?.name).toBe("list-events");
    expect(asked?.event).toMatchObject({
      routeKey: "GET /clusters/{name}/events",
      rawPath: "/clusters/prod.example.com/events",
      rawQueryString: "limit=5",
      pathParameters: { name: "prod.example.com" },
      headers: { accept: "application/json" },
      requestContext: {
        http: { userAgent: "holdfast-console Mozilla/5.0", path: "/clusters/prod.example.com/events" },
        authorizer: { session: { principals: ["jwt:sub=ada", "jwt:groups=dev"], authMethod: "token" } },
      },
    });
    expect(JSON.stringify(asked?.event)).not.toMatch(/Bearer|__Host/);
  });

  test("what has not changed is answered 304, and the tag of the spec goes under another name", async () => {
    const cookie = await signIn();
    const first = await answerSession(deps, request("GET", "clusters/a", { cookies: [cookie] }));
    const etag = first.headers?.["etag"] ?? "";
    expect(first.headers).toMatchObject({ "x-holdfast-if-match": '"spec"', "cache-control": "no-store" });
    const again = () =>
      answerSession(deps, request("GET", "clusters/a", { cookies: [cookie], headers: { "if-none-match": etag } }));

    expect(await again()).toMatchObject({ status: 304, text: "" });
    answer = { statusCode: 200, headers: { etag: '"spec"' }, body: '{"a":2}' };
    expect(await again()).toMatchObject({ status: 200, text: '{"a":2}' });
  });

  test.each([
    ["without the page's own header", {}],
    ["of another site's page", { ...OWN, "sec-fetch-site": "cross-site" }],
  ])("a write %s is refused, and asks no route", async (_, headers) => {
    const cookie = await signIn();
    const write = request("DELETE", "clusters/prod.example.com", { cookies: [cookie], headers });

    expect(await answerSession(deps, write)).toMatchObject({ status: 403 });
    expect(invoked).toEqual([]);
  });

  test.each([
    ["GET", "nothing", 404],
    ["POST", "console-sessions", 404],
    ["POST", "clusters/a/nodes/i-0123456789abcdef0/certificate", 404],
    ["POST", "chat/slack", 404],
    ["GET", "clusters//events", 404],
    ["PUT", "self", 404],
  ])("%s /session/%s leads nowhere", async (method, path, status) => {
    const cookie = await signIn();

    expect(await answerSession(deps, request(method, path, { cookies: [cookie], headers: OWN }))).toMatchObject({
      status,
    });
    expect(invoked).toEqual([]);
  });
});

test("files are served as they were compressed, under a policy; an address that is no file is the page", () => {
  const file = (text: string, immutable: boolean) => ({
    type: "text/plain",
    gzip: gzipSync(text).toString("base64"),
    brotli: brotliCompressSync(text).toString("base64"),
    immutable,
  });
  const files = { "index.html": file("page", false), "assets/a-1.js": file("script", true) };
  const bytes = (path: string, accept?: string) => {
    const { base64 = "", headers } = serveFile(files, path, accept);
    return [Buffer.from(base64, "base64"), headers?.["content-encoding"]] as const;
  };

  expect(brotliDecompressSync(bytes("assets/a-1.js", "gzip, br;q=0.9")[0]).toString()).toBe("script");
  expect(gunzipSync(bytes("clusters/prod.example.com", "gzip")[0]).toString()).toBe("page");
  expect(bytes("assets/a-1.js")).toEqual([Buffer.from("script"), undefined]);
  expect(serveFile(files, "assets/a-1.js").headers).toMatchObject({
    "cache-control": "public, max-age=31536000, immutable",
  });
  expect(serveFile(files, "x").headers).toMatchObject({
    "cache-control": "no-cache",
    "content-security-policy": expect.stringContaining("default-src 'none'; script-src 'self'"),
    "x-content-type-options": "nosniff",
  });
  expect(serveFile(files, "assets/b-2.js").status).toBe(404);
  expect(serveFile(files, "constructor").status).toBe(200);
});
