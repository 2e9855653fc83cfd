import type { Resource } from "../apiserver/resources.ts";
import { type KubernetesObject, nodeSchema } from "../common/objects.ts";

const ROLE_PREFIX = "node-role.kubernetes.io/";

/** Columns as kubectl prints them: upper-case headings, three spaces between columns. */
export function printTable(
  resource: Resource,
  objects: readonly KubernetesObject[],
  options: { wide: boolean; showNamespace: boolean; showHeader: boolean },
): string {
  const rows = objects.map((object) => ({
    ...(options.showNamespace && { NAMESPACE: object.metadata.namespace ?? "" }),
    NAME: object.metadata.name ?? "",
    ...(resource.kind === "Node" && describeNode(object)),
    ...(resource.kind === "Namespace" && { STATUS: "Active" }),
    AGE: age(object.metadata.creationTimestamp),
    ...(resource.kind === "Node" && { VERSION: nodeSchema.parse(object).status.nodeInfo["kubeletVersion"] ?? "" }),
    ...(resource.kind === "Node" && options.wide && describeNodeWidely(object)),
  }));
  const headings = Object.keys(rows[0] ?? {});
  const cells = [...(options.showHeader ? [headings] : []), ...rows.map((row) => Object.values(row))];
  const widths = headings.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join("   ")
          .trimEnd()}\n`,
    )
    .join("");
}

function describeNode(object: KubernetesObject): Record<string, string> {
  const { metadata, spec, status } = nodeSchema.parse(object);
  const ready = status.conditions.find(({ type }) => type === "Ready")?.status;
  const readiness = ready === "True" ? "Ready" : "NotReady";
  const roles = Object.keys(metadata.labels ?? {})
    .filter((label) => label.startsWith(ROLE_PREFIX))
    .map((label) => label.slice(ROLE_PREFIX.length));
  return {
    STATUS: spec["unschedulable"] === true ? `${readiness},SchedulingDisabled` : readiness,
    ROLES: roles.join(",") || "<none>",
  };
}

function describeNodeWidely(object: KubernetesObject): Record<string, string> {
  const { status } = nodeSchema.parse(object);
  const internal = status.addresses.find(({ type }) => type === "InternalIP");
  return {
    "INTERNAL-IP": internal?.address ?? "<none>",
    "OS-IMAGE": status.nodeInfo["osImage"] ?? "<unknown>",
    "KERNEL-VERSION": status.nodeInfo["kernelVersion"] ?? "<unknown>",
    "CONTAINER-RUNTIME": status.nodeInfo["containerRuntimeVersion"] ?? "<unknown>",
  };
}

/** `42s`, `5m`, `3h`, `2d`. */
function age(creationTimestamp: string | null | undefined): string {
  const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(creationTimestamp ?? "")) / 1000));
  if (Number.isNaN(seconds)) return "<unknown>";
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}
