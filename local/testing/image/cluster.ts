import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { skippedPhases } from "./documents.ts";
import { type Etcd, startEtcd } from "./etcd.ts";
import { Host } from "./host.ts";
import { writeMemberBundle } from "./pki.ts";
import { freePort } from "./ports.ts";
import { type ProgramResult, Programs } from "./programs.ts";

/** How soon a silent node becomes Unknown in the tests' cluster, whose master renews its lease four times as often. */
const GRACE_PERIOD = "3s";
const MASTER_LEASE_SECONDS = 3;

/** One master with a real etcd on this machine's loopback, initialised as its user data would. */
export class TestCluster {
  readonly master: Host;
  readonly endpoint: string;
  readonly pki: string;
  readonly etcd: Etcd;
  readonly init: ProgramResult;
  readonly #directory: string;
  readonly #programs: Programs;
  readonly #hosts: Host[];

  private constructor(parts: {
    directory: string;
    programs: Programs;
    master: Host;
    endpoint: string;
    pki: string;
    etcd: Etcd;
    init: ProgramResult;
  }) {
    this.#directory = parts.directory;
    this.#programs = parts.programs;
    this.master = parts.master;
    this.endpoint = parts.endpoint;
    this.pki = parts.pki;
    this.etcd = parts.etcd;
    this.init = parts.init;
    this.#hosts = [parts.master];
  }

  static async create(): Promise<TestCluster> {
    const directory = mkdtempSync(join(tmpdir(), "holdfast-image-"));
    const programs = await Programs.build(directory);
    const master = new Host(directory, programs);
    const pki = await writeMemberBundle(master.root);
    const etcd = await startEtcd(master.root, pki);
    const port = await freePort();
    const init = await master.kubeadm(
      "init",
      initDocuments({ etcdEndpoint: etcd.endpoint, pki, port }),
      skippedPhases(),
    );
    writeMarks(master.root, { endpoint: etcd.endpoint, pki });
    return new TestCluster({ directory, programs, master, endpoint: `127.0.0.1:${port}`, pki, etcd, init });
  }

  addHost(): Host {
    const host = new Host(this.#directory, this.#programs);
    this.#hosts.push(host);
    return host;
  }

  async close(): Promise<void> {
    for (const host of this.#hosts) host.stopKubelet();
    await this.etcd.stop();
    rmSync(this.#directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** What a master's boot leaves for documents. */
function writeMarks(root: string, { endpoint, pki }: { endpoint: string; pki: string }): void {
  mkdirSync(join(root, "etc/holdfast"), { recursive: true });
  mkdirSync(join(root, "run"), { recursive: true });
  writeFileSync(join(root, "etc/holdfast/booted"), "");
  const variables = {
    ETCDCTL_API: "3",
    ETCDCTL_ENDPOINTS: endpoint,
    ETCDCTL_CACERT: join(pki, "etcd/ca.crt"),
    ETCDCTL_CERT: join(pki, "apiserver-etcd-client.crt"),
    ETCDCTL_KEY: join(pki, "apiserver-etcd-client.key"),
  };
  const lines = Object.entries(variables).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(join(root, "etc/holdfast/etcdctl"), lines.join(""));
}

/** What a master's user data writes to kubeadm.yaml. */
export function initDocuments(options: { etcdEndpoint: string; pki: string; port: number }) {
  const header = { apiVersion: "kubeadm.k8s.io/v1beta4" };
  return [
    {
      ...header,
      kind: "InitConfiguration",
      localAPIEndpoint: { advertiseAddress: "127.0.0.1", bindPort: options.port },
      nodeRegistration: {
        name: "i-00000000000000001",
        kubeletExtraArgs: [{ name: "provider-id", value: "aws:///us-west-2a/i-00000000000000001" }],
      },
    },
    {
      ...header,
      kind: "ClusterConfiguration",
      kubernetesVersion: "v1.36.2",
      clusterName: "demo",
      controlPlaneEndpoint: `127.0.0.1:${options.port}`,
      etcd: {
        external: {
          endpoints: [options.etcdEndpoint],
          caFile: join(options.pki, "etcd/ca.crt"),
          certFile: join(options.pki, "apiserver-etcd-client.crt"),
          keyFile: join(options.pki, "apiserver-etcd-client.key"),
        },
      },
      networking: { podSubnet: "100.96.0.0/11", serviceSubnet: "100.64.0.0/13" },
      apiServer: {
        certSANs: ["api.demo.example.com"],
        extraArgs: [{ name: "node-monitor-grace-period", value: GRACE_PERIOD }],
      },
    },
    {
      apiVersion: "kubelet.config.k8s.io/v1beta1",
      kind: "KubeletConfiguration",
      nodeLeaseDurationSeconds: MASTER_LEASE_SECONDS,
    },
  ];
}

/** What a node's user data writes for `kubeadm join`. Waits are short: nothing that is missing will come. */
export function joinDocument(options: { kubeconfig: string; name: string }) {
  return {
    apiVersion: "kubeadm.k8s.io/v1beta4",
    kind: "JoinConfiguration",
    discovery: { file: { kubeConfigPath: options.kubeconfig } },
    nodeRegistration: {
      name: options.name,
      kubeletExtraArgs: [
        { name: "provider-id", value: `aws:///us-west-2b/${options.name}` },
        { name: "node-labels", value: "topology.kubernetes.io/zone=us-west-2b" },
      ],
    },
    timeouts: { discovery: "1s", tlsBootstrap: "10s" },
  };
}
