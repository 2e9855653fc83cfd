import { createHash, createHmac, type Hash, type Hmac } from "node:crypto";
import { once } from "node:events";
import { SignatureV4 } from "@smithy/signature-v4";
import { expect, onTestFinished, test } from "vitest";
import { testContext } from "../testing/context.ts";
import { AwsError } from "../wire/contract.ts";
import { createHttpApi, type HttpApiOptions } from "./http-api.ts";
import type { ApiRoute } from "./model.ts";
import { createHttpServer } from "./server.ts";

const FUNCTION = "arn:aws:lambda:us-west-2:123456789012:function:api";
const ROUTES: readonly ApiRoute[] = [
  { routeKey: "GET /clusters/{name}", authorizationType: "AWS_IAM", functionArn: FUNCTION, timeoutMs: 30_000 },
  { routeKey: "POST /chat/{proxy+}", authorizationType: "NONE", functionArn: FUNCTION, timeoutMs: 50 },
];

/** Serves the two routes; the function echoes its event unless the test says otherwise. */
async function serve(
  options: { invoke?: HttpApiOptions["lambda"]["invoke"]; allows?: boolean; mayInvoke?: boolean } = {},
) {
  const context = testContext();
  const api = createHttpApi(
    context,
    { apiId: "a1b2c3", routes: ROUTES },
    {
      mayInvoke: () => options.mayInvoke ?? true,
      lambda: {
        allows: () => options.allows ?? true,
        invoke: options.invoke ?? (async (_name, payload) => ({ requestId: "r", payload })),
      },
    },
  );
  const server = createHttpServer({
    api: () => api,
    log: context.log,
    pages: { "GET /_health": () => ({ statusCode: 200, headers: {}, cookies: [], body: Buffer.from("ok") }) },
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return { port, fetch: (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${port}${path}`, init) };
}

function answering(payload: unknown) {
  return async () => ({ requestId: "r", payload: JSON.stringify(payload) });
}

class Sha256 {
  readonly #hash: Hash | Hmac;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash("sha256") : createHmac("sha256", toBytes(secret));
  }
  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(toBytes(data));
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
  reset(): void {}
}

function toBytes(data: string | ArrayBuffer | ArrayBufferView): Uint8Array {
  if (typeof data === "string") return Buffer.from(data);
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}

async function signedHeaders(port: number, path: string, secretAccessKey: string, service = "execute-api") {
  const signer = new SignatureV4({
    service,
    region: "us-west-2",
    credentials: { accessKeyId: "holdfast", secretAccessKey },
    sha256: Sha256,
  });
  const { headers } = await signer.sign({
    method: "GET",
    protocol: "http:",
    hostname: "127.0.0.1",
    port,
    path,
    query: {},
    headers: { host: `127.0.0.1:${port}` },
  });
  const { host: _, ...rest } = headers;
  return rest;
}

test("a route that asks for a signature is closed without one, with a wrong one, and with one for another service", async () => {
  const { port, fetch } = await serve();
  const wrong = await signedHeaders(port, "/clusters/demo", "guess");
  const elsewhere = await signedHeaders(port, "/clusters/demo", "holdfast", "ec2");

  const answers = [
    await fetch("/clusters/demo"),
    await fetch("/clusters/demo", { headers: wrong }),
    await fetch("/clusters/demo", { headers: elsewhere }),
  ];

  expect(answers.map(({ status }) => status)).toEqual([403, 403, 403]);
  expect(await answers[0]?.json()).toEqual({ message: "Forbidden" });
});

test("a signed request reaches the function, which learns who signed", async () => {
  const { port, fetch } = await serve();

  const answer = await fetch("/clusters/demo", { headers: await signedHeaders(port, "/clusters/demo", "holdfast") });

  expect(await answer.json()).toMatchObject({
    routeKey: "GET /clusters/{name}",
    pathParameters: { name: "demo" },
    requestContext: {
      authorizer: {
        iam: { accessKey: "holdfast", accountId: "123456789012", userArn: "arn:aws:iam::123456789012:user/holdfast" },
      },
    },
  });
});

test("a signer whose policy does not allow the route is refused", async () => {
  const { port, fetch } = await serve({ mayInvoke: false });

  const answer = await fetch("/clusters/demo", { headers: await signedHeaders(port, "/clusters/demo", "holdfast") });

  expect(answer.status).toBe(403);
});

test("the event has payload format 2.0", async () => {
  const { port, fetch } = await serve();

  const answer = await fetch("/chat/slack/commands?team=a&team=b&x=1%202", {
    method: "POST",
    headers: { "content-type": "application/json", cookie: "a=1; b=2", "X-Signature": "s", "user-agent": "test" },
    body: '{"text":"hi"}',
  });

  const event = JSON.parse(await answer.text());
  expect(event).toMatchObject({
    version: "2.0",
    routeKey: "POST /chat/{proxy+}",
    rawPath: "/chat/slack/commands",
    rawQueryString: "team=a&team=b&x=1%202",
    cookies: ["a=1", "b=2"],
    headers: { "content-type": "application/json", "x-signature": "s", host: `127.0.0.1:${port}` },
    queryStringParameters: { team: "a,b", x: "1 2" },
    pathParameters: { proxy: "slack/commands" },
    requestContext: {
      accountId: "123456789012",
      apiId: "a1b2c3",
      http: {
        method: "POST",
        path: "/chat/slack/commands",
        protocol: "HTTP/1.1",
        sourceIp: "127.0.0.1",
        userAgent: "test",
      },
      routeKey: "POST /chat/{proxy+}",
      stage: "$default",
      time: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
      timeEpoch: expect.any(Number),
    },
    body: '{"text":"hi"}',
    isBase64Encoded: false,
  });
  expect(event.headers).not.toHaveProperty("cookie");
  expect(event.requestContext).not.toHaveProperty("authorizer");
});

test("a form reaches the function in base64", async () => {
  const { fetch } = await serve();

  const answer = await fetch("/chat/slack", { method: "POST", body: new URLSearchParams({ text: "status" }) });

  expect(await answer.json()).toMatchObject({
    body: Buffer.from("text=status").toString("base64"),
    isBase64Encoded: true,
  });
});

test("a function's response becomes status, headers, cookies and body", async () => {
  const response = {
    statusCode: 202,
    headers: { Location: "/operations/1" },
    cookies: ["a=1", "b=2"],
    body: "b2s=",
    isBase64Encoded: true,
  };
  const { fetch } = await serve({ invoke: answering(response) });

  const answer = await fetch("/chat/slack", { method: "POST" });

  expect(answer.status).toBe(202);
  expect(answer.headers.get("location")).toBe("/operations/1");
  expect(answer.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
  expect(answer.headers.get("apigw-requestid")).toEqual(expect.any(String));
  expect(await answer.text()).toBe("ok");
});

test("a returned value without statusCode is sent as JSON", async () => {
  const { fetch } = await serve({ invoke: answering({ clusters: [] }) });

  const answer = await fetch("/chat/slack", { method: "POST" });

  expect([answer.status, answer.headers.get("content-type"), await answer.json()]).toEqual([
    200,
    "application/json",
    { clusters: [] },
  ]);
});

const FAILURES = [
  {
    behaviour: "a function error",
    status: 500,
    message: "Internal Server Error",
    invoke: async () => ({ requestId: "r", payload: "{}", functionError: "Unhandled" as const }),
  },
  {
    behaviour: "a malformed response",
    status: 500,
    message: "Internal Server Error",
    invoke: answering({ statusCode: "soon" }),
  },
  {
    behaviour: "a throttled function",
    status: 500,
    message: "Internal Server Error",
    invoke: async () => {
      throw new AwsError("TooManyRequestsException", "Rate Exceeded.");
    },
  },
  {
    behaviour: "a function that takes longer than the time-out",
    status: 503,
    message: "Service Unavailable",
    invoke: (_name: string, _payload: string, { signal }: { signal?: AbortSignal } = {}) =>
      new Promise<never>((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason))),
  },
];

test.each(FAILURES)("$behaviour is answered with $status", async ({ invoke, status, message }) => {
  const { fetch } = await serve({ invoke });

  const answer = await fetch("/chat/slack", { method: "POST" });

  expect([answer.status, await answer.json()]).toEqual([status, { message }]);
});

test("an integration without permission to invoke is answered with 500", async () => {
  const { fetch } = await serve({ allows: false });

  expect((await fetch("/chat/slack", { method: "POST" })).status).toBe(500);
});

test("an unknown route is answered with 404, a body above 10 MB with 413, and the local cloud's own pages stay reachable", async () => {
  const { fetch } = await serve();

  const unknown = await fetch("/nothing");
  const large = await fetch("/chat/slack", { method: "POST", body: Buffer.alloc(10 * 1024 * 1024 + 1) });
  const health = await fetch("/_health");

  expect([unknown.status, await unknown.json()]).toEqual([404, { message: "Not Found" }]);
  expect([large.status, health.status]).toEqual([413, 200]);
});
