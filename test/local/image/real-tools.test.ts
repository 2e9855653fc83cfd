import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { installList } from "../../../functions/domain/add-ons.ts";
import { HELM_RELEASE } from "../../../functions/domain/versions.ts";
import { unpackRealTools } from "../../support/real-tools.ts";
import { TestCluster } from "./support/cluster.ts";
import type { ProgramResult } from "./support/programs.ts";

/** What the stand-ins are held against: the real kubectl and helm, at the stand-in of the API and with our own documents. */
let cluster: TestCluster;
let tools: string;

beforeAll(async () => {
  cluster = await TestCluster.create();
  tools = await unpackRealTools(join(cluster.master.root, "tools"));
}, 60_000);

afterAll(async () => {
  await cluster?.close();
});

function run(...command: string[]): Promise<ProgramResult> {
  const { root } = cluster.master;
  const kubeconfig = join(root, "etc/kubernetes/admin.conf");
  return cluster.master.runWith({ PATH: `${tools}:/usr/bin:/bin`, HOME: root, KUBECONFIG: kubeconfig }, command);
}

const CHART = {
  "Chart.yaml": "apiVersion: v2\nname: cilium\nversion: 1.0.0\nkubeVersion: '>=1.36.0-0'\n",
  "crds/kind.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: from-crds, namespace: net}\n",
  "templates/hook.yaml":
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: from-hook, annotations: {helm.sh/hook: post-install}}\n",
  "templates/agent.yaml": `apiVersion: apps/v1
kind: DaemonSet
metadata: {name: cilium, namespace: "{{ .Release.Namespace }}", labels: {kubernetes: "{{ .Capabilities.KubeVersion }}"}}
spec: {template: {metadata: {labels: {mode: "{{ .Values.ipam.mode }}"}}, spec: {containers: [{name: one, image: one}]}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: operator, namespace: "{{ .Release.Namespace }}"}
spec: {template: {spec: {containers: [{name: one, image: one}]}}}
`,
};

/** A repository of charts that holds one chart; resolves with its address. */
async function serveChart(): Promise<string> {
  const { root } = cluster.master;
  const [chart, repository] = [join(root, "chart"), join(root, "repository")];
  for (const [file, text] of Object.entries(CHART)) {
    mkdirSync(join(chart, file, ".."), { recursive: true });
    writeFileSync(join(chart, file), text);
  }
  const server = createServer((request, response) => {
    try {
      response.end(readFileSync(join(repository, request.url ?? "")));
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => {
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  expect(await run("helm", "package", chart, "-d", repository)).toMatchObject({ exitCode: 0 });
  expect(await run("helm", "repo", "index", repository, "--url", url)).toMatchObject({ exitCode: 0 });
  return url;
}

test("the real kubectl reads nodes and namespaces", async () => {
  const { stdout } = await run("kubectl", "get", "nodes,ns", "-o", "name");

  expect(stdout.trim().split("\n")).toEqual([
    "node/i-00000000000000001",
    "namespace/default",
    "namespace/kube-node-lease",
    "namespace/kube-public",
    "namespace/kube-system",
  ]);
});

test("the release of Helm that clusters get is the one that is tried here", async () => {
  expect((await run("helm", "version", "--short")).stdout).toContain(`v${HELM_RELEASE}`);
});

test("the document for add-ons does with the real programs what it says, and once more without a change", async () => {
  const from = {
    repository: await serveChart(),
    chart: "cilium",
    version: "1.0.0",
    values: { ipam: { mode: "it's" } },
  };
  const list = installList([{ name: "net", namespace: "net", from, onHostNetwork: "operator" }]);
  const script = readFileSync(join(import.meta.dirname, "../../../infra/documents/install-add-ons.sh"), "utf8")
    .replaceAll("/etc/kubernetes", join(cluster.master.root, "etc/kubernetes"))
    .replace("HOME=/root", `HOME=${cluster.master.root}`)
    .replace("{{ addOns }}", list)
    .replace("{{ helmVersion }}", HELM_RELEASE);

  const first = await run("bash", "-c", script);
  const before = (await run("kubectl", "get", "ds,deploy,cm", "-n", "net", "-o", "json")).stdout;
  const again = await run("bash", "-c", script);

  expect(first).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/installed\n$/) });
  expect(again).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("patched (no change)") });
  expect((await run("kubectl", "get", "ds,deploy,cm", "-n", "net", "-o", "json")).stdout).toBe(before);
  const { items } = JSON.parse(before);
  expect(items.map((item: { metadata: { name: string } }) => item.metadata.name).toSorted()).toEqual([
    "cilium",
    "from-crds",
    "operator",
  ]);
  expect(items[0].metadata.labels).toEqual({ kubernetes: "v1.36.2" });
  expect(items[0].spec.template.metadata.labels).toEqual({ mode: "it's" });
  expect(items[1].spec.template.spec.hostNetwork).toBe(true);
});
