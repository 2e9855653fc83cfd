import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { issueAuthorities, issueLeaf } from "../pki/pki.ts";
import { isPublic, type Network, openAskUrl } from "./ask-url.ts";

const HOST = "app.example.com";
const LOOPBACK = [{ address: "127.0.0.1", family: 4 }];

let server: Server;
let port: number;
let local: Network;
const requests: (string | undefined)[][] = [];
beforeAll(async () => {
  const now = new Date();
  const { kubernetes } = await issueAuthorities(now);
  const leaf = await issueLeaf(kubernetes, { commonName: HOST, usages: ["server"], names: [HOST] }, now);
  server = createServer({ cert: leaf.certificate, key: leaf.key }, (request, answer) => {
    requests.push([request.method, request.url, request.headers.host, request.headers.authorization]);
    if (request.url === "/moved") answer.writeHead(302, { location: "https://127.0.0.1/secret" });
    else if (request.url === "/silent") return;
    else answer.writeHead(request.url === "/ok" ? 204 : 503);
    answer.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ({ port } = server.address() as AddressInfo);
  local = { resolve: async () => LOOPBACK, mayAsk: () => true, ca: kubernetes.certificate };
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

test("2xx passes, and what else is answered is said", async () => {
  const ask = openAskUrl(local);
  const at = (path: string) => ask(`https://${HOST}:${port}${path}`);

  expect(await at("/ok")).toEqual({ passed: true, answer: "204" });
  expect(await at("/down")).toEqual({ passed: false, answer: "503" });
  expect(await at("/moved")).toEqual({ passed: false, answer: "302, a redirect, which is not followed" });
  expect(requests).toEqual([
    ["GET", "/ok", `${HOST}:${port}`, undefined],
    ["GET", "/down", `${HOST}:${port}`, undefined],
    ["GET", "/moved", `${HOST}:${port}`, undefined],
  ]);
});

test("what does not answer within five seconds has not passed", async () => {
  const started = Date.now();
  const answer = await openAskUrl(local)(`https://${HOST}:${port}/silent`);

  expect(answer).toEqual({ passed: false, answer: "no answer within 5 seconds" });
  expect(Date.now() - started).toBeLessThan(15_000);
});

test("a name that never resolves counts as no answer", async () => {
  const ask = openAskUrl({ ...local, resolve: () => new Promise(() => {}) });
  expect(await ask(`https://${HOST}/`)).toEqual({ passed: false, answer: "no answer within 5 seconds" });
});

test("a certificate of nobody who is trusted has not passed", async () => {
  const { ca: _, ...strangers } = local;
  const answer = await openAskUrl(strangers)(`https://${HOST}:${port}/ok`);
  expect(answer).toMatchObject({ passed: false, answer: expect.stringContaining("no answer: ") });
});

test("nothing is sent to an address that is not public, also if only one of several is not", async () => {
  const before = requests.length;
  const both = [{ address: "93.184.215.14", family: 4 }, ...LOOPBACK];
  const refused = { passed: false, answer: "its address is not a public one" };

  const mayAsk = isPublic;
  expect(await openAskUrl({ ...local, mayAsk })(`https://${HOST}:${port}/ok`)).toEqual(refused);
  expect(await openAskUrl({ ...local, mayAsk, resolve: async () => both })(`https://${HOST}/`)).toEqual(refused);
  for (const host of ["127.0.0.1", "[::1]", "169.254.169.254", "[::ffff:10.0.0.1]", "localhost"])
    expect([host, await openAskUrl()(`https://${host}:${port}/ok`)]).toEqual([host, refused]);
  expect(await openAskUrl()(`http://${HOST}/`)).toEqual({ passed: false, answer: "its address is not https" });
  expect(requests.length).toBe(before);
});

test.each([
  ["8.8.8.8", true],
  ["2600:1f18::1", true],
  ["10.1.2.3", false],
  ["100.64.0.1", false],
  ["169.254.169.254", false],
  ["172.31.255.255", false],
  ["172.32.0.1", true],
  ["192.168.0.1", false],
  ["0.0.0.0", false],
  ["224.0.0.1", false],
  ["255.255.255.255", false],
  ["::", false],
  ["fe80::1", false],
  ["fd00:ec2::254", false],
  ["::ffff:8.8.8.8", false],
  ["64:ff9b::a00:1", false],
  ["2002:a00:1::", false],
  ["2001:db8::1", false],
  ["not an address", false],
])("%s is public: %s", (address, expected) => {
  expect(isPublic(address)).toBe(expected);
});
