import { execFile } from "node:child_process";
import { createPrivateKey, sign } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ClusterView, EventViewSchema } from "../../functions/domain/api/views.ts";
import { unpackRealTools } from "../../local/image/real-tools.ts";
import { etcdEndpoints } from "../support/consistency/endpoints.ts";
import { CREATE } from "../support/create.ts";
import { memberOf, type Scenario, startScenario } from "../support/scenario.ts";
import { takeBackupOf } from "../support/take-backup.ts";

const NAME = "takeover.example.com";

let scenario: Scenario;
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "holdfast-takeover-"));
  scenario = await startScenario();
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

async function onMaster(cluster: ClusterView, script: string): Promise<string> {
  const instanceId = memberOf(cluster, "a").instanceId ?? "";
  const { stdout, stderr, exitCode } = await scenario.cloud.hosts.run(instanceId, script, { timeoutMs: 10_000 });
  if (exitCode !== 0) throw new Error(stderr);
  return stdout;
}

async function clusterIdOf(cluster: ClusterView): Promise<string> {
  const client = (await etcdEndpoints(scenario, cluster)).connect("a");
  try {
    return (await client.status(5_000)).header.cluster_id;
  } finally {
    client.close();
  }
}

/** A token of a service account as the API server signs them. */
function tokenOf(key: string): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = { sub: "system:serviceaccount:default:robot", exp: Math.floor(Date.now() / 1000) + 3600 };
  const text = `${part({ alg: "ES256", typ: "JWT" })}.${part(claims)}`;
  const signature = sign("sha256", Buffer.from(text), { key: createPrivateKey(key), dsaEncoding: "ieee-p1363" });
  return `${text}.${signature.toString("base64url")}`;
}

/** The real kubectl with a kubeconfig of these words. */
async function kubectlWith(name: string, kubeconfig: string) {
  const program = join(await unpackRealTools(join(directory, "tools")), "kubectl");
  const KUBECONFIG = join(directory, name);
  await writeFile(KUBECONFIG, kubeconfig, { mode: 0o600 });
  const env = { HOME: directory, KUBECONFIG, HTTPS_PROXY: scenario.cloud.endpoints.api };
  return async (...args: string[]) => (await promisify(execFile)(program, args, { env, timeout: 30_000 })).stdout;
}

interface Kubeconfig {
  readonly clusters: readonly [{ readonly name: string; readonly cluster: { readonly server: string } }];
}

async function exportKubeconfig(): Promise<{ readonly text: string; readonly server: string }> {
  const { code, stdout, stderr } = await scenario.holdfast("export", "kubeconfig", NAME, "-o", "json");
  if (code !== 0) throw new Error(stderr);
  const parsed: Kubeconfig = JSON.parse(stdout);
  return { text: stdout, server: parsed.clusters[0].cluster.server };
}

function withToken(kubeconfig: string, token: string): string {
  const parsed = JSON.parse(kubeconfig);
  return JSON.stringify({
    ...parsed,
    users: parsed.users.map(({ name }: { name: string }) => ({ name, user: { token } })),
  });
}

test("17.5: a cluster is lost with all its volumes; its name, keys, tokens and certificates come back from a backup", async () => {
  const created = await scenario.holdfast(...CREATE, NAME, "--yes", "--wait");
  expect(created.code === 0 ? "" : created.stderr.slice(-900)).toBe("");
  const before = await scenario.cluster(NAME);
  for (let number = 1; number <= 20; number++) await scenario.etcdctl(NAME, "put", `app/${number}`, `value ${number}`);
  const kubeconfig = await exportKubeconfig();
  const token = tokenOf(await onMaster(before, "cat /etc/kubernetes/pki/sa.key"));
  const formerId = await clusterIdOf(before);
  const formerNodes = before.nodes.map(({ name }) => name);
  await takeBackupOf(scenario, NAME);
  await scenario.etcdctl(NAME, "put", "app/1", "later");
  await scenario.etcdctl(NAME, "put", "app/21", "later");

  const early = await scenario.holdfast("create", "cluster", NAME, "--from-backup", "latest", "--takeover", "--yes");
  for (const { instanceId, volumeId } of before.members) {
    await scenario.cloud.faults.begin({ kind: "volume", action: "lose", volumeId });
    await scenario.cloud.faults.begin({ kind: "host", action: "terminate", instanceId });
  }
  const deleted = await scenario.holdfast("delete", "cluster", NAME, "--yes", "--wait");
  expect(deleted.code === 0 ? "" : deleted.stderr.slice(-900)).toBe("");
  const listed = await scenario.holdfast("get", "backups", NAME);
  const unsaid = await scenario.holdfast("create", "cluster", NAME, "--from-backup", "latest", "--yes");
  const plan = await scenario.holdfast("create", "cluster", NAME, "--from-backup", "latest", "--takeover");
  const flags = ["--from-backup", "latest", "--takeover", "--yes", "--wait", "-o", "json"];
  const taken = await scenario.holdfast("create", "cluster", NAME, ...flags);

  expect({ code: early.code, stderr: early.stderr }).toMatchObject({
    code: 4,
    stderr: expect.stringContaining(`${NAME} is not gone: i-`),
  });
  expect(unsaid).toMatchObject({ code: 2, stderr: expect.stringContaining("say in which way. --takeover:") });
  expect(listed.stdout).toMatch(/^\d{4}-\d\d-\d\dT\d{6}Z-[0-9a-f]{4}.* current/m);
  expect(plan.stdout).toContain(`takes over ${NAME}`);
  expect(taken.code === 0 ? "" : taken.stderr.slice(-1500)).toBe("");
  expect(JSON.parse(taken.stdout)).toMatchObject({ status: "ACTIVE", quorum: { healthy: 3 } });

  const after = await scenario.cluster(NAME);
  const client = (await etcdEndpoints(scenario, after)).connect("b");
  const found = await client.getAll("app/", 10_000);
  const minions = await client.getAll("/registry/minions/", 10_000);
  client.close();
  expect(found).toEqual(new Map(Array.from({ length: 20 }, (_, index) => [`app/${index + 1}`, `value ${index + 1}`])));
  expect(await clusterIdOf(after)).not.toBe(formerId);
  expect(after.nodes).toHaveLength(1);
  expect([...minions.keys()].filter((key) => formerNodes.some((name) => key.endsWith(name)))).toEqual([]);
  expect(minions.size).toBe(4);

  const { server } = await exportKubeconfig();
  const moved = kubeconfig.text.replaceAll(kubeconfig.server, server);
  const kubectl = await kubectlWith("certificate", moved);
  expect((await kubectl("get", "nodes", "-o", "name")).trim().split("\n")).toHaveLength(4);
  const maps = await kubectl("get", "configmap", "kube-proxy", "kubeadm-config", "-n", "kube-system", "-o", "yaml");
  expect(maps).toContain(new URL(server).hostname);
  expect(maps).not.toContain(new URL(kubeconfig.server).hostname);
  const robot = await kubectlWith("token", withToken(moved, token));
  expect(JSON.parse(await robot("get", "--raw", "/api"))).toMatchObject({ kind: "APIVersions" });
  await expect(
    (await kubectlWith("forged", withToken(moved, `${token.slice(0, -8)}AAAAAAAA`)))("get", "--raw", "/api"),
  ).rejects.toThrow();
  const types = (await scenario.api.list(`/clusters/${NAME}/events`, EventViewSchema)).map(({ type }) => type);
  expect(types).toEqual(expect.arrayContaining(["cluster-deleted", "data-taken-over", "cluster-active"]));
});
