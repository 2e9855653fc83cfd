import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, test } from "vitest";
import { parse } from "yaml";
import { FakeApi } from "../../test/support/fake-api.ts";
import { runCli } from "../../test/support/run-cli.ts";

const HOUR_MS = 3_600_000;
const directory = mkdtempSync(join(tmpdir(), "holdfast-credential-"));
const kept = join(directory, "holdfast", "credentials");
afterAll(() => rmSync(directory, { recursive: true }));
beforeEach(() => rmSync(kept, { recursive: true, force: true }));

/** An API whose certificates are good for so long. */
function start(validMs = HOUR_MS) {
  const expiresAt = new Date(Math.floor(Date.now() / 1000) * 1000 + validMs).toISOString();
  const issued = { server: "https://api.ha", certificateAuthority: "the authority", certificate: "the certificate" };
  const answer = { status: 200, body: { cluster: "ha", ...issued, user: "iam:alice", expiresAt } };
  return { expiresAt, api: FakeApi.start({ "POST /clusters/ha/kubeconfig": [answer] }) };
}

function run(api: FakeApi, words: readonly string[], more: Record<string, string> = {}) {
  return runCli(words, { HOLDFAST_API: api.url, XDG_CACHE_HOME: directory, ...more });
}

test("it prints a credential as kubectl wants it, and asks the API once while that is good", async () => {
  const { expiresAt, api: starting } = start();
  await using api = await starting;

  const { code, stdout } = await run(api, ["credential", "--cluster", "ha"]);
  const credential = JSON.parse(stdout);
  expect({ code, credential }).toEqual({
    code: 0,
    credential: {
      apiVersion: "client.authentication.k8s.io/v1",
      kind: "ExecCredential",
      status: {
        expirationTimestamp: new Date(Date.parse(expiresAt) - 60_000).toISOString().replace(".000Z", "Z"),
        clientCertificateData: "the certificate",
        clientKeyData: expect.stringMatching(/^-----BEGIN PRIVATE KEY-----/),
      },
    },
  });
  expect((await run(api, ["credential", "--cluster", "ha"])).stdout).toBe(stdout);
  expect(api.received).toMatchObject([{ body: { minutes: 60 } }]);
  const [file = ""] = readdirSync(kept);
  expect([statSync(join(kept, file)).mode & 0o777, statSync(kept).mode & 0o777]).toEqual([0o600, 0o700]);
});

test("it renews what ends within two minutes, and keeps none for another caller", async () => {
  const ending = start(90_000);
  await using api = await ending.api;
  await run(api, ["credential", "--cluster", "ha"]);
  await run(api, ["credential", "--cluster", "ha"]);
  expect(api.received).toHaveLength(2);

  await using other = await start().api;
  await run(other, ["credential", "--cluster", "ha"]);
  await run(other, ["credential", "--cluster", "ha"], { AWS_PROFILE: "another" });
  await run(other, ["credential", "--cluster", "ha", "--admin", "10m"]);
  expect(other.received.map(({ body }) => body)).toMatchObject([{ minutes: 60 }, { minutes: 60 }, { minutes: 10 }]);
});

test("client-go's own words say the version and, for an inventory of clusters, which cluster", async () => {
  await using api = await start().api;
  const spec = { cluster: { server: "https://api.ha", config: { clusterName: "ha" } } };
  const info = JSON.stringify({ apiVersion: "client.authentication.k8s.io/v1beta1", kind: "ExecCredential", spec });

  const { stdout } = await run(api, ["credential"], { KUBERNETES_EXEC_INFO: info });
  expect(JSON.parse(stdout)).toMatchObject({ apiVersion: "client.authentication.k8s.io/v1beta1" });
  const without = await run(api, ["credential"], { KUBERNETES_EXEC_INFO: "{}" });
  expect([without.code, without.stderr]).toEqual([2, "error: --cluster: the name of a cluster is required\n"]);
});

test("a kubeconfig with --exec has this program's call in place of a certificate", async () => {
  await using api = await start().api;
  const file = join(directory, "config");
  const words = ["export", "kubeconfig", "ha", "--exec", "--kubeconfig", file];

  const { code, stdout } = await run(api, words, { AWS_PROFILE: "prod", HOLDFAST_TOKEN: "" });
  expect([code, stdout]).toEqual([
    0,
    `kubectl now speaks to ha, as iam:alice, with a certificate that renews by itself (${file})\n`,
  ]);
  const { users } = parse(readFileSync(file, "utf8"));
  expect(users).toMatchObject([
    {
      name: "ha",
      user: {
        exec: {
          apiVersion: "client.authentication.k8s.io/v1",
          args: ["credential", "--cluster", "ha"],
          env: [
            { name: "HOLDFAST_API", value: api.url },
            { name: "HOLDFAST_PROFILE", value: "" },
            { name: "AWS_PROFILE", value: "prod" },
          ],
          interactiveMode: "Never",
        },
      },
    },
  ]);
  expect(readFileSync(file, "utf8")).not.toContain("client-key-data");
  await run(api, ["credential", "--cluster", "ha"], { AWS_PROFILE: "prod" });
  expect(api.received).toHaveLength(1);
});
