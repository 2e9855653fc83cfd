import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:https";
import type { Server } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { TLSSocket } from "node:tls";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import { issueAuthorities, issueClient, issueLeaf } from "../../functions/pki/pki.ts";
import { provideKubectl } from "../../local/image/real-tools.ts";
import { LAUNCHER, runCli } from "../../test/support/run-cli.ts";

const directory = mkdtempSync(join(tmpdir(), "holdfast-exec-"));
const Asked = z.object({ certificateRequest: z.string(), minutes: z.number() });
const servers: Server[] = [];
/** The names in the certificates that Kubernetes' API server was shown. */
const callers: (string | undefined)[] = [];
let issued = 0;
let api: string;

async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return typeof address === "object" && address ? address.port : 0;
}

beforeAll(async () => {
  await provideKubectl(directory);
  const now = new Date();
  const { kubernetes } = await issueAuthorities(now);
  const leaf = { commonName: "kube-apiserver", addresses: ["127.0.0.1"], usages: ["server"] } as const;
  const { certificate: cert, key } = await issueLeaf(kubernetes, leaf, now);
  const cluster = createServer({ cert, key, ca: kubernetes.certificate, requestCert: true }, (request, response) => {
    callers.push(
      request.socket instanceof TLSSocket ? String(request.socket.getPeerCertificate().subject?.CN) : undefined,
    );
    response.writeHead(200, { "content-type": "application/json" }).end('{"gitVersion":"v1.36.0"}');
  });
  const port = await listen(cluster);
  const holdfast = createHttpServer(async (request, response) => {
    const { certificateRequest, minutes } = Asked.parse(JSON.parse(await text(request)));
    issued++;
    const wanted = { request: certificateRequest, commonName: `caller-${issued}`, organization: "admins", minutes };
    const { certificate, expiresAt } = await issueClient(kubernetes, wanted, new Date());
    const answer = { cluster: "ha", server: `https://127.0.0.1:${port}`, certificateAuthority: kubernetes.certificate };
    const body = { ...answer, certificate, user: "iam:ada", expiresAt: expiresAt.toISOString() };
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  api = `http://127.0.0.1:${await listen(holdfast)}`;
});
afterAll(() => {
  for (const server of servers) server.close();
  rmSync(directory, { recursive: true });
});

test("the real kubectl gets its certificate by the exec plug-in, and another one when that has ended", async () => {
  const environment = { HOLDFAST_API: api, HOME: directory, XDG_CACHE_HOME: join(directory, "cache") };
  const { code, stdout } = await runCli(["export", "kubeconfig", "ha", "--exec", "-o", "json"], environment);
  expect(code).toBe(0);
  const KUBECONFIG = join(directory, "config");
  // Here the command line runs inside a test: its own path is that of the tests.
  writeFileSync(KUBECONFIG, stdout.replace(JSON.stringify(process.argv[1]), JSON.stringify(LAUNCHER)));
  const PATH = [directory, dirname(process.execPath), process.env["PATH"]].join(delimiter);
  const kubectl = () =>
    promisify(execFile)("kubectl", ["get", "--raw", "/version"], { env: { ...environment, PATH, KUBECONFIG } });

  expect((await kubectl()).stdout).toContain("v1.36.0");
  await kubectl();
  expect([callers, issued]).toEqual([["caller-1", "caller-1"], 1]);
  rmSync(join(directory, "cache"), { recursive: true });
  await kubectl();
  expect([callers.at(-1), issued]).toEqual(["caller-2", 2]);
});
