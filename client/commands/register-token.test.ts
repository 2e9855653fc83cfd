import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { request } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { json } from "node:stream/consumers";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import * as z from "zod";
import type { ClusterView } from "../../functions/domain/api/views.ts";
import { type Authorities, issueAuthorities, issueClient, issueLeaf } from "../../functions/pki/pki.ts";
import { provideKubectl } from "../../local/image/real-tools.ts";
import { startHubApi } from "../../test/support/hub-api.ts";
import { runCli } from "../../test/support/run-cli.ts";
import { clusterView } from "../../test/support/views.ts";

const directory = mkdtempSync(join(tmpdir(), "holdfast-token-"));
const kubeconfig = join(directory, "hub.yaml");

type Hub = Awaited<ReturnType<typeof startHubApi>>;
let authorities: Authorities;
let hub: Hub;
/** The API server of cluster `eu`. */
let eu: Hub;
const known = { clusters: [] as ClusterView[], deleted: false };
const Issue = z.object({ certificateRequest: z.string() });

/** Holdfast's API: it lists clusters, and issues an administrator's certificates. */
const api = createServer(async (asked, response) => {
  const isIssue = asked.method === "POST";
  const issued = isIssue && !known.deleted ? await issue(Issue.parse(await json(asked)).certificateRequest) : undefined;
  const lists = { "/endpoints": { items: [] }, "/clusters": { items: known.clusters } };
  const path = new URL(asked.url ?? "", "http://api").pathname;
  const [, list] = Object.entries(lists).find(([name]) => name === path) ?? [];
  const unknown = { type: "cluster-unknown", title: "Unknown cluster", status: 404, detail: "there is no cluster eu" };
  const document = issued ?? list ?? unknown;
  const type = document === unknown ? "application/problem+json" : "application/json";
  response.writeHead(document === unknown ? 404 : 200, { "content-type": type }).end(JSON.stringify(document));
});

async function issue(certificateRequest: string) {
  const asked = { commonName: "iam:ada", organization: "kubeadm:cluster-admins", minutes: 10 };
  const { kubernetes } = authorities;
  const issued = await issueClient(kubernetes, { request: certificateRequest, ...asked }, new Date());
  const { certificate, expiresAt } = issued;
  const server = `https://127.0.0.1:${eu.port}`;
  const authority = { certificateAuthority: kubernetes.certificate, certificate };
  return { cluster: "eu", server, ...authority, user: "iam:ada", expiresAt: expiresAt.toISOString() };
}

beforeAll(async () => {
  await provideKubectl(directory);
  authorities = await issueAuthorities(new Date());
  await new Promise<void>((resolve) => api.listen(0, "127.0.0.1", resolve));
});
afterAll(() => {
  api.closeAllConnections();
  api.close();
  rmSync(directory, { recursive: true });
});
beforeEach(async () => {
  const { kubernetes, serviceAccount } = authorities;
  const leaf = { commonName: "kube-apiserver", usages: ["server"] as const, addresses: ["127.0.0.1"] };
  const serving = await issueLeaf(kubernetes, leaf, new Date());
  eu = await startHubApi({ serving, clientAuthority: kubernetes.certificate, serviceAccount });
  hub = await startHubApi();
  writeFileSync(kubeconfig, hub.kubeconfig);
  const view = clusterView({ name: "eu", endpoint: "https://api.eu" });
  Object.assign(known, { deleted: false, clusters: [{ ...view, spec: { ...view.spec, labels: { env: "prod" } } }] });
  return async () => {
    await hub[Symbol.asyncDispose]();
    await eu[Symbol.asyncDispose]();
  };
});

function register(auth: string, tool = "argocd") {
  const words = ["fleet", "register", tool, "--namespace", "argocd", "--context", "hub", "--kubeconfig", kubeconfig];
  const { port } = api.address() as AddressInfo;
  const PATH = `${directory}${delimiter}${process.env["PATH"]}`;
  const environment = { HOLDFAST_API: `http://127.0.0.1:${port}`, PATH, HOME: directory };
  return runCli([...words, "--selector", "env", "--auth", auth, "--yes"], environment);
}

const Secret = z.looseObject({ data: z.looseObject({ config: z.string() }) });
const Config = z.looseObject({ bearerToken: z.string(), tlsClientConfig: z.looseObject({ caData: z.string() }) });

function configOf(): z.output<typeof Config> {
  const [secret] = hub.objects("secrets");
  return Config.parse(JSON.parse(Buffer.from(Secret.parse(secret).data.config, "base64").toString()));
}

/** As Argo CD asks the cluster. */
function statusWith({ bearerToken, tlsClientConfig }: z.output<typeof Config>): Promise<number | undefined> {
  const headers = { authorization: `Bearer ${bearerToken}` };
  const ca = Buffer.from(tlsClientConfig.caData, "base64");
  return new Promise((resolve, reject) => {
    const url = `https://127.0.0.1:${eu.port}/api/v1/namespaces/default/secrets`;
    const asked = request(url, { headers, ca, agent: false }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    asked.once("error", reject);
    asked.end();
  });
}

function inCluster() {
  return ["serviceaccounts", "clusterrolebindings"].map((plural) => eu.objects(plural).length);
}

describe("5.5: Argo CD by a token", () => {
  test("signs in by an account of its own, which may do everything", async () => {
    expect(await register("token")).toMatchObject({ code: 0 });

    const config = configOf();
    expect(config.tlsClientConfig).toEqual({
      insecure: false,
      caData: Buffer.from(authorities.kubernetes.certificate).toString("base64"),
    });
    expect(await statusWith(config)).toBe(200);
    expect(await statusWith({ ...config, bearerToken: `${config.bearerToken}x` })).toBe(401);
    const { sub, exp } = JSON.parse(Buffer.from(config.bearerToken.split(".")[1] ?? "", "base64url").toString());
    expect(sub).toMatch(/^system:serviceaccount:kube-system:argocd-manager\.selector-[0-9a-f]{12}$/);
    expect(Math.round((exp * 1000 - Date.now()) / 86_400_000)).toBe(30);
    expect(eu.objects("clusterrolebindings")[0]).toMatchObject({ roleRef: { name: "cluster-admin" } });
  });

  test("has the same token until a day has gone by, then another one of the same account", async () => {
    await register("token");
    const first = configOf().bearerToken;
    await register("token");
    expect(configOf().bearerToken).toBe(first);

    hub.annotate({ "holdfast/issued-at": "2026-01-01T00:00:00.000Z" });
    expect((await register("token")).stdout).toContain("a day has gone by");
    expect(configOf().bearerToken).not.toBe(first);
    expect([await statusWith(configOf()), inCluster()]).toEqual([200, [1, 1]]);
  });

  test("loses its account with its registration, and with another way to sign in", async () => {
    await register("token");
    expect(inCluster()).toEqual([1, 1]);
    await register("exec");
    expect(inCluster()).toEqual([0, 0]);

    await register("token");
    const [view] = known.clusters;
    // Selected, and not registered yet: it has no endpoint.
    known.clusters = view ? [{ ...view, name: "us", endpoint: null, spec: { ...view.spec, name: "us" } }] : [];
    expect((await register("token")).stdout).toMatch(/eu +remove/);
    expect([hub.objects("secrets"), inCluster()]).toEqual([[], [0, 0]]);
  });

  test("of a cluster that is deleted is removed: its account went with it", async () => {
    await register("token");
    Object.assign(known, { clusters: [], deleted: true });
    expect(await register("token")).toMatchObject({ code: 0 });
    expect(hub.objects("secrets")).toEqual([]);
  });

  test("takes no account that somebody else has made", async () => {
    await register("token");
    const name = eu.objects("serviceaccounts")[0]?.metadata.name;
    await register("exec");
    const other = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name } };
    await eu.create("/api/v1/namespaces/kube-system/serviceaccounts", other);

    const { code, stderr } = await register("token");
    expect([code, stderr]).toEqual([1, expect.stringContaining("of the cluster is not Holdfast's")]);
    await register("exec");
    expect(inCluster()).toEqual([1, 0]);
  });

  test("is not for a ClusterProfile, which holds no secret", async () => {
    const { code, stderr } = await register("token", "clusterprofile");
    expect([code, stderr]).toEqual([2, expect.stringContaining("--auth token is for argocd")]);
  });
});
