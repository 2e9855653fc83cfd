import { join } from "node:path";
import { parseArgs } from "node:util";
import { ApiClient, toApiError } from "../common/api-client.ts";
import { newBootstrapToken } from "../common/bootstrap-token.ts";
import { UsageError } from "../common/command.ts";
import { parseDuration } from "../common/duration.ts";
import { writePrivateFile } from "../common/files.ts";
import { readKubeconfig } from "../common/kubeconfig.ts";
import { retryUntil } from "../common/polling.ts";
import { kubernetesVersion } from "../common/version.ts";
import { apiServerManifest } from "./api-server-manifest.ts";
import { installCoreDns, installKubeProxy, uploadKubeadmConfig, uploadKubeletConfig } from "./cluster-objects.ts";
import { readDocuments, requireDocument } from "./config-file.ts";
import {
  type ClusterConfiguration,
  clusterConfigurationSchema,
  type InitConfiguration,
  initConfigurationSchema,
  kubeletConfigurationSchema,
} from "./config-schema.ts";
import { type HostPaths, hostPaths } from "./host-paths.ts";
import {
  issueApiServerCertificates,
  issueKubeconfigs,
  localEndpoint,
  nodeName,
  readClusterAuthority,
} from "./init-certificates.ts";
import { restartKubelet, writeKubeletFiles } from "./kubelet-service.ts";

/** Shorter than kubeadm's four minutes: nothing is pulled here, and a host that is not ready by then never will be. */
const DEFAULT_TIMEOUT_MS = 60_000;
const POLL_MS = 100;
const TOKEN_GROUP = "system:bootstrappers:kubeadm:default-node-token";
const CONTROL_PLANE_ROLE = "node-role.kubernetes.io/control-plane";

/** What every phase is given. */
interface InitRun {
  readonly init: InitConfiguration;
  readonly cluster: ClusterConfiguration;
  /** Fields of a KubeletConfiguration in the same file. */
  readonly kubelet: object;
  readonly paths: HostPaths;
  readonly version: string;
  readonly timeoutMs: number;
  readonly bootstrap: ReturnType<typeof newBootstrapToken>;
}

type Phase = (run: InitRun) => Promise<void> | void;

/** What a phase does, whole or by the names of its parts; undefined for what is accepted and has nothing to do here. */
type Phases = Readonly<Record<string, Phase | Readonly<Record<string, Phase>> | undefined>>;

/** The phases of `kubeadm init` in its order. */
const PHASES: Phases = {
  preflight: undefined,
  certs: async ({ init, cluster, paths }) => {
    await issueApiServerCertificates(init, cluster, paths, readClusterAuthority(paths).authority);
  },
  kubeconfig: async ({ init, cluster, paths }) => {
    await issueKubeconfigs(init, cluster, paths, readClusterAuthority(paths));
  },
  etcd: undefined,
  "control-plane": ({ init, cluster, paths, version }) => {
    const manifest = apiServerManifest(init, cluster, paths.certificates, version);
    writePrivateFile(join(paths.manifests, "kube-apiserver.yaml"), manifest);
  },
  "kubelet-start": ({ init, kubelet, paths, version }) => {
    writeKubeletFiles(paths, init.nodeRegistration, { version, configuration: kubelet });
    restartKubelet();
  },
  "wait-control-plane": waitForApiServer,
  "upload-config": {
    kubeadm: (run) => inCluster(run, (client) => uploadKubeadmConfig(client, run)),
    kubelet: (run) => inCluster(run, (client) => uploadKubeletConfig(client, run.kubelet)),
  },
  "upload-certs": undefined,
  "mark-control-plane": markControlPlane,
  "bootstrap-token": createBootstrapToken,
  "kubelet-finalize": undefined,
  addon: {
    coredns: (run) => inCluster(run, (client) => installCoreDns(client, run)),
    "kube-proxy": (run) => inCluster(run, (client) => installKubeProxy(client, run)),
  },
  "show-join-command": showJoinCommand,
};

/**
 * `kubeadm init --config FILE [--skip-phases a,b]`, and `kubeadm init phase NAME [PART|all] --config FILE`. May be
 * repeated: certificates and kubeconfigs are issued again, and what lies in the cluster goes back to kubeadm's
 * templates.
 */
export async function runInit(argv: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      config: { type: "string" },
      "skip-phases": { type: "string", multiple: true, default: [] },
      "ignore-preflight-errors": { type: "string", multiple: true },
      rootfs: { type: "string", default: "/" },
    },
  });
  if (!values.config) throw new UsageError("the stand-in of kubeadm needs --config");
  const documents = readDocuments(values.config);
  const init = requireDocument(documents, "InitConfiguration", initConfigurationSchema);
  const cluster = requireDocument(documents, "ClusterConfiguration", clusterConfigurationSchema);
  const skipped = [...values["skip-phases"].flatMap((list) => list.split(",")), ...init.skipPhases];
  checkPhaseNames(skipped);
  const version = cluster.kubernetesVersion ?? kubernetesVersion();
  const run: InitRun = {
    init,
    cluster,
    kubelet: documents.has("KubeletConfiguration")
      ? requireDocument(documents, "KubeletConfiguration", kubeletConfigurationSchema)
      : {},
    paths: hostPaths(values.rootfs, cluster.certificatesDir),
    bootstrap: newBootstrapToken(),
    version: version.startsWith("v") ? version : `v${version}`,
    timeoutMs: parseDuration(init.timeouts.controlPlaneComponentHealthCheck ?? "") ?? DEFAULT_TIMEOUT_MS,
  };
  const [word, ...only] = positionals;
  if (word !== undefined && word !== "phase") throw new UsageError(`unknown command "${word}" for "kubeadm init"`);
  if (word === "phase") return await runPhase(run, only);
  process.stdout.write(`[init] Using Kubernetes version: ${run.version} (stand-in of the local cloud)\n`);
  for (const [name, phase] of Object.entries(PHASES)) {
    if (skipped.includes(name) || phase === undefined) continue;
    const startedAt = performance.now();
    for (const [part, work] of partsOf(phase)) if (!skipped.includes(`${name}/${part}`)) await work(run);
    process.stdout.write(`[${name}] done after ${Math.round(performance.now() - startedAt)} ms\n`);
  }
  process.stdout.write("\nYour Kubernetes control-plane has initialized successfully!\n");
  return 0;
}

function partsOf(phase: Phases[string]): [string, Phase][] {
  return typeof phase === "function" ? [["", phase]] : Object.entries(phase ?? {});
}

/** One phase alone: `upload-config all`, `addon coredns`, `mark-control-plane`. */
async function runPhase(run: InitRun, [name = "", part, ...rest]: readonly string[]): Promise<number> {
  checkPhaseNames([name]);
  const parts = partsOf(PHASES[name]);
  const meant = typeof PHASES[name] === "object" && part !== "all" ? parts.filter(([each]) => each === part) : parts;
  if (rest.length > 0 || (meant.length === 0 && parts.length > 0))
    throw new UsageError(`kubeadm init phase ${name}: one of all, ${parts.map(([each]) => each).join(", ")} is meant`);
  for (const [, work] of meant) await work(run);
  process.stdout.write(`[${name}] done\n`);
  return 0;
}

function checkPhaseNames(names: readonly string[]): void {
  const unknown = names.find((name) => !Object.hasOwn(PHASES, name.split("/")[0] ?? ""));
  if (unknown !== undefined) throw new UsageError(`invalid phase name: ${unknown}`);
}

/** As administrator through this host's own API server, tried for as long as a phase may take. */
async function inCluster(
  { init, paths, timeoutMs }: InitRun,
  use: (client: ApiClient) => Promise<void>,
): Promise<void> {
  await withLocalClient(init, paths, (client) => retryUntil(() => use(client), { timeoutMs, intervalMs: POLL_MS }));
}

/** Prints the token of the configuration, also where it was not put into the cluster, as the real program does. */
function showJoinCommand({ bootstrap: { token }, paths }: InitRun): void {
  const { server } = readKubeconfig(join(paths.kubernetes, "admin.conf"));
  const to = server.replace("https://", "");
  process.stdout.write(`\nkubeadm join ${to} --token ${token} --discovery-token-ca-cert-hash sha256:stand-in\n`);
}

async function waitForApiServer({ init, paths, timeoutMs }: InitRun): Promise<void> {
  await withLocalClient(init, paths, async (client) => {
    await retryUntil(
      async () => {
        const response = await client.raw("GET", "/readyz");
        if (response.status !== 200) throw toApiError(response);
      },
      { timeoutMs, intervalMs: POLL_MS },
    );
  });
}

/** Gives the own Node the role and the taint of a control plane, once its kubelet has registered it. */
async function markControlPlane({ init, paths, timeoutMs }: InitRun): Promise<void> {
  const taints = init.nodeRegistration.taints ?? [{ key: CONTROL_PLANE_ROLE, effect: "NoSchedule" }];
  const labels = {
    [CONTROL_PLANE_ROLE]: "",
    "node.kubernetes.io/exclude-from-external-load-balancers": "",
  };
  const patch = { metadata: { labels }, spec: { taints } };
  await withLocalClient(init, paths, async (client) => {
    await retryUntil(() => client.mergePatch(`/api/v1/nodes/${nodeName(init)}`, patch), {
      timeoutMs,
      intervalMs: POLL_MS,
    });
  });
}

/**
 * Makes a token and prints it, and lets its bearers be any node, as the real program does. It publishes no
 * `cluster-info`: nobody joins by a token here.
 */
async function createBootstrapToken(run: InitRun): Promise<void> {
  const { token, secret } = run.bootstrap;
  process.stdout.write(`[bootstrap-token] Using token: ${token}\n`);
  const roles = "system:certificates.k8s.io:certificatesigningrequests";
  await inCluster(run, async (client) => {
    const bind = (name: string, role: string, group: string) =>
      client.apply(`/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/${name}`, {
        metadata: { name },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role },
        subjects: [{ kind: "Group", name: group }],
      });
    await client.create("/api/v1/namespaces/kube-system/secrets", secret);
    await bind("kubeadm:node-autoapprove-bootstrap", `${roles}:nodeclient`, TOKEN_GROUP);
    await bind("kubeadm:node-autoapprove-certificate-rotation", `${roles}:selfnodeclient`, "system:nodes");
  });
}

/** A client of this host's own API server as administrator: the shared endpoint may lead nowhere yet. */
async function withLocalClient(init: InitConfiguration, paths: HostPaths, use: (client: ApiClient) => Promise<void>) {
  const administrator = readKubeconfig(join(paths.kubernetes, "admin.conf"));
  const client = new ApiClient({ ...administrator, server: localEndpoint(init) }, { timeoutMs: 5000 });
  try {
    await use(client);
  } finally {
    client.close();
  }
}
