import { createHash, createHmac, type Hash, type Hmac } from "node:crypto";
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { DescribeVpcsCommand } from "@aws-sdk/client-ec2";
import { SignatureV4 } from "@smithy/signature-v4";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Scenario, startScenario } from "../support/scenario.ts";

// What a page of the web can make this machine's browser send to the local cloud (docs/security.md).

let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario({ hosts: "simulated" });
});
afterAll(() => scenario[Symbol.asyncDispose]());

interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** fetch would not let us choose Host, Origin and Sec-Fetch-Site. */
async function send(url: string, { method = "GET", headers = {}, body = "" }: Sent = {}) {
  const asking = request(url, { method, headers });
  asking.end(body);
  const [answer]: IncomingMessage[] = await once(asking, "response");
  if (!answer) throw new Error("no answer");
  return { status: answer.statusCode, text: await text(answer) };
}

class Sha256 {
  readonly #hash: Hash | Hmac;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash("sha256") : createHmac("sha256", bytes(secret));
  }
  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytes(data));
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
  reset(): void {}
}

function bytes(data: string | ArrayBuffer | ArrayBufferView): Uint8Array {
  if (typeof data === "string") return Buffer.from(data);
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}

interface Key {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const PUBLIC: Key = { accessKeyId: "holdfast", secretAccessKey: "holdfast" };

/** An address with the signature in its query, as a page could make it: nothing but a form's headers is needed. */
async function presigned(endpoint: string, credentials: Key, service: string, path = "/", body?: string) {
  const { hostname, port, host } = new URL(endpoint);
  const signer = new SignatureV4({ service, region: "us-west-2", credentials, sha256: Sha256 });
  const { query = {} } = await signer.presign({
    method: body === undefined ? "GET" : "POST",
    protocol: "http:",
    hostname,
    port: Number(port),
    path,
    query: {},
    headers: { host },
    ...(body !== undefined && { body }),
  });
  const pairs = Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]);
  return `${endpoint}${path}?${new URLSearchParams(pairs)}`;
}

const FORM = { "content-type": "application/x-www-form-urlencoded" };
const CREATE_VPC = "Action=CreateVpc&Version=2016-11-15&CidrBlock=10.99.0.0%2F16";

async function vpcs(): Promise<number> {
  const { Vpcs = [] } = await scenario.ec2.send(new DescribeVpcsCommand({}));
  return Vpcs.filter(({ CidrBlock }) => CidrBlock === "10.99.0.0/16").length;
}

test("M7: a form that a page signs with the operator's public key makes nothing, with or without Origin", async () => {
  const { aws } = scenario.cloud.endpoints;
  const url = await presigned(aws, PUBLIC, "ec2", "/", CREATE_VPC);
  const fromPage = await send(url, {
    method: "POST",
    headers: { ...FORM, origin: "https://evil.example" },
    body: CREATE_VPC,
  });
  const withoutOrigin = await send(url, { method: "POST", headers: FORM, body: CREATE_VPC });

  expect([fromPage.status, withoutOrigin.status]).toEqual([403, 403]);
  expect(fromPage.text).toContain("a web page of https://evil.example");
  expect(withoutOrigin.text).toContain("npx holdfast local credentials");
  expect(await vpcs()).toBe(0);
});

test("M7: the key of this start, which no page knows, is good for presigned requests", async () => {
  const { aws } = scenario.cloud.endpoints;
  const { operator } = scenario.cloud.context.credentials;
  expect(operator.secretAccessKey).toMatch(/^[\w-]{40}$/);
  const url = await presigned(aws, operator, "ec2", "/", CREATE_VPC);
  const answer = await send(url, { method: "POST", headers: FORM, body: CREATE_VPC });

  expect(answer.status).toBe(200);
  expect(await vpcs()).toBe(1);
});

test("M7: the API takes no presigned request of the public key", async () => {
  const { api } = scenario.cloud.endpoints;
  const { operator } = scenario.cloud.context.credentials;
  const path = "/clusters/none.example.com";
  const withPublic = await send(await presigned(api, PUBLIC, "execute-api", path));
  const withOwn = await send(await presigned(api, operator, "execute-api", path));

  // The second is let in, and the API takes no parameter that it does not know.
  expect([withPublic.status, withOwn.status]).toEqual([403, 400]);
});

const PATHS = ["/_issuer", "/_log", "/_faults", "/_iam", "/_health", "/_shell", "/_seed", "/clusters", "/console/"];

test("M7: a name that was rebound to 127.0.0.1 is answered by neither server", async () => {
  const { api, aws } = scenario.cloud.endpoints;
  const { port } = new URL(api);
  const host = `evil.example:${port}`;
  const json = { "content-type": "application/json" };
  const token = await send(`${api}/_issuer`, {
    method: "POST",
    headers: { ...json, host },
    body: '{"claims":{"holdfast_role":"admin"}}',
  });
  const pages = await Promise.all(PATHS.map((path) => send(`${api}${path}`, { headers: { host } })));
  const endpoint = await send(aws, { method: "POST", headers: { ...FORM, host: "evil.example" } });

  expect([token.status, ...pages.map(({ status }) => status)]).toEqual([403, ...PATHS.map(() => 403)]);
  expect(JSON.parse(token.text)).toEqual({
    message: `The local cloud answers to 127.0.0.1:${port}, localhost:${port} and [::1]:${port} only, not to the host ${host}: a web page may have pointed that name here.`,
  });
  expect(endpoint.status).toBe(403);
  expect(endpoint.text).toContain("not to the host evil.example");
});

test.each([
  "127.0.0.1",
  "localhost.",
  "x.localhost:PORT",
  "127.0.0.1:1",
  "127.0.0.1:PORT.evil.example",
  "0.0.0.0:PORT",
])("M7: the host %s is not ours", async (name) => {
  const { api, aws } = scenario.cloud.endpoints;
  for (const endpoint of [api, aws]) {
    const host = name.replace("PORT", new URL(endpoint).port);
    expect((await send(`${endpoint}/_health`, { headers: { host } })).status).toBe(403);
  }
});

test("M7: a page of another origin is refused, and a page of ours is served", async () => {
  const { api } = scenario.cloud.endpoints;
  const { port, host } = new URL(api);
  const statusOf = async (headers: Record<string, string>, method = "GET") =>
    (await send(`${api}/_health`, { method, headers })).status;

  expect(await statusOf({ origin: "https://evil.example" })).toBe(403);
  expect(await statusOf({ origin: "null" })).toBe(403);
  expect(await statusOf({ origin: `https://${host}` })).toBe(403);
  // A page that another program of this machine serves.
  expect(await statusOf({ origin: "http://127.0.0.1:3000", "sec-fetch-site": "same-site" })).toBe(403);
  expect(await statusOf({ origin: `http://localhost:${port}` })).toBe(403);
  // An image or a script of a page comes without Origin.
  expect(await statusOf({ "sec-fetch-site": "cross-site" })).toBe(403);
  expect(await statusOf({ "sec-fetch-site": "same-site" })).toBe(403);
  // A question before the request proper, and a WebSocket.
  expect(await statusOf({ origin: "https://evil.example", "access-control-request-method": "POST" }, "OPTIONS")).toBe(
    403,
  );
  const upgrade = { connection: "upgrade", upgrade: "websocket", origin: "https://evil.example" };
  expect(await statusOf(upgrade)).toBe(403);

  expect(await statusOf({ origin: api, "sec-fetch-site": "same-origin" })).toBe(200);
  expect(await statusOf({ origin: `http://localhost:${port}`, host: `localhost:${port}` })).toBe(200);
  expect(await statusOf({ "sec-fetch-site": "none" })).toBe(200);
  expect(await statusOf({ host: `LOCALHOST:${port}` })).toBe(200);
});

test("M7: a form cannot post to the local cloud's own pages", async () => {
  const { api } = scenario.cloud.endpoints;
  const posts = ["/_issuer", "/_faults", "/_shell", "/_seed"].map((path) =>
    send(`${api}${path}`, { method: "POST", headers: { "content-type": "text/plain" }, body: "{}" }),
  );

  expect((await Promise.all(posts)).map(({ status }) => status)).toEqual([415, 415, 415, 415]);
});

test("M7: a tunnel is opened for programs, not for a page", async () => {
  const { hostname, port } = new URL(scenario.cloud.endpoints.api);
  const ask = async (header: string) => {
    const socket = connect(Number(port), hostname);
    socket.write(`CONNECT name.example:443 HTTP/1.1\r\nHost: name.example:443\r\n${header}\r\n`);
    return (await text(socket)).split("\r\n")[0];
  };

  expect(await ask("Origin: https://evil.example\r\n")).toBe("HTTP/1.1 403 Forbidden");
  expect(await ask("")).toBe("HTTP/1.1 502 No such load balancer");
});
