import { isDeepStrictEqual } from "node:util";
import { spreadNodes } from "../plan/plan.ts";
import { SPEC_FLAGS } from "./fields.ts";
import type { ClusterSpec, Problem } from "./spec.ts";
import { quote } from "./values.ts";

export type ChangeableField = Exclude<keyof ClusterSpec, "version">;
type Value = ClusterSpec[ChangeableField];

/** One field that will be another, and what that does to what exists. `null` stands for "not given". */
export interface SpecChange {
  readonly field: ChangeableField;
  readonly from: NonNullable<Value> | null;
  readonly to: NonNullable<Value> | null;
  /** What is created, changed or removed, when, and what is not: a phrase for people. */
  readonly effect: string;
}

export type ChangeResult =
  | { readonly ok: true; readonly changes: readonly SpecChange[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Either what a change of the field does, or why it cannot be had in place. */
type Rule = { readonly effect: (from: ClusterSpec, to: ClusterSpec) => string } | { readonly refusal: string };

/** Every field needs a rule; the types require one for a new field. */
const RULES: Readonly<Record<ChangeableField, Rule>> = {
  name: { refusal: "a cluster keeps its name" },
  region: { refusal: "a cluster stays in its region" },
  zones: { refusal: "subnets, routes and load balancer are laid out for the zones at creation" },
  masterZones: { refusal: "members of etcd come and go one at a time, which is a migration and not an update" },
  nodeCount: { effect: effectOfCount },
  nodeSize: { effect: effectOfSize },
  masterSize: { effect: ({ masterSize }) => `at each master's next replacement; until then it stays ${masterSize}` },
  masterSizeFallbacks: { effect: () => "when a master's own type cannot be had; what runs stays" },
  masterZoneFallback: { effect: effectOfZoneFallback },
  masterZoneFallbackMinutes: { effect: () => "from now on, counted from the first launch that failed" },
  topology: { refusal: "instances would have to move to other subnets" },
  networking: { refusal: "pods would be without a network while it is exchanged" },
  networkCidr: { refusal: "every address in the VPC is made from it at creation" },
  apiLoadBalancerType: { refusal: "the load balancer's name stands in certificates and kubeconfigs" },
  adminAccess: { refusal: "a load balancer gets its security group when it is made" },
  dnsZone: { refusal: "the API's name stands in certificates and kubeconfigs" },
  nodeSecurityGroups: { effect: () => "at once on the nodes that run, and on those to come" },
  masterSecurityGroups: { effect: () => "at once on the masters' network interfaces" },
  cloudLabels: { refusal: "the tags of what exists are not rewritten" },
  image: { refusal: "the image is pinned at creation, so that a repair is never an upgrade" },
  kubernetesVersion: { refusal: "an upgrade replaces one machine after the other, which an update does not" },
  etcdVolumeGiB: { refusal: "a member's volume is made once and outlives its instances" },
};

const FIELDS = Object.keys(RULES).filter(isChangeable);

/** Fields whose change reaches the masters' launch templates and interfaces; the others concern nodes alone. */
export const MASTER_FIELDS: ReadonlySet<string> = new Set<ChangeableField>(["masterSize", "masterSecurityGroups"]);

/** Fields that a repair under way goes by at once. */
export const REPAIR_FIELDS: ReadonlySet<string> = new Set<ChangeableField>([
  "masterZoneFallback",
  "masterZoneFallbackMinutes",
]);

/**
 * How two specs differ, and whether a running cluster can follow; all that it cannot do at once, as for a refused spec.
 */
export function evaluateChange(from: ClusterSpec, to: ClusterSpec): ChangeResult {
  const differing = FIELDS.filter((field) => !isSame(field, from, to));
  const problems = differing.flatMap((field) => {
    const rule = RULES[field];
    return "refusal" in rule ? [refusalOf(field, from, to, rule.refusal)] : [];
  });
  if (problems.length > 0) return { ok: false, problems };
  const changes = differing.flatMap((field): SpecChange[] => {
    const rule = RULES[field];
    if ("refusal" in rule) return [];
    return [{ field, from: from[field] ?? null, to: to[field] ?? null, effect: rule.effect(from, to) }];
  });
  return { ok: true, changes };
}

/** The flag under which a field is spoken of. */
export function flagOfField(field: ChangeableField): string {
  return field === "region" ? "region" : SPEC_FLAGS[field][0];
}

/** A field's value as it would be typed. */
export function valueText(value: SpecChange["from"]): string {
  if (value === null) return "";
  if (typeof value !== "object") return String(value);
  if (Array.isArray(value)) return value.join(",");
  if ("requested" in value) return value.requested;
  return Object.entries(value)
    .map(([key, text]) => `${key}=${text}`)
    .join(",");
}

/** Networks are compared by the one that is used: asking for it by its own name changes nothing. */
function isSame(field: ChangeableField, from: ClusterSpec, to: ClusterSpec): boolean {
  if (field === "networking") return from.networking.used === to.networking.used;
  return isDeepStrictEqual(from[field], to[field]);
}

function refusalOf(field: ChangeableField, from: ClusterSpec, to: ClusterSpec, reason: string): Problem {
  const flag = flagOfField(field);
  const value = valueText(to[field] ?? null);
  const message = `${flag}: ${quote(valueText(from[field] ?? null))} cannot become ${quote(value)}: ${reason}`;
  return { flag, value, message };
}

function effectOfCount(from: ClusterSpec, to: ClusterSpec): string {
  const before = new Map(spreadNodes(from.nodeCount, from.zones).map(({ zone, count }) => [zone, count]));
  const moves = spreadNodes(to.nodeCount, to.zones)
    .filter(({ zone, count }) => before.get(zone) !== count)
    .map(({ zone, count }) => `${zone} ${before.get(zone) ?? 0} → ${count}`);
  const leaving = to.nodeCount < from.nodeCount ? "; those that go are ended without being drained" : "";
  return `${moves.join(", ")}${leaving}`;
}

function effectOfSize({ nodeCount, nodeSize }: ClusterSpec): string {
  if (nodeCount === 0) return "from the first node on";
  return `on nodes launched from now on; those that run stay ${nodeSize} until they are replaced`;
}

function effectOfZoneFallback(_: ClusterSpec, { masterZoneFallback }: ClusterSpec): string {
  return masterZoneFallback === "move"
    ? "from now on a master whose zone launches nothing for long moves to another zone"
    : "from now on a master waits for its zone; one that has moved stays where it is";
}

function isChangeable(field: string): field is ChangeableField {
  return Object.hasOwn(RULES, field);
}
