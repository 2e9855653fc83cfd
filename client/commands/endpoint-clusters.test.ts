import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { KUBECONFIG_EXAMPLE } from "../../functions/domain/api/examples.ts";
import { ENDPOINT_EXAMPLE, FLEET_EXAMPLE } from "../../functions/domain/api/fleet-examples.ts";
import { FakeApi, problem } from "../../test/support/fake-api.ts";
import { runCli } from "../../test/support/run-cli.ts";
import { clusterView } from "../../test/support/views.ts";

const directory = mkdtempSync(join(tmpdir(), "holdfast-endpoints-"));
afterAll(() => rmSync(directory, { recursive: true }));
const NOWHERE = "http://127.0.0.1:9";

function ok(body: unknown) {
  return [{ status: 200, body }];
}
function endpoint(name: string, api: string) {
  return { ...ENDPOINT_EXAMPLE, name, api, region: "eu-west-1" };
}
function ref(at: string, name: string) {
  return { ...FLEET_EXAMPLE.clusters[0], endpoint: at, name };
}

let [eu, hub]: FakeApi[] = [];
/** What the user's environment says; the hub is asked with a token. */
function environment() {
  return { HOLDFAST_API: hub?.url ?? "", HOLDFAST_TOKEN: "a.b.c", HOME: directory, XDG_CACHE_HOME: directory };
}
beforeEach(async () => {
  const two = clusterView({ name: "two" });
  eu = await FakeApi.start({
    "GET /clusters?selector=env%3Dprod": ok({ items: [two, clusterView({ name: "old", status: "DELETED" })] }),
    "POST /clusters/two/kubeconfig": ok({ ...KUBECONFIG_EXAMPLE, cluster: "two", server: "https://api.two" }),
    "POST /clusters/locked/kubeconfig": [{ status: 403, body: problem(403, "you may not administer locked") }],
  });
  const clusters = [ref("local", "one"), ref("eu", "two"), ref("eu", "locked"), ref("gone", "x"), ref("gone", "y")];
  hub = await FakeApi.start({
    "GET /token/endpoints": ok({ items: [endpoint("eu", eu.url), endpoint("gone", NOWHERE)] }),
    "GET /token/fleets/prod": ok({ ...FLEET_EXAMPLE, clusters: [...clusters, ref("hidden", "z")] }),
    "GET /token/clusters?selector=env%3Dprod": ok({ items: [clusterView({ name: "one" })] }),
    "POST /token/clusters/one/kubeconfig": ok({ ...KUBECONFIG_EXAMPLE, cluster: "one" }),
  });
});
afterEach(async () => {
  await Promise.all([eu, hub].map((api) => api?.[Symbol.asyncDispose]()));
});

describe("5.5: one kubeconfig of several Holdfasts", () => {
  test("each issues for its own clusters, as the user; what is refused or does not answer is named", async () => {
    const file = join(directory, "fleet.yaml");
    const words = ["export", "kubeconfig", "--fleet", "prod", "--kubeconfig", file];

    const { code, stdout, stderr } = await runCli(words, environment());

    expect(stdout).toBe(`kubectl now knows 2 clusters (${file}):\n  holdfast/local/one\n  holdfast/eu/two\n`);
    const unreachable = `cannot reach ${NOWHERE}: start it with: npm run local`;
    expect([code, stderr.split("\n")]).toEqual([
      1,
      [
        "error: eu/locked: you may not administer locked",
        `error: gone/x: ${unreachable}`,
        `error: gone/y: ${unreachable}`,
        "error: hidden/z: its endpoint hidden is not shown to you: set HOLDFAST_API to that Holdfast itself",
        "",
      ],
    ]);
    const config = parse(readFileSync(file, "utf8"));
    expect(config.contexts.map(({ name }: { name: string }) => name)).toEqual([
      "holdfast/local/one",
      "holdfast/eu/two",
    ]);
    expect(config.clusters[1].cluster.server).toBe("https://api.two");
    // The hub's token is for the hub alone, and requests are signed for the endpoint's Region.
    const asked = eu?.received.map(({ headers }) => headers.authorization) ?? [];
    expect(asked).toHaveLength(2);
    for (const each of asked)
      expect(each).toMatch(/^AWS4-HMAC-SHA256 Credential=holdfast\/\d+\/eu-west-1\/execute-api/);
  });

  test("of a selector each Holdfast is asked, and a plug-in renews at the Holdfast of its cluster, from anywhere", async () => {
    const words = ["export", "kubeconfig", "--selector", "env=prod", "--exec", "-o", "json"];

    const { code, stdout, stderr } = await runCli(words, environment());

    expect([code, stderr]).toEqual([
      1,
      `error: endpoint gone: cannot reach ${NOWHERE}: start it with: npm run local\n`,
    ]);
    const { users } = JSON.parse(stdout);
    expect(users.map(({ name }: { name: string }) => name)).toEqual(["holdfast/local/one", "holdfast/eu/two"]);
    expect(users[0].user.exec.env).toContainEqual({ name: "HOLDFAST_PROFILE", value: "" });
    const { args, env } = users[1].user.exec;
    expect(args).toEqual(["credential", "--cluster", "two"]);
    const variables = Object.fromEntries(env.map(({ name, value }: { name: string; value: string }) => [name, value]));
    expect(variables).toEqual({
      HOLDFAST_API: eu?.url,
      HOLDFAST_REGION: "eu-west-1",
      HOLDFAST_TOKEN: "",
      HOLDFAST_PROFILE: "",
    });

    const elsewhere = {
      HOLDFAST_TOKEN: "x.y.z",
      HOLDFAST_PROFILE: "dev",
      HOME: directory,
      XDG_CACHE_HOME: join(directory, "new"),
    };
    const renewed = await runCli(args, { ...elsewhere, ...variables });
    expect(JSON.parse(renewed.stdout)).toMatchObject({ kind: "ExecCredential" });
    expect(eu?.received.at(-1)).toMatchObject({ method: "POST", path: "/clusters/two/kubeconfig" });
  });

  test("an inventory's cluster says whose it is, and the caller's token does not go there", async () => {
    const config = { clusterName: "two", api: eu?.url, region: "eu-west-1" };
    const KUBERNETES_EXEC_INFO = JSON.stringify({ spec: { cluster: { config } } });
    const XDG_CACHE_HOME = join(directory, "inventory");

    const { code } = await runCli(["credential"], { ...environment(), XDG_CACHE_HOME, KUBERNETES_EXEC_INFO });

    expect([code, hub?.received]).toEqual([0, []]);
    expect(eu?.received[0]?.headers.authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=holdfast\/\d+\/eu-west-1\//);
  });
});

test("a profile with the endpoint's address says whose credentials are for it", async () => {
  const file = join(directory, "config.yaml");
  writeFileSync(file, `profiles:\n  europe: { api: "${eu?.url}/", awsProfile: operators }\n`);
  const keys = { AWS_ACCESS_KEY_ID: "AKIDHUB", AWS_SECRET_ACCESS_KEY: "secret" };
  const words = ["export", "kubeconfig", "--selector", "env=prod", "--exec", "-o", "json"];

  const { stdout } = await runCli(words, { ...environment(), ...keys, HOLDFAST_CONFIG: file });

  const { env } = JSON.parse(stdout).users[1].user.exec;
  expect(env).toEqual(
    expect.arrayContaining([
      { name: "AWS_PROFILE", value: "operators" },
      { name: "AWS_ACCESS_KEY_ID", value: "" },
    ]),
  );
});
