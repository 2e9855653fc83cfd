import type { ApiClient } from "../common/api-client.ts";
import { objectListSchema } from "../common/objects.ts";

/** DaemonSets of pod networks, by the name that each has in its own release. */
const NETWORKS = ["aws-node", "calico-node", "cilium", "kindnet", "kube-flannel-ds"];

/**
 * Whether a pod that makes a network was put on this node. The real kubelet learns it from its container runtime, to which
 * such a pod gives a configuration; here no pod runs.
 */
export async function hasPodNetwork(client: ApiClient, nodeName: string): Promise<boolean> {
  const own = encodeURIComponent(`spec.nodeName=${nodeName}`);
  const { items } = objectListSchema.parse(await client.get(`/api/v1/pods?fieldSelector=${own}`));
  return items.some(({ metadata }) => NETWORKS.some((network) => metadata.name?.startsWith(`${network}-`)));
}
