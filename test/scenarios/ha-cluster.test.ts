import { createPrivateKey, X509Certificate } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DescribeInstancesCommand, DescribeVolumesCommand } from "@aws-sdk/client-ec2";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { BUDGETS } from "../../bench/budgets.ts";
import { callsOfFunctions, countCalls } from "../../bench/calls.ts";
import { ClusterViewSchema } from "../../functions/domain/api/views.ts";
import { kubectlOf } from "../support/kubectl.ts";
import { eventually, memberOf, memberReplaced, type Scenario, startScenario } from "../support/scenario.ts";
import { slowness } from "../support/slowness.ts";

/** The first example of kops's HA guide, with the program's name changed. */
const NAME = "hacluster.example.com";
const ZONES = "us-west-2a,us-west-2b,us-west-2c";
const GUIDE = ["--node-count", "3", "--zones", ZONES, "--master-zones", ZONES, "--node-size", "t2.medium"].concat([
  "--master-size",
  "t2.medium",
  "--topology",
  "private",
  "--networking",
  "kopeio-vxlan",
  NAME,
]);

let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario();
  await listenToHoldfast();
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});

const QUEUE = "arn:aws:sqs:us-west-2:123456789012:automation-of-a-user";

/** A rule as a user would make it, whose target is a queue. */
async function listenToHoldfast(): Promise<void> {
  const { aws, region } = scenario.cloud.endpoints;
  const credentials = { accessKeyId: "holdfast", secretAccessKey: "holdfast" };
  const eventBridge = new EventBridgeClient({ endpoint: aws, region, credentials });
  scenario.cloud.services.queues.create(QUEUE);
  const EventPattern = JSON.stringify({ source: ["holdfast"], "detail-type": ["Holdfast Cluster Status Change"] });
  const EventBusName = "holdfast";
  await eventBridge.send(new PutRuleCommand({ Name: "statuses", EventBusName, EventPattern }));
  await eventBridge.send(new PutTargetsCommand({ Rule: "statuses", EventBusName, Targets: [{ Id: "1", Arn: QUEUE }] }));
}

/** Calls of an operation, from this one of all calls on, to services with shared rate limits. */
function rateLimitedSince(first: number): number {
  const made = callsOfFunctions(scenario.calls.slice(first));
  // The reconciler looks at all clusters each minute, and each look of a client at one asks its hosts. How often the
  // answer of a host is looked for is a matter of how fast this machine's hosts are.
  const own = made.filter(({ principal }) => !/reconcile|getcluster/i.test(principal));
  return countCalls(own.filter(({ operation }) => !/CommandInvocation/.test(operation))).rateLimited;
}

test("the guide's command ends with an active cluster: three members of one mind, three nodes ready", async () => {
  const { code, stdout } = await scenario.holdfast("create", "cluster", ...GUIDE, "--yes", "--wait", "-o", "json");

  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    name: NAME,
    status: "ACTIVE",
    quorum: { size: 3, healthy: 3, needed: 2 },
    members: [
      { name: "a", zone: "us-west-2a", health: "healthy", address: "172.20.64.10" },
      { name: "b", zone: "us-west-2b", health: "healthy", address: "172.20.128.10" },
      { name: "c", zone: "us-west-2c", health: "healthy", address: "172.20.192.10" },
    ],
    nodes: [{ ready: true }, { ready: true }, { ready: true }],
    operation: null,
  });
});

test("the creation stays within its budget of calls", () => {
  expect(rateLimitedSince(0)).toBeLessThanOrEqual(BUDGETS.create * slowness());
});

test("etcd itself says so: three members, TLS, one leader", async () => {
  const status = JSON.parse(await scenario.etcdctl(NAME, "endpoint", "status", "-w", "json"));

  expect(status.map(({ Endpoint }: { Endpoint: string }) => Endpoint)).toEqual([
    "https://172.20.64.10:2379",
    "https://172.20.128.10:2379",
    "https://172.20.192.10:2379",
  ]);
});

test("AWS's own view agrees: six instances, and each member's volume attached in its zone", async () => {
  const { Reservations = [] } = await scenario.ec2.send(
    new DescribeInstancesCommand({ Filters: [{ Name: "instance-state-name", Values: ["running"] }] }),
  );
  const { Volumes = [] } = await scenario.ec2.send(
    new DescribeVolumesCommand({ Filters: [{ Name: "tag-key", Values: ["holdfast:member"] }] }),
  );

  expect(Reservations.flatMap(({ Instances = [] }) => Instances).length).toBe(6);
  expect(Volumes.map(({ AvailabilityZone, State }) => `${AvailabilityZone} ${State}`).sort()).toEqual([
    "us-west-2a in-use",
    "us-west-2b in-use",
    "us-west-2c in-use",
  ]);
});

test("a master that is terminated comes back as the same member, with its data", async () => {
  await scenario.etcdctl(NAME, "put", "greeting", "hello");
  await onMaster("patch", ...PROXY, "--type", "merge", "-p", '{"metadata":{"annotations":{"kept":"yes"}}}');
  const proxy = await onMaster("get", ...PROXY, "-o", "json");
  const cluster = await scenario.cluster(NAME);
  const before = memberOf(cluster, cluster.quorum.leader ?? "a");

  const calls = scenario.calls.length;
  await scenario.terminate(before.instanceId ?? "");
  const healed = await memberReplaced(scenario, NAME, before, 60_000);

  const after = memberOf(healed, before.name);
  expect(rateLimitedSince(calls)).toBeLessThanOrEqual(BUDGETS.repair * slowness());
  expect(after.volumeId).toBe(before.volumeId);
  expect(after.address).toBe(before.address);
  expect(healed.quorum.healthy).toBe(3);
  expect(await scenario.etcdctl(NAME, "get", "--print-value-only", "greeting")).toBe("hello");
  // F1: what exists once a cluster stays as users have changed it.
  expect(await onMaster("get", ...PROXY, "-o", "json")).toBe(proxy);
  expect(proxy).toContain('"kept": "yes"');
});

const PROXY = ["daemonset", "kube-proxy", "-n", "kube-system"];

/** kubectl on the first master that answers. */
async function onMaster(...args: string[]): Promise<string> {
  const kubectl = ["kubectl", "--kubeconfig", "/etc/kubernetes/admin.conf", ...args];
  const { code, stdout, stderr } = await scenario.holdfast("local", "shell", NAME, "a", "--", ...kubectl);
  if (code !== 0) throw new Error(stderr);
  return stdout;
}

test("the instance that was lost is no node that is not ready", async () => {
  const { nodes } = await scenario.api.get(`/clusters/${NAME}?fresh=true`, ClusterViewSchema);

  expect(nodes.map(({ ready }) => ready)).toEqual([true, true, true]);
});

test("the event history of it stands in the cluster's events", async () => {
  const { code, stdout } = await scenario.holdfast("get", "events", NAME, "-o", "json");

  expect(code).toBe(0);
  const types = JSON.parse(stdout).items.map(({ type }: { type: string }) => type);
  expect(types).toEqual(expect.arrayContaining(["create-requested", "cluster-active", "master-lost", "cluster-whole"]));
});

test("a kubeconfig is signed by the authority that the masters have, for a key that no answer holds, and recorded in the event history", async () => {
  const { code, stdout } = await scenario.holdfast("export", "kubeconfig", NAME, "-o", "json");
  const pki = "/etc/kubernetes/pki/ca.crt";
  const onHost = await scenario.holdfast("local", "shell", NAME, "a", "--", "cat", pki);
  const { stdout: explain } = await scenario.holdfast("get", "events", NAME, "-o", "json");

  expect(code).toBe(0);
  const { clusters, users } = JSON.parse(stdout);
  const bytes = (text: string) => Buffer.from(text, "base64");
  const authority = new X509Certificate(bytes(clusters[0].cluster["certificate-authority-data"]));
  const certificate = new X509Certificate(bytes(users[0].user["client-certificate-data"]));
  expect(authority.fingerprint256).toBe(new X509Certificate(onHost.stdout).fingerprint256);
  expect(certificate.verify(authority.publicKey)).toBe(true);
  expect(certificate.checkPrivateKey(createPrivateKey(bytes(users[0].user["client-key-data"])))).toBe(true);
  expect(certificate.subject).toContain("O=kubeadm:cluster-admins");
  expect(JSON.parse(explain).items.map(({ type }: { type: string }) => type)).toContain("kubeconfig-issued");
});

test("kubectl works with the exported kubeconfig, through the API's load balancer", async () => {
  const directory = await mkdtemp(join(tmpdir(), "holdfast-kubectl-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const kubectl = await kubectlOf(scenario, NAME, directory);
  const { nodes, members } = await scenario.cluster(NAME);

  const listed = (await kubectl("get", "nodes,ns", "-o", "name")).split("\n");
  const networks = await kubectl("get", "daemonsets", "-n", "kube-system", "-o", "name");

  const instances = [...nodes, ...members].map(({ instanceId }) => `node/${instanceId}`);
  expect(listed).toEqual(expect.arrayContaining([...instances, "namespace/default", "namespace/kube-system"]));
  expect(networks.split("\n")).toEqual([
    "daemonset.apps/aws-cloud-controller-manager",
    "daemonset.apps/cilium",
    "daemonset.apps/cilium-envoy",
    "daemonset.apps/ebs-csi-node",
    "daemonset.apps/kube-proxy",
  ]);
});

test("H3: no token lets nodes in; one that comes later joins by a certificate of its own name, and of no other", async () => {
  const directory = await mkdtemp(join(tmpdir(), "holdfast-kubectl-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const kubectl = await kubectlOf(scenario, NAME, directory);
  const { nodes, members } = await scenario.cluster(NAME);
  const [first, other] = nodes;
  const bindings = await kubectl("get", "clusterrolebindings", "-o", "name");
  const said = [...nodes, ...members].map(({ instanceId }) => scenario.cloud.hosts.console(instanceId ?? ""));

  const asked = await scenario.cloud.hosts.run(other?.instanceId ?? "", asNode(first?.instanceId ?? ""), {
    timeoutMs: 30_000,
  });
  await scenario.terminate(first?.instanceId ?? "");
  const before = nodes.map(({ instanceId }) => `node/${instanceId}`);
  await eventually(
    () => kubectl("get", "nodes", "-l", "!node-role.kubernetes.io/control-plane", "-o", "name"),
    (names) => names.split("\n").some((name) => !before.includes(name)),
    60_000,
  );

  expect(asked.stdout).toContain(`can only create a node CSR with CN=system:node:${other?.instanceId}`);
  expect(await kubectl("get", "secrets", "-n", "kube-system", "-o", "name")).toBe("");
  expect(bindings).toBe("clusterrolebinding.rbac.authorization.k8s.io/kubeadm:node-autoapprove-certificate-rotation");
  expect(said.filter((text) => /\b[a-z0-9]{6}\.[a-z0-9]{16}\b/.test(text))).toEqual([]);
});

/** With a node's own certificate, asks the API server for that of another. */
function asNode(name: string): string {
  return `set -e
cd "$(mktemp -d)"
umask 077
part() { sed -n "s/.*$1: *//p" /etc/kubernetes/kubelet.conf | tr -d '"'; }
for name in certificate-authority-data client-certificate-data client-key-data; do part $name | base64 -d >$name; done
openssl ecparam -genkey -name prime256v1 -noout -out key
openssl req -new -key key -subj "/O=system:nodes/CN=system:node:${name}" \
  -config <(printf '[req]\\ndistinguished_name=name\\n[name]\\n') -out request
curl -s --cacert certificate-authority-data --cert client-certificate-data --key client-key-data \
  -H 'content-type: application/json' "$(part server)/apis/certificates.k8s.io/v1/certificatesigningrequests" -d @- <<EOF
{"metadata":{"generateName":"node-csr-"},"spec":{"request":"$(base64 -w0 request)","usages":["client auth"],
"signerName":"kubernetes.io/kube-apiserver-client-kubelet"}}
EOF`;
}

test("each change of its status is on the event bus, with the operation that made it", async () => {
  const details = scenario.cloud.services.queues.messages(QUEUE).map(({ body }) => JSON.parse(body).detail);

  // On a slow machine a reconcile run may see one more lapse afterwards.
  expect(details.slice(0, 4).map(({ status }) => status)).toEqual(["CREATING", "ACTIVE", "REPAIRING", "ACTIVE"]);
  expect(details[2]).toMatchObject({ version: 1, cluster: NAME, operation: details[3].operation });
  expect(details[2].reason).toContain("was lost and is being replaced");
});

test("a second create of the same name is a conflict, exit code 4", async () => {
  const { code, stderr } = await scenario.holdfast("create", "cluster", ...GUIDE, "--yes");

  expect(code).toBe(4);
  expect(stderr).toContain("exists already");
});
