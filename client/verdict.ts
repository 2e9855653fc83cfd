import type { ClusterView } from "../functions/domain/api/views.ts";
import { counted, isOrAre } from "../functions/domain/text/counted.ts";

/** Is all of a cluster as it should be? `reasons` says what is not, one phrase each. */
export interface ClusterVerdict {
  readonly ok: boolean;
  readonly reasons: readonly string[];
}

/** A valid cluster is ACTIVE, healthy and of one mind; its API servers and nodes are ready, and nothing of it is missing. */
export function judgeCluster(cluster: ClusterView): ClusterVerdict {
  const { status, quorum, members, nodes, spec } = cluster;
  const unhealthy = members.filter((member) => member.health !== "healthy").map((member) => member.name);
  const withoutApi = members.filter(({ apiServer }) => apiServer === "not-ready").map(({ name }) => name);
  const ready = nodes.filter((node) => node.ready).length;
  const reasons = [
    status === "ACTIVE" ? "" : `status is ${status}${cluster.reason ? ` (${cluster.reason})` : ""}`,
    quorum.healthy < quorum.size || unhealthy.length > 0
      ? `${quorum.healthy} of ${quorum.size} members healthy${unhealthy.length > 0 ? `, not: ${unhealthy.join(", ")}` : ""}`
      : "",
    quorum.healthy < quorum.needed
      ? `no quorum: ${counted(quorum.needed, "member")} ${isOrAre(quorum.needed)} needed`
      : "",
    withoutApi.length > 0 ? `API server not ready: ${withoutApi.join(", ")}` : "",
    ready < Math.max(spec.nodeCount, nodes.length) ? `${ready} of ${spec.nodeCount} nodes ready` : "",
    ...cluster.drift.map(({ message }) => message),
  ].filter((reason) => reason !== "");
  return { ok: reasons.length === 0, reasons };
}
