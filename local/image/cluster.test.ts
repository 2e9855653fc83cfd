import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { type AddOn, addOnsFor } from "../../functions/domain/releases/add-ons.ts";
import { pinVersions } from "../../functions/domain/releases/pinned-versions.ts";
import { specFromDocument } from "../../functions/domain/spec/parse-spec.ts";
import type { ClusterSpec } from "../../functions/domain/spec/spec.ts";
import { initDocuments, TestCluster } from "../testing/image/cluster.ts";
import { addOnsDocument, finishDocument, skippedPhases } from "../testing/image/documents.ts";
import { eventually } from "../testing/image/eventually.ts";
import { connectionOf, joinAs, REQUESTS, requestCertificate } from "../testing/image/joining.ts";
import { ApiClient } from "./kubernetes/common/api-client.ts";
import { createAuthority, issueCertificate, loadAuthority } from "./kubernetes/common/certificates.ts";
import type { Connection } from "./kubernetes/common/kubeconfig.ts";
import { certificateSigningRequestSchema } from "./kubernetes/common/objects.ts";

const NODE = "i-00000000000000002";
const nodeListSchema = z.object({
  items: z.array(
    z.looseObject({
      metadata: z.looseObject({ name: z.string(), labels: z.record(z.string(), z.string()) }),
      spec: z.looseObject({ providerID: z.string() }),
      status: z.looseObject({
        conditions: z.array(z.looseObject({ type: z.string(), status: z.string() })),
        nodeInfo: z.looseObject({ kubeletVersion: z.string() }),
      }),
    }),
  ),
});

let cluster: TestCluster;

beforeAll(async () => {
  cluster = await TestCluster.create();
}, 60_000);

afterAll(async () => {
  await cluster?.close();
});

async function getNodes() {
  const { stdout } = await cluster.master.kubectl("get", "nodes", "-o", "json");
  const { items } = nodeListSchema.parse(JSON.parse(stdout));
  return items.map(({ metadata, spec, status }) => ({
    name: metadata.name,
    zone: metadata.labels["topology.kubernetes.io/zone"],
    providerId: spec.providerID,
    ready: status.conditions.find(({ type }) => type === "Ready")?.status,
    version: status.nodeInfo.kubeletVersion,
  }));
}

function installAddOns(networking: ClusterSpec["networking"]["used"]) {
  const parsed = specFromDocument({ name: "a.example.com", zones: ["us-west-2a"], networking });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return runDocument(
    addOnsFor({ cluster: "a.example.com", uid: "01ab", spec: parsed.spec, versions: pinVersions(parsed.spec) }),
  );
}

function runDocument(addOns: readonly AddOn[]) {
  return cluster.master.run("bash", "-c", addOnsDocument(addOns, cluster.master.root));
}

const MASTER_VIEW = {
  name: "i-00000000000000001",
  zone: "us-west-2a",
  providerId: "aws:///us-west-2a/i-00000000000000001",
  ready: "True",
  version: "v1.36.2",
};

test("init leaves an API server that is ready and a master that is a node", async () => {
  expect(cluster.init).toMatchObject({ exitCode: 0, stderr: "" });
  expect(await cluster.master.kubectl("get", "--raw", "/readyz")).toMatchObject({ exitCode: 0, stdout: "ok" });
  await eventually(async () => expect(await getNodes()).toEqual([{ ...MASTER_VIEW, ready: "False" }]));
  expect((await cluster.master.kubectl("version")).stdout).toContain("Server Version: v1.36.2");
});

function finish() {
  return cluster.master.run("bash", "-c", finishDocument(cluster.master.root));
}

test("a node's request is approved once a binding says so, which comes with the control plane's finish", async () => {
  const client = new ApiClient(await connectionOf(cluster, "i-00000000000000009"), { timeoutMs: 5000 });
  const issued = async () =>
    certificateSigningRequestSchema.parse(await client.get(`${REQUESTS}/${name}`)).status.certificate !== undefined;
  const name = await requestCertificate(client, "i-00000000000000009");

  expect(await issued()).toBe(false);
  expect(await finish()).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/finished\n$/) });
  expect(await issued()).toBe(true);
  client.close();
});

test("a node gets no certificate of another name", async () => {
  const client = new ApiClient(await connectionOf(cluster, "i-00000000000000009"), { timeoutMs: 5000 });

  await expect(requestCertificate(client, "i-00000000000000001")).rejects.toThrow(
    "can only create a node CSR with CN=system:node:i-00000000000000009",
  );
  client.close();
});

test("H3: a master's static pods are seen in the API", async () => {
  const list = () =>
    cluster.master.kubectl("get", "pods", "-n", "kube-system", "-l", "component=kube-apiserver", "-o", "json");

  // A static pod is in the API before its kubelet says that it runs.
  await eventually(async () => {
    expect(JSON.parse((await list()).stdout).items).toMatchObject([
      {
        metadata: {
          name: "kube-apiserver-i-00000000000000001",
          annotations: { "kubernetes.io/config.source": "file" },
        },
        status: { phase: "Running" },
      },
    ]);
  }, 20_000);
});

test("a host is Ready once there is a network for its pods", async () => {
  expect(await installAddOns("cilium")).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/installed\n$/) });
  await eventually(async () => expect(await getNodes()).toEqual([MASTER_VIEW]));

  const pods = await cluster.master.kubectl("get", "pods", "-A", "-o", "name");
  expect(pods.stdout.split("\n").filter((name) => name.startsWith("pod/cilium-i-"))).toHaveLength(1);
});

test("installing the add-ons again changes nothing", async () => {
  const driver = ["get", "deployment", "ebs-csi-controller", "-n", "kube-system", "-o", "json"];
  const first = (await cluster.master.kubectl(...driver)).stdout;

  expect(await installAddOns("cilium")).toMatchObject({ exitCode: 0 });

  expect((await cluster.master.kubectl(...driver)).stdout).toBe(first);
  expect(JSON.parse(first)).toMatchObject({ spec: { template: { spec: { hostNetwork: true } } } });
});

test.each(["calico", "flannel", "amazonvpc", "kindnet", "cni"] as const)(
  "the add-ons of a cluster with %s are installed",
  async (networking) => expect(await installAddOns(networking)).toMatchObject({ exitCode: 0 }),
);

test("MINOR 16: add-ons are installed by one command at a time on a host", async () => {
  const lock = join(cluster.master.root, "run/holdfast-add-ons");
  const holding = cluster.master.run("flock", lock, "sleep", "2");
  await eventually(async () => expect((await cluster.master.run("flock", "-n", lock, "true")).exitCode).toBe(1));
  const begun = performance.now();

  expect(await runDocument([])).toMatchObject({ exitCode: 0 });

  await holding;
  expect(performance.now() - begun).toBeGreaterThan(1_000);
});

test("what could not be installed is said where the control plane reads it", async () => {
  const from = { chart: { url: "https://charts.test/lost-1.0.0.tgz", sha256: "0".repeat(64) }, values: {} };
  const refused = await runDocument([{ name: "lost", namespace: "kube-system", from }]);

  expect(refused).toMatchObject({ exitCode: 1, stdout: expect.stringContaining("no chart https://charts.test/lost") });
});

test("M8: what was changed on its way to a host is refused there, too", async () => {
  const { root } = cluster.master;
  const image = join(import.meta.dirname, "kubernetes/bin");
  mkdirSync(join(root, "between"));
  const curl = `#!/bin/bash\n${image}/curl "$@" && echo 'kind: Namespace' >>"$3"\n`;
  writeFileSync(join(root, "between/curl"), curl, { mode: 0o755 });
  const parsed = specFromDocument({ name: "a.example.com", zones: ["us-west-2a"], networking: "kindnet" });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const document = addOnsDocument(
    addOnsFor({ cluster: "a.example.com", uid: "01ab", spec: parsed.spec, versions: pinVersions(parsed.spec) }),
    root,
  );

  const refused = await cluster.master.run("bash", "-c", `PATH=${root}/between:$PATH\n${document}`);

  expect(refused.exitCode).toBe(1);
  expect(refused.stdout.match(/^refused: /gm)).toHaveLength(3);
});

test("init may be repeated", async () => {
  const port = Number(cluster.endpoint.split(":")[1]);
  const documents = initDocuments({ etcdEndpoint: cluster.etcd.endpoint, pki: cluster.pki, port });
  expect(await cluster.master.kubeadm("init", documents, skippedPhases())).toMatchObject({ exitCode: 0, stderr: "" });
  await eventually(async () => expect(await getNodes()).toEqual([MASTER_VIEW]));
});

describe("F1: what is there once a cluster", () => {
  const CHANGES = [
    [
      "deployment",
      "coredns",
      { metadata: { annotations: { kept: "yes" } }, spec: { template: { spec: { containers: [] } } } },
    ],
    ["daemonset", "kube-proxy", { metadata: { annotations: { kept: "yes" } } }],
    ["configmap", "kube-proxy", { data: { "config.conf": "mode: nftables\n" } }],
    ["configmap", "coredns", { data: { Corefile: ".:53 { log }\n" } }],
    ["configmap", "kubelet-config", { data: { kubelet: "kind: KubeletConfiguration\nmaxPods: 55\n" } }],
    ["configmap", "kubeadm-config", { data: { ClusterConfiguration: "kubernetesVersion: v1.36.2\nkept: yes\n" } }],
  ] as const;
  const system = ["-n", "kube-system"];
  const readAll = () =>
    Promise.all(
      CHANGES.map(
        async ([kind, name]) => (await cluster.master.kubectl("get", kind, name, ...system, "-o", "json")).stdout,
      ),
    );
  const init = async (...args: string[]) => {
    const port = Number(cluster.endpoint.split(":")[1]);
    const documents = initDocuments({ etcdEndpoint: cluster.etcd.endpoint, pki: cluster.pki, port });
    return await cluster.master.kubeadm("init", documents, ...args);
  };

  test("stays as users have changed it, through each further boot and finish", async () => {
    for (const [kind, name, change] of CHANGES)
      await cluster.master.kubectl("patch", kind, name, ...system, "--type", "merge", "-p", JSON.stringify(change));
    const changed = await readAll();

    expect(await init(skippedPhases())).toMatchObject({ exitCode: 0, stderr: "" });
    expect(await finish()).toMatchObject({ exitCode: 0, stdout: "finished\n" });

    expect(await readAll()).toEqual(changed);
  });

  test("goes back to kubeadm's templates by its own phases, as with the real kubeadm", async () => {
    await init("--skip-phases=bootstrap-token,show-join-command");

    const [dns, proxy, proxyConfig, corefile, kubelet, kubeadm] = await readAll();
    expect([dns, proxy].join("")).not.toContain("kept");
    expect(dns).toContain('"memory": "170Mi"');
    expect(JSON.parse(proxyConfig ?? "").data["config.conf"]).toContain('mode: ""');
    expect(JSON.parse(corefile ?? "").data.Corefile).toContain("log");
    expect([kubelet, kubeadm].join("")).not.toMatch(/maxPods|kept/);
  });
});

test("a host joins by a certificate of its name, and is Ready in its zone", async () => {
  const host = cluster.addHost();
  const joined = await host.kubeadm("join", [await joinAs(cluster, NODE)]);
  expect(joined).toMatchObject({ exitCode: 0, stderr: "" });
  const [zone, version] = ["us-west-2b", "v1.36.2"];
  const view = { name: NODE, zone, providerId: `aws:///${zone}/${NODE}`, ready: "True", version };
  await eventually(async () => expect(await getNodes()).toEqual([expect.anything(), view]));
  expect((await cluster.master.kubectl("get", "nodes")).stdout).toMatch(
    /^NAME\s+STATUS\s+ROLES\s+AGE\s+VERSION\ni-00000000000000001\s+Ready\s+control-plane\s+\d+s\s+v1\.36\.2\ni-00000000000000002\s+Ready\s+<none>/,
  );
  const workers = await cluster.master.kubectl(
    "get",
    "nodes",
    "-l",
    "!node-role.kubernetes.io/control-plane",
    "-o",
    "name",
  );
  expect(workers.stdout).toBe(`node/${NODE}\n`);
  const again = await cluster.addHost().kubeadm("join", [await joinAs(cluster, NODE)]);
  expect(again).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('status "Ready" already exists') });
  host.stopKubelet("SIGKILL");
});

/** A document as SSM runs it, on the master. */
function runOwn(document: string, given: Readonly<Record<string, string>> = {}) {
  const file = join(import.meta.dirname, `../../functions/hosts/documents/${document}.sh`);
  const text = readFileSync(file, "utf8").replaceAll("/etc/kubernetes", join(cluster.master.root, "etc/kubernetes"));
  const filled = Object.entries(given).reduce(
    (script, [name, value]) => script.replaceAll(`{{ ${name} }}`, value),
    text,
  );
  return cluster.master.run("bash", "-c", filled);
}

test("M9: the list of nodes has a line for each zone and state, in twenty characters a node", async () => {
  expect(await runOwn("list-nodes")).toMatchObject({ exitCode: 0, stdout: `us-west-2b True ${NODE}\n` });
});

test("nodes that have ended are forgotten many at a time, whichever of them are gone already", async () => {
  const before = await runOwn("forget-nodes", { nodes: "i-0000000000000000a i-0000000000000000b" });

  expect(before).toMatchObject({ exitCode: 0, stdout: "" });
  expect(await runOwn("list-nodes")).toMatchObject({ stdout: `us-west-2b True ${NODE}\n` });
});

test("a node without heartbeats becomes Unknown", async () => {
  await eventually(async () => expect((await getNodes())[1]).toMatchObject({ name: NODE, ready: "Unknown" }), 10_000);
  await eventually(async () => expect((await getNodes())[0]).toEqual(MASTER_VIEW));
  expect((await cluster.master.kubectl("get", "node", NODE, "--no-headers")).stdout).toMatch(/NotReady/);
});

test("a Node of the same name but of another instance is replaced", async () => {
  const host = cluster.addHost();
  const configuration = await joinAs(cluster, NODE);
  configuration.nodeRegistration.kubeletExtraArgs = [
    { name: "provider-id", value: "aws:///us-west-2c/i-00000000000000003" },
  ];
  expect(await host.kubeadm("join", [configuration])).toMatchObject({ exitCode: 0 });
  await eventually(async () =>
    expect((await getNodes())[1]).toMatchObject({ providerId: "aws:///us-west-2c/i-00000000000000003", ready: "True" }),
  );
});

test("a join by a certificate of a foreign authority is refused", async () => {
  const document = await joinAs(cluster, "i-00000000000000004", await foreignAuthority());
  const result = await cluster.addHost().kubeadm("join", [document]);

  expect(result).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("Unauthorized") });
});

test("init makes no token unless it is asked for one, and then prints it", async () => {
  const tokens = async () => (await cluster.master.kubectl("get", "secrets", "-n", "kube-system", "-o", "name")).stdout;
  const port = Number(cluster.endpoint.split(":")[1]);
  const documents = initDocuments({ etcdEndpoint: cluster.etcd.endpoint, pki: cluster.pki, port });
  expect(await tokens()).not.toContain("bootstrap-token");

  const { stdout } = await cluster.master.kubeadm("init", documents);

  expect(stdout).toMatch(/Using token: [a-z0-9]{6}\.[a-z0-9]{16}\n/);
  expect(stdout).toMatch(/kubeadm join \S+ --token [a-z0-9]{6}\.[a-z0-9]{16} /);
  expect(await tokens()).toMatch(/^secret\/bootstrap-token-[a-z0-9]{6}\n$/);
});

test("the API knows who asks: by certificate, or not at all", async () => {
  const server = `https://${cluster.endpoint}`;
  const foreign = await issueCertificate(loadAuthority(...(await foreignAuthority())), {
    subject: { commonName: "kubernetes-admin", organizations: ["system:masters"] },
    usage: "client",
  });
  const status = async (connection: Partial<Connection>, path: string) => {
    const client = new ApiClient({ server, insecure: true, ...connection }, { timeoutMs: 5000 });
    const response = await client.raw("GET", path);
    client.close();
    return response.status;
  };
  const secrets = "/api/v1/namespaces/kube-system/secrets";
  expect(await status({}, "/version")).toBe(200);
  expect(await status({}, "/api/v1")).toBe(403);
  expect(await status(await connectionOf(cluster, NODE), secrets)).toBe(403);
  expect(await status({ clientCertificate: foreign.certificate, clientKey: foreign.key }, secrets)).toBe(401);
});

async function foreignAuthority(): Promise<[certificate: string, key: string]> {
  const { certificate, key } = await createAuthority("kubernetes");
  return [certificate, key];
}

test("kubectl creates a namespace, and in it a config map and a secret", async () => {
  const made = [
    ["create", "namespace", "team"],
    ["create", "configmap", "one", "-n", "team", "--from-literal", "a=b"],
    ["create", "secret", "generic", "two", "-n", "team", "--from-literal", "c=d"],
  ];
  for (const command of made) expect(await cluster.master.kubectl(...command)).toMatchObject({ exitCode: 0 });
  const read = async (...what: string[]) => (await cluster.master.kubectl("get", ...what, "-n", "team")).stdout;

  expect(await read("cm", "one", "-o", "jsonpath={.data.a}")).toBe("b");
  expect(await read("secret", "two", "-o", "jsonpath={.type} {.data.c}")).toBe("Opaque ZA==");
  expect(await cluster.master.kubectl("create", "deployment", "web", "--image", "web")).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("accepted media types include: application/json, as kubectl apply sends it"),
  });
});

test("kubectl cordons and labels a node, and shows both", async () => {
  const name = "i-00000000000000001";

  expect(await cluster.master.kubectl("cordon", name)).toMatchObject({
    exitCode: 0,
    stdout: `node/${name} cordoned\n`,
  });
  const { stdout } = await cluster.master.kubectl("get", "node", name, "-o", "wide", "--no-headers");
  expect(stdout).toMatch(/^i-00000000000000001 +Ready,SchedulingDisabled +control-plane +\d+\w+ +v1\.36\.2 /);
  await cluster.master.kubectl("uncordon", name);
  expect(await cluster.master.kubectl("label", "node", name, "rack=9")).toMatchObject({ exitCode: 0 });
  expect(await cluster.master.kubectl("get", "nodes", "-l", "rack=9", "-o", "name")).toMatchObject({
    stdout: `node/${name}\n`,
  });
  await cluster.master.kubectl("label", "node", name, "rack-");
});

describe("drain-node", () => {
  const node = "i-00000000000000001";
  const pod = (name: string, more: object = {}) => ({
    ...{ apiVersion: "v1", kind: "Pod", metadata: { name, namespace: "team", labels: { app: name }, ...more } },
    spec: { nodeName: node, containers: [{ name: "web", image: "web" }] },
  });
  const apply = async (...items: object[]) => {
    const file = join(cluster.master.root, "objects.yaml");
    writeFileSync(file, items.map((item) => JSON.stringify(item)).join("\n---\n"));
    expect(await cluster.master.kubectl("apply", "--server-side", "-f", file)).toMatchObject({
      exitCode: 0,
      stderr: "",
    });
  };
  const pods = async () => {
    const ofNode = ["--field-selector", `spec.nodeName=${node}`, "-o", "name"];
    return (await cluster.master.kubectl("get", "pods", "-n", "team", ...ofNode)).stdout;
  };

  test("18: evicts what may go, and names what a disruption budget keeps; static pods and daemons stay", async () => {
    const budget = {
      metadata: { name: "kept", namespace: "team" },
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
    };
    await apply(pod("kept"), pod("free"), {
      ...budget,
      spec: { minAvailable: 1, selector: { matchLabels: { app: "kept" } } },
    });
    const system = () => cluster.master.kubectl("get", "pods", "-n", "kube-system", "-o", "name");
    const before = (await system()).stdout;

    const drained = await runOwn("drain-node", { node, within: "3" });

    expect(drained.stderr).toContain("Cannot evict pod as it would violate the pod's disruption budget.");
    expect(drained).toMatchObject({ exitCode: 0, stdout: '{"found":true,"left":["team/kept"]}\n' });
    expect(await pods()).toBe("pod/kept\n");
    expect((await system()).stdout).toBe(before);
    const [spec, label] = [
      "{.spec.unschedulable}",
      "{.metadata.labels.node\\.kubernetes\\.io/exclude-from-external-load-balancers}",
    ];
    expect((await cluster.master.kubectl("get", "node", node, "-o", `jsonpath=${spec}${label}.`)).stdout).toBe("true.");

    await cluster.master.kubectl("delete", "pdb", "kept", "-n", "team");
    expect(await runOwn("drain-node", { node, within: "60" })).toMatchObject({ stdout: '{"found":true,"left":[]}\n' });
    expect(await pods()).toBe("");
    await cluster.master.kubectl("uncordon", node);
  });

  test("18: a node that is gone has nothing to be drained", async () => {
    const gone = await runOwn("drain-node", { node: "i-00000000000000009", within: "60" });

    expect(gone).toMatchObject({ exitCode: 0, stdout: '{"found":false,"left":[]}\n' });
  });
});

test("kubectl deletes a node, and says so when there is none", async () => {
  const forgotten = await runOwn("forget-nodes", { nodes: `i-0000000000000000a ${NODE}` });
  expect(forgotten).toMatchObject({ exitCode: 0, stdout: `node "${NODE}" deleted\n` });
  expect(await cluster.master.kubectl("delete", "node", NODE)).toMatchObject({
    exitCode: 1,
    stderr: `Error from server (NotFound): nodes "${NODE}" not found\n`,
  });
});

test("without etcd the API server lives on and is not ready", async () => {
  await cluster.etcd.stop();
  const result = await cluster.master.kubectl("get", "--raw", "/readyz");
  expect(result.exitCode).toBe(1);
  expect(result.stderr).toContain("[+]ping ok\\n[-]etcd failed: reason withheld");
});
