import { stringify } from "yaml";
import { type ApiClient, isReason } from "../common/api-client.ts";
import { deploymentSchema } from "../common/objects.ts";
import type { ClusterConfiguration } from "./config-schema.ts";

const SYSTEM = "/api/v1/namespaces/kube-system/configmaps";
const WORKLOADS = "/apis/apps/v1/namespaces/kube-system";

/** What kubeadm's phases know of the cluster; `version` is `v1.36.2`. */
interface Wanted {
  readonly cluster: ClusterConfiguration;
  readonly version: string;
}

/** `upload-config kubeadm`: the ConfigMap is replaced (kubernetes: cmd/kubeadm/app/phases/uploadconfig). */
export async function uploadKubeadmConfig(client: ApiClient, { cluster, version }: Wanted): Promise<void> {
  const ClusterConfiguration = stringify({ ...cluster, kubernetesVersion: version });
  await createOrUpdate(client, SYSTEM, configMap("kubeadm-config", { ClusterConfiguration }));
}

/** `upload-config kubelet`: likewise. */
export async function uploadKubeletConfig(client: ApiClient, kubelet: object): Promise<void> {
  const text = stringify({ apiVersion: "kubelet.config.k8s.io/v1beta1", kind: "KubeletConfiguration", ...kubelet });
  await createOrUpdate(client, SYSTEM, configMap("kubelet-config", { kubelet: text }));
}

/** `addon coredns`: the Deployment goes back to kubeadm's template but for its replicas; a Corefile that is there stays. */
export async function installCoreDns(client: ApiClient, { cluster }: Wanted): Promise<void> {
  await createUnlessThere(client, SYSTEM, configMap("coredns", { Corefile: ".:53 {\n    errors\n}\n" }));
  const former = await find(client, `${WORKLOADS}/deployments/coredns`);
  const replicas = former === undefined ? 2 : (deploymentSchema.parse(former).spec.replicas ?? 2);
  const container = {
    name: "coredns",
    image: `${cluster.imageRepository}/coredns/coredns:v1.14.1`,
    resources: { limits: { memory: "170Mi" }, requests: { cpu: "100m", memory: "70Mi" } },
  };
  await createOrUpdate(client, `${WORKLOADS}/deployments`, workload("Deployment", "coredns", container, { replicas }));
}

/** `addon kube-proxy`: ConfigMap and DaemonSet go back to kubeadm's template. */
export async function installKubeProxy(client: ApiClient, { cluster, version }: Wanted): Promise<void> {
  const configuration = {
    apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
    kind: "KubeProxyConfiguration",
    clusterCIDR: cluster.networking.podSubnet ?? "",
    mode: "",
  };
  const server = `https://${cluster.controlPlaneEndpoint}`;
  const kubeconfig = { apiVersion: "v1", kind: "Config", clusters: [{ name: "default", cluster: { server } }] };
  const files = { "config.conf": stringify(configuration), "kubeconfig.conf": stringify(kubeconfig) };
  await createOrUpdate(client, SYSTEM, configMap("kube-proxy", files));
  const container = { name: "kube-proxy", image: `${cluster.imageRepository}/kube-proxy:${version}` };
  await createOrUpdate(client, `${WORKLOADS}/daemonsets`, workload("DaemonSet", "kube-proxy", container, {}));
}

interface Named {
  readonly metadata: { readonly name: string };
}

/** kubeadm's apiclient.CreateOrUpdate: what somebody else has set in the object is lost. */
async function createOrUpdate(client: ApiClient, collection: string, object: Named): Promise<void> {
  try {
    await client.create(collection, object);
  } catch (error) {
    if (!isReason(error, "AlreadyExists")) throw error;
    await client.update(`${collection}/${object.metadata.name}`, object);
  }
}

async function createUnlessThere(client: ApiClient, collection: string, object: Named): Promise<void> {
  await client.create(collection, object).catch((error: unknown) => {
    if (!isReason(error, "AlreadyExists")) throw error;
  });
}

async function find(client: ApiClient, path: string): Promise<unknown> {
  return await client.get(path).catch((error: unknown) => {
    if (isReason(error, "NotFound")) return undefined;
    throw error;
  });
}

function configMap(name: string, data: Record<string, string>) {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace: "kube-system" },
    data,
  };
}

function workload(kind: string, name: string, container: object, more: object) {
  const labels = { "k8s-app": name };
  const spec = { containers: [container], tolerations: [{ operator: "Exists" }] };
  return {
    apiVersion: "apps/v1",
    kind,
    metadata: { name, namespace: "kube-system", labels },
    spec: { ...more, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  };
}
