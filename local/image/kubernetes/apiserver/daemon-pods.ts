import { daemonSetSchema, type KubernetesObject } from "../common/objects.ts";
import type { Resource } from "./resources.ts";
import type { Storage } from "./storage.ts";

const DAEMON_SETS = "daemonsets/";
const NODES = "minions/";

/**
 * A pod on every node for each DaemonSet. In Kubernetes a controller and the scheduler make them; here they are worked out
 * when somebody looks, and as nothing runs them, they say so.
 */
export async function listDaemonPods(
  storage: Storage,
  resource: Resource,
  namespace: string | undefined,
): Promise<KubernetesObject[]> {
  const [sets, nodes] = await Promise.all([storage.list(DAEMON_SETS), storage.list(NODES)]);
  return sets.objects
    .map((object) => daemonSetSchema.parse(object))
    .filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace)
    .flatMap(({ metadata, spec }) =>
      nodes.objects.map((node) => ({
        apiVersion: resource.version,
        kind: resource.kind,
        metadata: {
          name: `${metadata.name}-${node.metadata.name}`,
          namespace: metadata.namespace,
          uid: `${metadata.uid}-${node.metadata.uid}`,
          creationTimestamp: node.metadata.creationTimestamp,
          labels: spec.template.metadata.labels,
          ownerReferences: [
            { apiVersion: "apps/v1", kind: "DaemonSet", name: metadata.name, uid: metadata.uid, controller: true },
          ],
        },
        spec: { ...spec.template.spec, nodeName: node.metadata.name },
        status: { phase: "Pending", message: "the local cloud runs no pods" },
      })),
    );
}
