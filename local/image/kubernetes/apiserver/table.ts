import { type KubernetesObject, kubernetesObjectSchema, nodeSchema, objectListSchema } from "../common/objects.ts";
import type { Resource } from "./resources.ts";

const ROLE_PREFIX = "node-role.kubernetes.io/";

/** A column as clients print it; those of priority 1 only where they were asked for more. */
interface Column {
  readonly name: string;
  readonly priority: 0 | 1;
  readonly cell: (object: KubernetesObject) => string;
}

function column(name: string, cell: Column["cell"], priority: Column["priority"] = 0): Column {
  return { name, priority, cell };
}

const NAME = column("Name", ({ metadata }) => metadata.name ?? "");
const AGE = column("Age", ({ metadata }) => age(metadata.creationTimestamp));

const COLUMNS: Readonly<Record<string, readonly Column[]>> = {
  Namespace: [NAME, column("Status", () => "Active"), AGE],
  Node: [
    NAME,
    column("Status", nodeStatus),
    column("Roles", nodeRoles),
    AGE,
    column("Version", nodeFact("kubeletVersion")),
    column("Internal-IP", internalAddress, 1),
    column("OS-Image", nodeFact("osImage"), 1),
    column("Kernel-Version", nodeFact("kernelVersion"), 1),
    column("Container-Runtime", nodeFact("containerRuntimeVersion"), 1),
  ],
};

/** Whether a client wants rows to print in place of objects, as kubectl does without `-o`. */
export function wantsTable(accept = ""): boolean {
  return accept.split(",").some((type) => /;as=Table;v=v1;g=meta\.k8s\.io$/.test(type.trim()));
}

/** The Table of `meta.k8s.io/v1` of an answer: of one object, or of a list of them. */
export function tableOf(resource: Resource, answer: unknown): unknown {
  const list = objectListSchema.safeParse(answer);
  const objects = list.success ? list.data.items : [kubernetesObjectSchema.parse(answer)];
  const columns = COLUMNS[resource.kind] ?? [NAME, AGE];
  return {
    kind: "Table",
    apiVersion: "meta.k8s.io/v1",
    metadata: {},
    columnDefinitions: columns.map(({ name, priority }) => {
      return { name, priority, type: "string", format: name === "Name" ? "name" : "", description: "" };
    }),
    rows: objects.map((object) => ({
      cells: columns.map(({ cell }) => cell(object)),
      object: { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata: object.metadata },
    })),
  };
}

function nodeStatus(object: KubernetesObject): string {
  const { spec, status } = nodeSchema.parse(object);
  const isReady = status.conditions.find(({ type }) => type === "Ready")?.status === "True";
  const readiness = isReady ? "Ready" : "NotReady";
  return spec["unschedulable"] === true ? `${readiness},SchedulingDisabled` : readiness;
}

function nodeRoles({ metadata }: KubernetesObject): string {
  const roles = Object.keys(metadata.labels ?? {}).filter((label) => label.startsWith(ROLE_PREFIX));
  return roles.map((label) => label.slice(ROLE_PREFIX.length)).join(",") || "<none>";
}

function nodeFact(name: string): Column["cell"] {
  return (object) => nodeSchema.parse(object).status.nodeInfo[name] ?? "<unknown>";
}

function internalAddress(object: KubernetesObject): string {
  const { status } = nodeSchema.parse(object);
  return status.addresses.find(({ type }) => type === "InternalIP")?.address ?? "<none>";
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
