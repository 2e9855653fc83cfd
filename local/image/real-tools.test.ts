import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import type { AddOn } from "../../functions/domain/releases/add-ons.ts";
import { helmReleases } from "../../functions/domain/releases/versions.ts";
import { TestCluster } from "../testing/image/cluster.ts";
import { addOnsDocument } from "../testing/image/documents.ts";
import type { ProgramResult } from "../testing/image/programs.ts";
import { unpackRealTools } from "./real-tools.ts";

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

/** Serves one chart, and changes it for whoever asks below `/changed`; resolves with it as an add-on names it. */
async function serveChart(): Promise<{ url: string; changed: string; sha256: string }> {
  const { root } = cluster.master;
  const [chart, archives] = [join(root, "chart"), join(root, "archives")];
  for (const [file, text] of Object.entries(CHART)) {
    mkdirSync(join(chart, file, ".."), { recursive: true });
    writeFileSync(join(chart, file), text);
  }
  expect(await run("helm", "package", chart, "-d", archives)).toMatchObject({ exitCode: 0 });
  const archive = readFileSync(join(archives, "cilium-1.0.0.tgz"));
  const server = createServer(({ url }, response) => {
    response.end(url?.startsWith("/changed") ? Buffer.concat([archive, Buffer.from("\n")]) : archive);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => {
    server.close();
  });
  const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const sha256 = createHash("sha256").update(archive).digest("hex");
  return { url: `${at}/cilium-1.0.0.tgz`, changed: `${at}/changed/cilium-1.0.0.tgz`, sha256 };
}

function addOn(chart: { url: string; sha256: string }): AddOn {
  return {
    name: "net",
    namespace: "net",
    from: { chart, values: { ipam: { mode: "it's" } } },
    onHostNetwork: "operator",
  };
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
  expect((await run("helm", "version", "--short")).stdout).toContain(`v${helmReleases[0].version}`);
});

test("the document for add-ons does with the real programs what it says, and once more without a change", async () => {
  const script = addOnsDocument([addOn(await serveChart())], cluster.master.root);

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

test("M8: a chart that was changed on its way is neither rendered nor applied", async () => {
  const { changed, sha256 } = await serveChart();
  const given = { ...addOn({ url: changed, sha256 }), namespace: "changed" };

  const refused = await run("bash", "-c", addOnsDocument([given], cluster.master.root));

  expect(refused).toMatchObject({
    exitCode: 1,
    stdout: expect.stringContaining(`refused: ${changed} has not the SHA-256 sum ${sha256}`),
  });
  expect(await run("kubectl", "get", "ns", "changed")).toMatchObject({ exitCode: 1 });
});

test("M8: a manifest that was changed on its way is not applied", async () => {
  const { root } = cluster.master;
  const text =
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: given, namespace: default}\ndata: {range: 10.244.0.0/16}\n";
  writeFileSync(join(root, "given.yaml"), text);
  const sha256 = createHash("sha256").update(text).digest("hex");
  const install = () =>
    run(
      "bash",
      "-c",
      addOnsDocument(
        [
          {
            name: "given",
            namespace: "default",
            from: {
              manifest: { url: `file://${join(root, "given.yaml")}`, sha256 },
              replace: ["10.244.0.0/16", "100.96.0.0/11"],
            },
          },
        ],
        root,
      ),
    );

  expect(await install()).toMatchObject({ exitCode: 0 });
  writeFileSync(join(root, "given.yaml"), text.replace("10.244.0.0/16", "0.0.0.0/0"));
  expect(await install()).toMatchObject({ exitCode: 1, stdout: expect.stringContaining("refused: file://") });
  const kept = await run("kubectl", "get", "cm", "given", "-n", "default", "-o", "json");
  expect(JSON.parse(kept.stdout).data).toEqual({ range: "100.96.0.0/11" });
});

test("M8: Helm that was changed on its way is not installed", async () => {
  const { root } = cluster.master;
  const bin = join(root, "without-helm");
  mkdirSync(bin);
  for (const name of ["bash", "base64", "flock", "mktemp", "rm", "sed", "uname", "sha256sum", "tar", "install"])
    symlinkSync(join("/usr/bin", name), join(bin, name));
  writeFileSync(join(bin, "curl"), '#!/usr/bin/bash\necho "$@"; echo evil >"$3"\n', { mode: 0o755 });

  const refused = await cluster.master.runWith({ PATH: bin }, ["/usr/bin/bash", "-c", addOnsDocument([], root)]);

  expect(refused).toMatchObject({
    exitCode: 1,
    stdout: expect.stringMatching(
      /refused: https:\/\/get\.helm\.sh\/helm-v4\.2\.3-linux-\w+\.tar\.gz has not the SHA-256 sum/,
    ),
  });
});
