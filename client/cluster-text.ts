import type { ClusterStatus, ClusterView, EventView, OperationView } from "../functions/domain/api/views.ts";
import { formatDuration } from "./durations.ts";
import { table } from "./tables.ts";
import { printable, type Style, type Terminal } from "./terminal.ts";

const STYLES: Readonly<Record<ClusterStatus, Style>> = {
  ACTIVE: "green",
  CREATING: "yellow",
  REPAIRING: "yellow",
  UPDATING: "yellow",
  DEGRADED: "red",
  FAILED: "red",
  DELETING: "dim",
  DELETED: "dim",
};

export function clustersText(clusters: readonly ClusterView[], terminal: Terminal): string {
  if (clusters.length === 0) return "no clusters\n";
  const head = ["NAME", "STATUS", "QUORUM", "NODES", "ZONES", "VERSION", "OPERATION"];
  const rows = clusters.map((cluster) => [
    cluster.name,
    cluster.status,
    quorumText(cluster),
    nodesText(cluster),
    [...new Set(cluster.members.map(({ zone }) => zone))].join(","),
    kubernetesOf(cluster),
    cluster.operation ?? "-",
  ]);
  return table(head, rows, terminal.columns);
}

/** One cluster in full: status, members, quorum, nodes. */
export function clusterText(cluster: ClusterView, terminal: Terminal): string {
  const members = cluster.members.map((member) => [
    member.name,
    member.zone,
    member.address,
    member.health,
    member.name === cluster.quorum.leader ? "leader" : "",
    member.instanceId ?? "-",
    member.volumeId ?? "-",
    member.certificatesUntil?.slice(0, 10) ?? "-",
  ]);
  const nodes = cluster.nodes.map((node) => [
    node.name,
    node.zone,
    node.ready ? "ready" : "not ready",
    node.instanceId,
  ]);
  return [
    `${terminal.paint("bold", cluster.name)}  ${terminal.paint(STYLES[cluster.status], cluster.status)}`,
    ...(cluster.reason ? [printable(cluster.reason)] : []),
    `endpoint ${cluster.endpoint ?? "-"}, Kubernetes ${kubernetesOf(cluster)}, operation ${cluster.operation ?? "-"}`,
    "",
    table(
      ["MEMBER", "ZONE", "ADDRESS", "HEALTH", "ROLE", "INSTANCE", "VOLUME", "CERTIFICATES UNTIL"],
      members,
      terminal.columns,
    ),
    `quorum ${quorumText(cluster)}`,
    "",
    nodes.length > 0 ? table(["NODE", "ZONE", "STATE", "INSTANCE"], nodes, terminal.columns) : "no nodes\n",
  ].join("\n");
}

export function operationsText(operations: readonly OperationView[], terminal: Terminal): string {
  if (operations.length === 0) return "no operations\n";
  const head = ["ID", "CLUSTER", "KIND", "STATUS", "STARTED", "TOOK", "LAST STEP"];
  const rows = operations.map((operation) => [
    operation.id,
    operation.cluster,
    operation.kind,
    operation.status,
    operation.startedAt,
    operation.finishedAt ? formatDuration(Date.parse(operation.finishedAt) - Date.parse(operation.startedAt)) : "-",
    operation.error?.message ?? operation.steps.at(-1)?.name ?? "-",
  ]);
  return table(head, rows, terminal.columns);
}

export function eventsText(events: readonly EventView[], terminal: Terminal): string {
  if (events.length === 0) return "no events\n";
  const rows = events.map(({ time, type, member, message, by }) => [
    time,
    type,
    member ?? "-",
    by ? `${message} By ${by.principal}, from ${by.sourceIp}.` : message,
  ]);
  return table(["TIME", "TYPE", "MEMBER", "MESSAGE"], rows, terminal.columns);
}

function kubernetesOf({ versions, spec }: ClusterView): string {
  return versions?.kubernetes ?? spec.kubernetesVersion;
}

/** `3/3, 2 needed, leader b`. */
export function quorumText({ quorum }: ClusterView): string {
  return `${quorum.healthy}/${quorum.size}, ${quorum.needed} needed, ${quorum.leader ? `leader ${quorum.leader}` : "no leader"}`;
}

/** `2/3 ready`. */
export function nodesText({ nodes, spec }: ClusterView): string {
  return `${nodes.filter((node) => node.ready).length}/${Math.max(spec.nodeCount, nodes.length)} ready`;
}
