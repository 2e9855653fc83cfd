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
}

type Phase = (run: InitRun) => Promise<void> | void;

/** The phases of `kubeadm init` in its order. Those without a function are accepted and have nothing to do here. */
const PHASES: Readonly<Record<string, Phase | undefined>> = {
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
  "upload-config": undefined,
  "upload-certs": undefined,
  "mark-control-plane": markControlPlane,
  "bootstrap-token": createBootstrapToken,
  "kubelet-finalize": undefined,
  addon: undefined,
  "show-join-command": undefined,
};

/**
 * `kubeadm init --config FILE [--skip-phases a,b]`. May be repeated: certificates and kubeconfigs are issued anew, what
 * lies in the cluster is left as it is.
 */
export async function runInit(argv: string[]): Promise<number> {
  const { values } = parseArgs({
    args: argv,
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
    version: version.startsWith("v") ? version : `v${version}`,
    timeoutMs: parseDuration(init.timeouts.controlPlaneComponentHealthCheck ?? "") ?? DEFAULT_TIMEOUT_MS,
  };
  process.stdout.write(`[init] Using Kubernetes version: ${run.version} (stand-in of the local cloud)\n`);
  for (const [name, phase] of Object.entries(PHASES)) {
    if (skipped.includes(name)) continue;
    const startedAt = performance.now();
    await phase?.(run);
    if (phase) process.stdout.write(`[${name}] done after ${Math.round(performance.now() - startedAt)} ms\n`);
  }
  process.stdout.write("\nYour Kubernetes control-plane has initialized successfully!\n");
  return 0;
}

function checkPhaseNames(names: readonly string[]): void {
  // `addon/kube-proxy` skips a part of a phase; none of those parts does anything here.
  const unknown = names.find((name) => !Object.hasOwn(PHASES, name.split("/")[0] ?? ""));
  if (unknown !== undefined) throw new UsageError(`invalid phase name: ${unknown}`);
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
 * Makes a token and prints it, and lets its bearers be any node, as the real program does. It publishes no `cluster-info`: nobody
 * joins by a token here.
 */
async function createBootstrapToken({ init, paths, timeoutMs }: InitRun): Promise<void> {
  const { token, secret } = newBootstrapToken();
  process.stdout.write(`[bootstrap-token] Using token: ${token}\n`);
  const roles = "system:certificates.k8s.io:certificatesigningrequests";
  await withLocalClient(init, paths, async (client) => {
    const bind = (name: string, role: string, group: string) =>
      client.apply(`/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/${name}`, {
        metadata: { name },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role },
        subjects: [{ kind: "Group", name: group }],
      });
    const create = async () => {
      await client.create("/api/v1/namespaces/kube-system/secrets", secret);
      await bind("kubeadm:node-autoapprove-bootstrap", `${roles}:nodeclient`, TOKEN_GROUP);
      await bind("kubeadm:node-autoapprove-certificate-rotation", `${roles}:selfnodeclient`, "system:nodes");
    };
    await retryUntil(create, { timeoutMs, intervalMs: POLL_MS });
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
