import { DEFAULT_NETWORK_CIDR } from "../network/networks.ts";
import { DEFAULT_KUBERNETES_VERSION } from "../releases/versions.ts";
import { FIELDS } from "./field-table.ts";
import { fieldOfPath } from "./fields.ts";
import type { RefusedSpec } from "./parse-spec.ts";
import type { ClusterSpec, Problem } from "./spec.ts";

/** What stands for the parts of a refused spec that could not be read. */
const STAND_IN: ClusterSpec = {
  version: 1,
  name: "",
  region: "",
  zones: [],
  masterZones: [],
  nodeCount: 0,
  nodeSize: FIELDS.nodeSize.default,
  masterSize: FIELDS.masterSize.default,
  topology: "public",
  networking: { requested: "cilium", used: "cilium" },
  networkCidr: DEFAULT_NETWORK_CIDR,
  nodeSecurityGroups: [],
  masterSecurityGroups: [],
  cloudLabels: {},
  kubernetesVersion: DEFAULT_KUBERNETES_VERSION,
  etcdVolumeGiB: FIELDS.etcdVolumeGiB.default,
};

/** A spec to hold against the account; undefined if too little of it could be read. */
export function checkableSpec({ read }: RefusedSpec): ClusterSpec | undefined {
  return read?.zones === undefined ? undefined : { ...STAND_IN, ...read };
}

const PLANNED: readonly (keyof ClusterSpec)[] = [
  ...(["name", "region", "zones", "masterZones", "nodeCount", "nodeSize", "masterSize"] as const),
  ...(["topology", "networking", "networkCidr", "kubernetesVersion", "etcdVolumeGiB"] as const),
];

/** Whether it has all that a plan is made of, and room for it; then its quotas can be checked too. */
export function isPlannable({ read = {}, problems }: RefusedSpec): boolean {
  const refused = new Set(problems.map(({ flag }) => fieldOfPath(flag)));
  return PLANNED.every((field) => read[field] !== undefined) && !refused.has("zones") && !refused.has("networkCidr");
}

/** Those of the account's problems that are about what was read, and not about a value that was refused already. */
export function furtherProblems({ read = {}, problems }: RefusedSpec, ofAccount: readonly Problem[]): Problem[] {
  const placeOf = ({ flag, value }: Problem) => `${fieldOfPath(flag) ?? flag} ${value}`;
  const reported = new Set(problems.map(placeOf));
  return ofAccount.filter((problem) => {
    const field = fieldOfPath(problem.flag);
    const wasRead = field === undefined || field === "masterCount" || (field in read && field !== "cloud");
    return wasRead && !reported.has(placeOf(problem));
  });
}
