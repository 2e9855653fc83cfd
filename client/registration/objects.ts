import type { ClusterView } from "../../functions/domain/api/views.ts";
import { LOCAL } from "../../functions/domain/fleet/fleet-records.ts";
import { counted } from "../../functions/domain/text/counted.ts";
import type { Credential } from "../credential-cache.ts";
import { INSTALL_HINT, PLUGIN_VERSION } from "../exec-credential.ts";
import { placedText } from "../placed-ref.ts";
import type { HubObject } from "./hub-cluster.ts";
import { metadataOf, type RegistrationSettings, type SelectedCluster } from "./plan-registration.ts";

/** What is written about a cluster; `credential` undefined: what was issued before is still good. */
export interface Registration {
  readonly cluster: SelectedCluster;
  readonly former: HubObject | undefined;
  readonly credential: Credential | undefined;
  /** Of the cluster's account for the tool, where it signs in by one. */
  readonly token?: string;
  readonly settings: RegistrationSettings;
  readonly now: Date;
}

export const COLLECTIONS = {
  argocd: (namespace: string) => `/api/v1/namespaces/${namespace}/secrets`,
  clusterprofile: (namespace: string) => `/apis/multicluster.x-k8s.io/v1alpha1/namespaces/${namespace}/clusterprofiles`,
} as const;

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

/** The Secret by which Argo CD knows a cluster. */
export function argoSecret({ cluster, former, credential, token, settings, now }: Registration): object {
  const data = credential
    ? {
        name: base64(placedText(cluster)),
        server: base64(credential.server),
        config: base64(JSON.stringify(argoConfig(cluster, credential, settings, token))),
      }
    : former?.["data"];
  return {
    ...{ apiVersion: "v1", kind: "Secret", type: "Opaque" },
    metadata: metadataOf(cluster, former, settings, credential && now),
    data,
  };
}

function argoConfig(
  cluster: SelectedCluster,
  credential: Credential,
  { auth, program }: RegistrationSettings,
  token: string | undefined,
) {
  const caData = base64(credential.certificateAuthority);
  if (token !== undefined) return { bearerToken: token, tlsClientConfig: { insecure: false, caData } };
  if (auth === "certificate") {
    const own = { certData: base64(credential.certificate), keyData: base64(credential.key) };
    return { tlsClientConfig: { insecure: false, caData, ...own } };
  }
  return {
    execProviderConfig: {
      apiVersion: PLUGIN_VERSION,
      command: program,
      args: ["credential", "--cluster", cluster.name],
      env: {
        HOLDFAST_API: cluster.api,
        // The tool's own token is for the hub alone.
        ...(cluster.endpoint === LOCAL ? {} : { HOLDFAST_REGION: cluster.region, HOLDFAST_TOKEN: "" }),
      },
      installHint: INSTALL_HINT,
    },
    tlsClientConfig: { insecure: false, caData },
  };
}

/** SIG Multicluster's description of a cluster. Its status is written apart. */
export function clusterProfile({ cluster, former, credential, settings, now }: Registration): object {
  return {
    ...{ apiVersion: "multicluster.x-k8s.io/v1alpha1", kind: "ClusterProfile" },
    metadata: metadataOf(cluster, former, settings, credential && now),
    spec: { displayName: placedText(cluster), clusterManager: { name: "holdfast" } },
  };
}

/** How a controller reaches it: by the exec plug-in that it has under the name `holdfast` (KEP-5339). */
export function profileStatus({ cluster, former, credential, now }: Registration): object {
  const { endpoint, name, view, api, region } = cluster;
  const named = { clusterName: name, ...(endpoint === LOCAL ? {} : { api, region }) };
  const known = former?.["status"];
  const before = isRecord(known) ? known : {};
  const provider = credential && {
    name: "holdfast",
    cluster: {
      server: credential.server,
      "certificate-authority-data": base64(credential.certificateAuthority),
      extensions: [{ name: "client.authentication.k8s.io/exec", extension: named }],
    },
  };
  // Its first name and its present one: a CRD drops the one that it does not know.
  const providers = provider ? { credentialProviders: [provider], accessProviders: [provider] } : {};
  return {
    ...before,
    conditions: [healthOf(view, before["conditions"], now)],
    version: { kubernetes: view.versions?.kubernetes ?? view.spec.kubernetesVersion },
    ...providers,
  };
}

function healthOf({ quorum, status }: ClusterView, former: unknown, now: Date) {
  const isHealthy = quorum.healthy >= quorum.needed;
  const next = {
    type: "ControlPlaneHealthy",
    status: isHealthy ? "True" : "False",
    reason: status,
    message: `${quorum.healthy} of ${counted(quorum.size, "master")} healthy`,
  };
  const [before] = Array.isArray(former) ? former : [];
  const same = isRecord(before) && before["status"] === next.status;
  const since = same && typeof before["lastTransitionTime"] === "string" ? before["lastTransitionTime"] : seconds(now);
  return { ...next, lastTransitionTime: since };
}

/** Kubernetes' times have no fractions of seconds. */
function seconds(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, "Z");
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
