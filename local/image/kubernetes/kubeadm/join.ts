import { existsSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { parse } from "yaml";
import { z } from "zod";
import { ApiClient, isReason, toApiError } from "../common/api-client.ts";
import { UsageError } from "../common/command.ts";
import { parseDuration } from "../common/duration.ts";
import { writePrivateFile } from "../common/files.ts";
import { type Connection, readKubeconfig, writeKubeconfig } from "../common/kubeconfig.ts";
import { configMapSchema, nodeSchema } from "../common/objects.ts";
import { retryUntil } from "../common/polling.ts";
import { readDocuments, requireDocument } from "./config-file.ts";
import { type JoinConfiguration, joinConfigurationSchema, kubeletConfigurationSchema } from "./config-schema.ts";
import { hostPaths } from "./host-paths.ts";
import { restartKubelet, writeKubeletFiles } from "./kubelet-service.ts";

/** kubeadm's defaults for both waits. */
const DEFAULT_TIMEOUT_MS = 5 * 60_000;
const POLL_MS = 500;
const KUBELET_POLL_MS = 50;
const REQUEST_TIMEOUT_MS = 5000;

/**
 * `kubeadm join --config FILE`: finds the cluster by the discovery file, starts the kubelet with that as its bootstrap, and waits
 * until it has got itself a certificate.
 */
export async function runJoin(argv: string[]): Promise<number> {
  const { values } = parseArgs({
    args: argv,
    options: {
      config: { type: "string" },
      "ignore-preflight-errors": { type: "string", multiple: true },
      rootfs: { type: "string", default: "/" },
    },
  });
  if (!values.config) throw new UsageError("the stand-in of kubeadm needs --config");
  const documents = readDocuments(values.config);
  const configuration = requireDocument(documents, "JoinConfiguration", joinConfigurationSchema);
  const paths = hostPaths(values.rootfs);

  const connection = await discover(configuration);
  await refuseTakenName(connection, configuration.nodeRegistration.name ?? hostname());
  process.stdout.write(`[discovery] Found the cluster at ${connection.server}\n`);
  const kubeconfig = join(paths.kubernetes, "kubelet.conf");
  writePrivateFile(join(paths.certificates, "ca.crt"), connection.certificateAuthority ?? "");
  writePrivateFile(
    join(paths.kubernetes, "bootstrap-kubelet.conf"),
    writeKubeconfig("kubernetes", "tls-bootstrap", connection),
  );
  writeKubeletFiles(paths, configuration.nodeRegistration, await readClusterConfiguration(connection));
  restartKubelet();
  await retryUntil(
    async () => {
      if (!existsSync(kubeconfig)) throw new Error("the kubelet has no certificate yet");
    },
    {
      timeoutMs: parseDuration(configuration.timeouts.tlsBootstrap ?? "") ?? DEFAULT_TIMEOUT_MS,
      intervalMs: KUBELET_POLL_MS,
    },
  );
  rmSync(join(paths.kubernetes, "bootstrap-kubelet.conf"));
  process.stdout.write("[kubelet-start] Starting the kubelet\n\nThis node has joined the cluster.\n");
  return 0;
}

/**
 * As whom the discovery file says to join, once the API server takes that. The real program asks for `cluster-info`, and goes
 * on where it may not read it; where it may and there is none, it waits for it in vain.
 */
async function discover({ discovery, timeouts }: JoinConfiguration): Promise<Connection> {
  const connection = readKubeconfig(discovery.file.kubeConfigPath);
  if (!connection.clientCertificate || !connection.clientKey)
    throw new UsageError("could not find authentication credentials for the TLS bootstrap process");
  const ask = async (client: ApiClient) => {
    const answer = await client.raw("GET", "/api/v1/namespaces/kube-public/configmaps/cluster-info");
    if (answer.status !== 200 && answer.status !== 403) throw toApiError(answer);
  };
  await retryUntil(() => withClient(connection, ask), {
    timeoutMs: parseDuration(timeouts.discovery ?? "") ?? DEFAULT_TIMEOUT_MS,
    intervalMs: POLL_MS,
  });
  return connection;
}

/** A Node of this name that is Ready belongs to somebody else. */
async function refuseTakenName(connection: Connection, name: string): Promise<void> {
  await withClient(connection, async (client) => {
    const node = await client.get(`/api/v1/nodes/${name}`).catch((error: unknown) => {
      if (isReason(error, "NotFound")) return undefined;
      throw error;
    });
    const { conditions } = nodeSchema.parse(node ?? {}).status;
    if (conditions.some(({ type, status }) => type === "Ready" && status === "True"))
      throw new Error(`a Node with name "${name}" and status "Ready" already exists in the cluster`);
  });
}

/**
 * What the cluster's ConfigMaps say, which are there once `init` or its phase has uploaded them: the version, and the
 * kubelet's configuration. Of that, where manifests and credentials lie is each host's own.
 */
async function readClusterConfiguration(connection: Connection): Promise<{ version: string; configuration: object }> {
  return await withClient(connection, async (client) => {
    const read = async (name: string) =>
      configMapSchema.parse(await client.get(`/api/v1/namespaces/kube-system/configmaps/${name}`)).data;
    const cluster: unknown = parse((await read("kubeadm-config"))["ClusterConfiguration"] ?? "");
    const kubelet: unknown = parse((await read("kubelet-config"))["kubelet"] ?? "");
    return {
      version: z.looseObject({ kubernetesVersion: z.string() }).parse(cluster).kubernetesVersion,
      configuration: kubeletConfigurationSchema.parse(kubelet),
    };
  });
}

async function withClient<T>(connection: Connection, use: (client: ApiClient) => Promise<T>): Promise<T> {
  const client = new ApiClient(connection, { timeoutMs: REQUEST_TIMEOUT_MS });
  try {
    return await use(client);
  } finally {
    client.close();
  }
}
