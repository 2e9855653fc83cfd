import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { ApiClient } from "../common/api-client.ts";
import { type BootstrapToken, parseToken, verifySignature } from "../common/bootstrap-token.ts";
import { certificateHash } from "../common/certificate-hash.ts";
import { UsageError } from "../common/command.ts";
import { parseDuration } from "../common/duration.ts";
import { writePrivateFile } from "../common/files.ts";
import { type Connection, readClusterInfo, writeKubeconfig } from "../common/kubeconfig.ts";
import { configMapSchema } from "../common/objects.ts";
import { retryUntil } from "../common/polling.ts";
import { readDocuments, requireDocument } from "./config-file.ts";
import { type JoinConfiguration, joinConfigurationSchema } from "./config-schema.ts";
import { hostPaths } from "./host-paths.ts";
import { restartKubelet, writeKubeletFiles } from "./kubelet-service.ts";

/** kubeadm's defaults for both waits. A token that is not known yet may become so: the real program waits for it, too. */
const DEFAULT_TIMEOUT_MS = 5 * 60_000;
const POLL_MS = 500;
const KUBELET_POLL_MS = 50;
const REQUEST_TIMEOUT_MS = 5000;

/** Waiting cannot help: this is not the cluster that the configuration means. */
class ForeignClusterError extends Error {
  override readonly name = "ForeignClusterError";
}

/**
 * `kubeadm join --config FILE`: finds the cluster by token and pinned authority, starts the kubelet, and waits until this has
 * got itself a certificate.
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

  const { connection, version } = await discover(configuration);
  process.stdout.write(`[discovery] Found the cluster at ${connection.server}\n`);
  const kubeconfig = join(paths.kubernetes, "kubelet.conf");
  const token = configuration.discovery.tlsBootstrapToken ?? configuration.discovery.bootstrapToken.token;
  writePrivateFile(join(paths.certificates, "ca.crt"), connection.certificateAuthority ?? "");
  writePrivateFile(
    join(paths.kubernetes, "bootstrap-kubelet.conf"),
    writeKubeconfig("kubernetes", "tls-bootstrap-token-user", { ...connection, token }),
  );
  writeKubeletFiles(paths, configuration.nodeRegistration, { version });
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

/** Reads `cluster-info` without trust, proves it by the token's signature and the pin, and repeats with the authority found. */
async function discover(configuration: JoinConfiguration): Promise<{ connection: Connection; version: string }> {
  const { token, apiServerEndpoint, caCertHashes } = configuration.discovery.bootstrapToken;
  const server = `https://${apiServerEndpoint}`;
  return retryUntil(
    async () => {
      const clusterInfo = await readSignedClusterInfo(server, toToken(token));
      const { certificateAuthority } = clusterInfo;
      if (caCertHashes.length > 0 && !caCertHashes.includes(certificateHash(certificateAuthority))) {
        throw new ForeignClusterError(
          `cluster CA found in cluster-info ConfigMap is invalid: none of the public keys "${certificateHash(certificateAuthority)}" are pinned`,
        );
      }
      const connection = { server: clusterInfo.server, certificateAuthority };
      return { connection, version: await readVersion({ server, certificateAuthority }) };
    },
    {
      timeoutMs: parseDuration(configuration.timeouts.discovery ?? "") ?? DEFAULT_TIMEOUT_MS,
      intervalMs: POLL_MS,
      isFinal: (error) => error instanceof ForeignClusterError,
    },
  );
}

async function readSignedClusterInfo(server: string, token: BootstrapToken) {
  const path = "/api/v1/namespaces/kube-public/configmaps/cluster-info";
  const answer = await withClient({ server, insecure: true }, (client) => client.get(path));
  const configMap = configMapSchema.parse(answer);
  switch (verifySignature(configMap, token)) {
    case "missing":
      throw new Error(
        `could not find a JWS signature in the cluster-info ConfigMap for token ID "${token.id}": the token is invalid for this cluster or it has expired. Use "kubeadm token create" on the control-plane node to create a new valid token`,
      );
    case "invalid":
      throw new ForeignClusterError(
        "failed to verify JWS signature of received cluster info object, can't trust this API Server",
      );
    case "valid": {
      const clusterInfo = readClusterInfo(configMap.data["kubeconfig"] ?? "");
      if (!clusterInfo) throw new Error("couldn't parse the kubeconfig file in the cluster-info ConfigMap");
      return clusterInfo;
    }
  }
}

/** The real program reads the version from the ConfigMap kubeadm-config; the server's own is the same here. */
async function readVersion(connection: Connection): Promise<string> {
  const answer = await withClient(connection, (client) => client.get("/version"));
  return z.looseObject({ gitVersion: z.string() }).parse(answer).gitVersion;
}

function toToken(text: string): BootstrapToken {
  const token = parseToken(text);
  if (!token) throw new UsageError("the bootstrap token is invalid");
  return token;
}

async function withClient(connection: Connection, use: (client: ApiClient) => Promise<unknown>): Promise<unknown> {
  const client = new ApiClient(connection, { timeoutMs: REQUEST_TIMEOUT_MS });
  try {
    return await use(client);
  } finally {
    client.close();
  }
}
