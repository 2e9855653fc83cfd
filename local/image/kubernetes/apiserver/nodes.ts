import { type KubernetesObject, leaseSchema, type Node, nodeSchema } from "../common/objects.ts";
import type { Storage } from "./storage.ts";

const LEASES = "leases/kube-node-lease/";

/**
 * Nodes as they are now: where the lease is older than the grace period, `Ready` is `Unknown`. In Kubernetes the node
 * lifecycle controller writes this into the object; here it is worked out when somebody looks.
 */
export async function evaluateNodes(
  nodes: readonly KubernetesObject[],
  storage: Storage,
  gracePeriodMs: number,
): Promise<KubernetesObject[]> {
  const { objects } = await storage.list(LEASES);
  const renewals = new Map(objects.map((object) => [object.metadata.name, leaseSchema.parse(object).spec.renewTime]));
  return nodes.map((object) => {
    const node = nodeSchema.parse(object);
    const renewedAt = Date.parse(renewals.get(node.metadata.name) ?? node.metadata.creationTimestamp ?? "");
    return Date.now() - renewedAt > gracePeriodMs
      ? withUnknownReadiness(node, new Date(renewedAt + gracePeriodMs))
      : node;
  });
}

/** The words of the node lifecycle controller (kubernetes/kubernetes: pkg/controller/nodelifecycle). */
function withUnknownReadiness(node: Node, since: Date): Node {
  const conditions = node.status.conditions.map((condition) => ({
    ...condition,
    status: "Unknown",
    reason: "NodeStatusUnknown",
    message: "Kubelet stopped posting node status.",
    lastTransitionTime: since.toISOString(),
  }));
  return { ...node, status: { ...node.status, conditions } };
}
