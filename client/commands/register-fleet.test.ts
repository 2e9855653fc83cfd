import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import * as z from "zod";
import { KUBECONFIG_EXAMPLE } from "../../functions/domain/api/examples.ts";
import { ENDPOINT_EXAMPLE } from "../../functions/domain/api/fleet-examples.ts";
import type { ClusterView } from "../../functions/domain/api/views.ts";
import { provideKubectl } from "../../local/image/real-tools.ts";
import { FakeApi } from "../../test/support/fake-api.ts";
import { startHubApi } from "../../test/support/hub-api.ts";
import { runCli } from "../../test/support/run-cli.ts";
import { clusterView } from "../../test/support/views.ts";

const directory = mkdtempSync(join(tmpdir(), "holdfast-register-"));
const kubeconfig = join(directory, "hub.yaml");
const PATH = `${directory}${delimiter}${process.env["PATH"]}`;

/** What Holdfast's API knows; tests change it. */
const known = { clusters: [] as ClusterView[], endpoints: [] as object[], authority: "the authority", issued: 0 };
const api = createServer((request, response) => {
  const url = new URL(request.url ?? "/", "http://api");
  const [, , name] = url.pathname.split("/");
  const isIssue = request.method === "POST" && url.pathname.endsWith("/kubeconfig");
  if (isIssue) known.issued++;
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
  const pem = { certificateAuthority: known.authority, certificate: `certificate ${known.issued}` };
  const document = isIssue
    ? { cluster: name, server: `https://api.${name}`, ...pem, user: "iam:ada", expiresAt }
    : url.pathname === "/endpoints"
      ? { items: known.endpoints }
      : { items: known.clusters.filter(({ spec }) => !url.searchParams.get("selector") || spec.labels?.["env"]) };
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(document));
});
let hub: Awaited<ReturnType<typeof startHubApi>>;

beforeAll(async () => {
  await provideKubectl(directory);
  await new Promise<void>((resolve) => api.listen(0, "127.0.0.1", resolve));
});
afterAll(() => {
  api.closeAllConnections();
  api.close();
  rmSync(directory, { recursive: true });
});
beforeEach(async () => {
  hub = await startHubApi();
  writeFileSync(kubeconfig, hub.kubeconfig);
  Object.assign(known, {
    ...{ clusters: ["eu", "us"].map((name) => cluster(name)), endpoints: [], authority: "the authority", issued: 0 },
  });
  return () => hub[Symbol.asyncDispose]();
});

function cluster(
  name: string,
  labels: Readonly<Record<string, string>> = { env: "prod" },
  more: Partial<ClusterView> = {},
) {
  const view = clusterView({ name });
  return { ...view, endpoint: `https://api.${name}`, spec: { ...view.spec, name, labels }, ...more };
}

function address(): string {
  const bound: AddressInfo | string | null = api.address();
  return typeof bound === "object" && bound ? `http://127.0.0.1:${bound.port}` : "";
}

function register(tool: string, ...more: string[]) {
  const words = ["fleet", "register", tool, "--namespace", "argocd", "--context", "hub", "--kubeconfig", kubeconfig];
  const environment = { HOLDFAST_API: address(), PATH, HOME: directory };
  return runCli([...words, "--selector", "env", ...more], environment);
}

const Secret = z.looseObject({
  metadata: z.looseObject({ name: z.string(), labels: z.record(z.string(), z.string()) }),
  data: z.record(z.string(), z.string()),
});
function secrets() {
  return hub.objects("secrets").map((object) => {
    const { metadata, data } = Secret.parse(object);
    const texts = Object.entries(data).map(([key, value]) => [key, Buffer.from(value, "base64").toString()]);
    const { config, ...plain } = Object.fromEntries(texts);
    return { name: metadata.name, labels: metadata.labels, ...plain, config: JSON.parse(config) };
  });
}

describe("5.8.9: Argo CD", () => {
  test("without --yes it shows what would be done, and writes nothing", async () => {
    const { code, stdout, stderr } = await register("argocd");

    expect({ code, stderr }).toEqual({ code: 0, stderr: "Nothing was changed. Add --yes to do it.\n" });
    expect(stdout).toBe("CLUSTER  ACTION  WHY\neu       create  it is new\nus       create  it is new\n");
    expect([hub.writes, known.issued]).toEqual([[], 0]);
  });

  test("50 clusters are 50 Secrets with their labels, and a second run writes nothing", async () => {
    known.clusters = Array.from({ length: 50 }, (_, index) =>
      cluster(`c${index}`, { env: "prod", tier: String(index % 3) }),
    );
    expect((await register("argocd", "--yes")).code).toBe(0);

    const made = secrets();
    expect(made).toHaveLength(50);
    expect(made.find(({ name }) => name === "c4")).toEqual({
      name: "c4",
      labels: {
        env: "prod",
        tier: "1",
        "argocd.argoproj.io/secret-type": "cluster",
        "app.kubernetes.io/managed-by": "holdfast",
        "holdfast/cluster": "c4",
        "holdfast/registration": expect.stringMatching(/^selector-[0-9a-f]{12}$/),
      },
      server: "https://api.c4",
      config: {
        execProviderConfig: {
          apiVersion: "client.authentication.k8s.io/v1",
          command: "holdfast",
          args: ["credential", "--cluster", "c4"],
          env: { HOLDFAST_API: address() },
          installHint: expect.any(String),
        },
        tlsClientConfig: { insecure: false, caData: Buffer.from("the authority").toString("base64") },
      },
    });
    const [writes, issued] = [hub.writes.length, known.issued];
    await register("argocd", "--yes");
    expect([hub.writes.length, known.issued]).toEqual([writes, issued]);
  });

  test("other labels, another endpoint and a cluster made again are written again; one that is gone is removed", async () => {
    known.clusters.push(cluster("gone"));
    await register("argocd", "--yes");
    known.authority = "another authority";
    known.clusters = [
      cluster("eu", { env: "prod", tier: "2" }),
      cluster("us", { env: "prod" }, { createdAt: "2027-01-01T00:00:00.000Z" }),
    ];

    const { stdout } = await register("argocd", "--yes", "-o", "json");
    expect(JSON.parse(stdout).items).toEqual([
      { cluster: "eu", action: "relabel", why: "its labels are others" },
      { cluster: "gone", action: "remove", why: "no such cluster is selected any more" },
      { cluster: "us", action: "renew", why: "its endpoint or its access is another" },
    ]);
    const ca = (name: string) => secrets().find((each) => each.name === name)?.config.tlsClientConfig.caData;
    expect([ca("eu"), ca("us")].map((text) => Buffer.from(text ?? "", "base64").toString())).toEqual([
      "the authority",
      "another authority",
    ]);
    expect(secrets().map(({ name, labels }) => [name, labels["tier"]])).toEqual([
      ["eu", "2"],
      ["us", undefined],
    ]);
  });

  test("certificates are put into the Secret where that is asked for, and replaced each day", async () => {
    await register("argocd", "--yes", "--auth", "certificate");
    expect(secrets()[0]?.config.tlsClientConfig).toMatchObject({
      certData: Buffer.from("certificate 1").toString("base64"),
      keyData: expect.any(String),
    });

    hub.annotate({ "holdfast/issued-at": "2026-01-01T00:00:00.000Z" });
    const { stdout } = await register("argocd", "--yes", "--auth", "certificate", "-o", "json");
    expect(JSON.parse(stdout).items[0]).toEqual({ cluster: "eu", action: "renew", why: "a day has gone by" });
    expect(secrets()[0]?.config.tlsClientConfig.certData).toBe(Buffer.from("certificate 3").toString("base64"));
  });

  test("what others made is never touched: a Secret of that name is left, and named", async () => {
    await register("argocd", "--yes");
    known.clusters = [cluster("eu")];
    const other = { apiVersion: "v1", kind: "Secret", metadata: { name: "holdfast-de" }, data: { name: "bWluZQ==" } };
    await hub.create("/api/v1/namespaces/argocd/secrets", other);
    known.clusters.push(cluster("de"));

    const { code, stderr } = await register("argocd", "--yes");
    expect([code, stderr]).toEqual([1, expect.stringContaining("error: de: the hub cluster refuses POST")]);
    const names = hub.objects("secrets").map(({ metadata }) => metadata.name);
    expect(names).toEqual(["holdfast-eu", "holdfast-de"]);
  });

  test("a selection that is empty removes nothing that still exists", async () => {
    await register("argocd", "--yes");
    known.clusters = known.clusters.map((each) => ({ ...each, spec: { ...each.spec, labels: {} } }));
    const { code, stderr } = await register("argocd", "--yes");
    expect([code, stderr]).toEqual([1, expect.stringContaining("nothing was removed")]);

    known.clusters = [];
    expect((await register("argocd", "--yes")).code).toBe(0);
    expect(secrets()).toEqual([]);
  });

  test("clusters of other Holdfasts are registered with their addresses; one that does not answer loses none", async () => {
    const two = { ...cluster("eu"), endpoint: "https://api.eu.elsewhere" };
    await using paris = await FakeApi.start({
      "GET /clusters?selector=env": [{ status: 200, body: { items: [two] } }],
      "POST /clusters/eu/kubeconfig": [
        { status: 200, body: { ...KUBECONFIG_EXAMPLE, server: "https://api.eu.elsewhere" } },
      ],
    });
    known.endpoints = [{ ...ENDPOINT_EXAMPLE, name: "paris", api: paris.url, region: "eu-west-3" }];

    expect((await register("argocd", "--yes")).code).toBe(0);
    const [eu, other, us] = secrets().toSorted((a, b) => (a.server < b.server ? -1 : 1));
    expect([eu?.name, other?.name, us?.name]).toEqual(["eu", "paris/eu", "us"]);
    expect(other).toMatchObject({
      labels: { env: "prod", "holdfast/cluster": "eu", "holdfast/endpoint": "paris" },
      server: "https://api.eu.elsewhere",
      config: {
        execProviderConfig: {
          args: ["credential", "--cluster", "eu"],
          env: { HOLDFAST_API: paris.url, HOLDFAST_REGION: "eu-west-3", HOLDFAST_TOKEN: "" },
        },
      },
    });
    expect(hub.objects("secrets").map(({ metadata }) => metadata.name)).toContain("holdfast--paris.eu");

    known.endpoints = [{ ...ENDPOINT_EXAMPLE, name: "paris", api: "http://127.0.0.1:9", region: "eu-west-3" }];
    const away = await register("argocd", "--yes", "-o", "json");
    expect([away.code, away.stderr]).toEqual([1, expect.stringMatching(/^error: endpoint paris: cannot reach/)]);
    expect(JSON.parse(away.stdout).items[1]).toEqual({
      ...{ cluster: "paris/eu", action: "leave", why: "nothing is known of endpoint paris" },
    });
    known.endpoints = [];
    expect((await register("argocd", "--yes")).code).toBe(1);
    expect(secrets()).toHaveLength(3);

    known.endpoints = [{ ...ENDPOINT_EXAMPLE, name: "rome", api: paris.url, region: "eu-west-3" }];
    expect((await register("argocd", "--yes")).code).toBe(0);
    expect(
      secrets()
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual(["eu", "rome/eu", "us"]);
  });

  test("without a hub cluster, kubectl's own words say so", async () => {
    const { code, stderr } = await register("argocd", "--context", "nowhere");
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^error: kubectl: .*context "nowhere" does not exist/)]);
  });
});

test("5.8.9: a ClusterProfile of another Holdfast's cluster says where its plug-in asks", async () => {
  known.clusters = [];
  await using paris = await FakeApi.start({
    "GET /clusters?selector=env": [{ status: 200, body: { items: [cluster("eu")] } }],
    "POST /clusters/eu/kubeconfig": [{ status: 200, body: KUBECONFIG_EXAMPLE }],
  });
  known.endpoints = [{ ...ENDPOINT_EXAMPLE, name: "paris", api: paris.url, region: "eu-west-3" }];

  expect((await register("clusterprofile", "--yes")).code).toBe(0);
  const extension = { clusterName: "eu", api: paris.url, region: "eu-west-3" };
  expect(hub.objects("clusterprofiles")).toMatchObject([
    {
      metadata: { name: "holdfast--paris.eu" },
      spec: { displayName: "paris/eu" },
      status: { accessProviders: [{ cluster: { extensions: [{ extension }] } }] },
    },
  ]);
});

test("5.8.9: a ClusterProfile says version, health and how the cluster is reached, and is kept current", async () => {
  await register("clusterprofile", "--yes");
  const [eu] = hub.objects("clusterprofiles");
  const provider = {
    name: "holdfast",
    cluster: {
      server: "https://api.eu",
      "certificate-authority-data": Buffer.from("the authority").toString("base64"),
      extensions: [{ name: "client.authentication.k8s.io/exec", extension: { clusterName: "eu" } }],
    },
  };
  expect(eu).toMatchObject({
    apiVersion: "multicluster.x-k8s.io/v1alpha1",
    kind: "ClusterProfile",
    metadata: { name: "holdfast-eu", labels: { env: "prod", "x-k8s.io/cluster-manager": "holdfast" } },
    spec: { displayName: "eu", clusterManager: { name: "holdfast" } },
    status: {
      version: { kubernetes: expect.stringMatching(/^1\./) },
      conditions: [{ type: "ControlPlaneHealthy", status: "True", reason: "ACTIVE" }],
      accessProviders: [provider],
      credentialProviders: [provider],
    },
  });

  const writes = hub.writes.length;
  await register("clusterprofile", "--yes");
  expect(hub.writes.length).toBe(writes);
  const quorum = { size: 3, healthy: 1, needed: 2, leader: null };
  known.clusters = [cluster("eu", { env: "prod" }, { status: "DEGRADED", quorum })];
  await register("clusterprofile", "--yes");
  expect(hub.objects("clusterprofiles")).toMatchObject([
    { status: { conditions: [{ status: "False", reason: "DEGRADED" }], accessProviders: [provider] } },
  ]);
});
