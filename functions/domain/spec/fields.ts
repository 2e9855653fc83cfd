import type { Problem } from "./spec.ts";
import { type Findings, type Given, quote, shown } from "./values.ts";

/** A flag as it was typed, dashes included; the positional cluster name is the flag `NAME`. */
export interface RawFlag {
  readonly flag: string;
  readonly value: string;
}

/** Every field of a request, with the spellings of its flag; the first one is used in messages when none was given. */
export const SPEC_FLAGS = {
  name: ["NAME", "--name", "KOPS_CLUSTER_NAME"],
  zones: ["--zones"],
  masterZones: ["--master-zones", "--control-plane-zones"],
  masterCount: ["--master-count", "--control-plane-count"],
  nodeCount: ["--node-count", "--count"],
  nodeSize: ["--node-size"],
  masterSize: ["--master-size", "--control-plane-size"],
  masterSizeFallbacks: ["--master-size-fallbacks", "--control-plane-size-fallbacks"],
  masterZoneFallback: ["--master-zone-fallback", "--control-plane-zone-fallback"],
  masterZoneFallbackMinutes: ["--master-zone-fallback-minutes", "--control-plane-zone-fallback-minutes"],
  topology: ["--topology"],
  networking: ["--networking"],
  networkCidr: ["--network-cidr"],
  dnsZone: ["--dns-zone"],
  apiLoadBalancerType: ["--api-loadbalancer-type"],
  adminAccess: ["--admin-access"],
  nodeSecurityGroups: ["--node-security-groups"],
  masterSecurityGroups: ["--master-security-groups", "--control-plane-security-groups"],
  cloudLabels: ["--cloud-labels"],
  image: ["--image"],
  kubernetesVersion: ["--kubernetes-version"],
  etcdVolumeGiB: ["--etcd-volume-size"],
  cloud: ["--cloud"],
  state: ["--state"],
} as const;

export type SpecField = keyof typeof SPEC_FLAGS;
export type SpecFields = { readonly [F in SpecField]?: Given };

/** Repeated, these add up; any other flag's last value counts, as in kops. */
const LISTS: ReadonlySet<string> = new Set<SpecField>([
  "zones",
  "masterZones",
  "masterSizeFallbacks",
  "adminAccess",
  "nodeSecurityGroups",
  "masterSecurityGroups",
  "cloudLabels",
]);
/** Only documents have these: the schema's version, and the region, which must be that of the zones. */
const DOCUMENT_ONLY = new Set(["version", "region"]);

export function fieldsFromFlags(flags: readonly RawFlag[], findings: Findings): SpecFields {
  const fields: { [F in SpecField]?: Given } = {};
  for (const { flag, value } of flags) {
    const field = fieldOf(flag);
    if (!field) {
      findings.problems.push(unknown(flag, value, "is not a flag of create cluster"));
      continue;
    }
    const earlier = fields[field];
    if (earlier && earlier.flag !== flag) {
      const message = `${flag}: ${earlier.flag} says the same thing; give one of them`;
      findings.problems.push({ flag, value: shown(value), message });
    } else if (earlier && LISTS.has(field)) {
      fields[field] = { flag, value: `${String(earlier.value)},${value}` };
    } else {
      fields[field] = { flag, value };
    }
  }
  return fields;
}

/** A document is a `ClusterSpec`, or as much of one as the user cares to write; `masterCount` may stand for a list. */
export function fieldsFromDocument(document: unknown, findings: Findings): SpecFields {
  const fields: { [F in SpecField]?: Given } = {};
  if (!isRecord(document)) {
    findings.problems.push(unknown("spec", document, "is not a mapping of fields such as name and zones"));
    return fields;
  }
  for (const [key, value] of Object.entries(document)) {
    if (isField(key)) fields[key] = { flag: key, value };
    else if (!DOCUMENT_ONLY.has(key)) findings.problems.push(unknown(shown(key), value, "is not a field of a spec"));
  }
  if (document["version"] !== undefined && document["version"] !== 1) {
    findings.problems.push(unknown("version", document["version"], "is not a known schema version; expected 1"));
  }
  return fields;
}

/** How to speak of a field that may not have been given. */
export function flagOf(fields: SpecFields, field: SpecField): string {
  return fields[field]?.flag ?? SPEC_FLAGS[field][0];
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function fieldOf(flag: string): SpecField | undefined {
  return Object.keys(SPEC_FLAGS)
    .filter(isField)
    .find((field) => SPEC_FLAGS[field].some((spelling) => spelling === flag));
}

/** Is it a field of a spec, as today's schema has them? */
export function isField(key: string): key is SpecField {
  return Object.hasOwn(SPEC_FLAGS, key);
}

function unknown(flag: string, value: unknown, what: string): Problem {
  return { flag: shown(flag), value: shown(value), message: `${shown(flag)}: ${quote(value)} ${what}` };
}
