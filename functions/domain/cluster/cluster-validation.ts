import type { ClusterOutline } from "../api/views.ts";
import { counted, isOrAre } from "../text/counted.ts";

/** Whether a cluster is valid. `reasons` has one phrase for each problem. */
export interface ClusterValidation {
  readonly ok: boolean;
  readonly reasons: readonly string[];
}

/**
 * A valid cluster is ACTIVE and healthy, its members agree, its API servers and nodes are ready, and nothing is
 * missing.
 */
export function evaluateCluster(cluster: ClusterOutline): ClusterValidation {
  const { status, quorum, members, nodes, spec } = cluster;
  const unhealthy = members.filter((member) => member.health !== "healthy").map((member) => member.name);
  const withoutApi = members.filter(({ apiServer }) => apiServer === "not-ready").map(({ name }) => name);
  const ready = nodes.filter((node) => node.ready).length;
  const reasons = [
    status === "ACTIVE" ? "" : `status is ${status}${cluster.reason ? ` (${cluster.reason})` : ""}`,
    quorum.healthy < quorum.size || unhealthy.length > 0
      ? `${quorum.healthy} of ${counted(quorum.size, "member")} healthy${unhealthy.length > 0 ? `, not: ${unhealthy.join(", ")}` : ""}`
      : "",
    quorum.healthy < quorum.needed
      ? `no quorum: ${counted(quorum.needed, "member")} ${isOrAre(quorum.needed)} needed`
      : "",
    withoutApi.length > 0 ? `API server not ready: ${withoutApi.join(", ")}` : "",
    ready < Math.max(spec.nodeCount, nodes.length) ? `${ready} of ${counted(spec.nodeCount, "node")} ready` : "",
    ...cluster.drift.map(({ message }) => message),
    ...(cluster.backup?.problems ?? []),
  ].filter((reason) => reason !== "");
  return { ok: reasons.length === 0, reasons };
}
