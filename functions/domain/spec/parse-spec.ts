import { FIELDS } from "./field-table.ts";
import {
  fieldsFromDocument,
  fieldsFromFlags,
  flagOf,
  isField,
  isRecord,
  type RawFlag,
  type SpecField,
  type SpecFields,
} from "./fields.ts";
import { readAdminAccess, readApiLoadBalancerType } from "./rules/api-access.ts";
import { readBackups } from "./rules/backups.ts";
import { readLabels } from "./rules/cluster-labels.ts";
import { readImage } from "./rules/image.ts";
import { readCloudLabels } from "./rules/labels.ts";
import {
  readFallbacks,
  readKubernetesVersion,
  readRootVolume,
  readSecurityGroups,
  readSize,
} from "./rules/machines.ts";
import { checkRoom, readDnsZone, readNetworkCidr, readNetworking, readTopology } from "./rules/network.ts";
import { readMasterZones, readNodeZones, readRegion, readZoneFallback } from "./rules/zones.ts";
import type { ClusterSpec, Problem } from "./spec.ts";
import { ClusterName } from "./value-schemas.ts";
import { type Findings, type Given, quote, readInteger, readText, refuse } from "./values.ts";

/**
 * Warnings are about what was typed; those about what it means come with the plan. `read` is as much of a refused spec
 * as could be understood, so that the account can be checked for it.
 */
export type ParsedSpec =
  | { readonly ok: true; readonly spec: ClusterSpec; readonly warnings: readonly string[] }
  | RefusedSpec;
export interface RefusedSpec {
  readonly ok: false;
  readonly problems: readonly Problem[];
  readonly read?: Partial<ClusterSpec>;
}

/** What the flags of `create cluster` ask for, or everything that is wrong with them. */
export function specFromFlags(flags: readonly RawFlag[]): ParsedSpec {
  const findings: Findings = { problems: [], warnings: [] };
  return readSpec(fieldsFromFlags(flags, findings), undefined, findings);
}

/** The same for a parsed YAML or JSON document. A stored `ClusterSpec` becomes itself. */
export function specFromDocument(document: unknown): ParsedSpec {
  const findings: Findings = { problems: [], warnings: [] };
  const region = isRecord(document) ? document["region"] : undefined;
  return readSpec(fieldsFromDocument(document, findings), region, findings);
}

/**
 * What is to be changed: flags as typed, or a JSON merge patch (RFC 7396) whose nulls take fields back to their
 * defaults.
 */
export type SpecPatch = { readonly flags: readonly RawFlag[] } | { readonly document: unknown };

/**
 * Changes some fields of a stored spec. Today's rules apply to the changed fields only. The others stay as stored, even
 * if today's rules would refuse them.
 */
export function specFromPatch(stored: ClusterSpec, patch: SpecPatch): ParsedSpec {
  const findings: Findings = { problems: [], warnings: [] };
  const given =
    "flags" in patch ? fieldsFromFlags(patch.flags, findings) : fieldsFromDocument(patch.document, findings);
  const touched = new Set([...Object.keys(given), ...(given.masterCount ? ["masterZones"] : [])]);
  const kept = Object.entries(stored).filter(([field]) => !touched.has(field));
  const fields: { [F in SpecField]?: Given } = {};
  for (const [flag, value] of kept) if (isField(flag) && flag !== "kubernetesVersion") fields[flag] = { flag, value };
  // A count alone is spread over the zones that have masters; a lower one leaves the first of them.
  if (given.masterCount && !given.masterZones) {
    const zones = [...new Set(stored.masterZones)];
    const count = Number(given.masterCount.value);
    fields.masterZones = { flag: "masterZones", value: count > 0 ? zones.slice(0, count) : zones };
  }
  for (const [flag, said] of Object.entries(given)) if (isField(flag) && said.value !== null) fields[flag] = said;
  const parsed = readSpec(fields, stored.region, findings, stored.labels ?? {});
  return parsed.ok ? { ...parsed, spec: { ...parsed.spec, ...Object.fromEntries(kept) } } : parsed;
}

/** `formerLabels` of a cluster that exists: labels are changed one by one. */
function readSpec(
  fields: SpecFields,
  documentRegion: unknown,
  findings: Findings,
  formerLabels?: ClusterSpec["labels"],
): ParsedSpec {
  const place = readPlace(fields, documentRegion, findings);
  const machines = readMachines(fields, place.zones, findings);
  const access = readAccess(fields, place, findings);
  const backups = readBackups(fields, findings);
  const labels = readLabels(fields.labels, formerLabels, findings);
  const software = readSoftware(fields, place.name, findings);
  readForeignFlags(fields, findings);
  // A missing value always comes with a problem.
  if (!isComplete(place) || !isComplete(machines.required) || !isComplete(software.required)) {
    const read = { ...place, ...machines.required, ...machines.optional, ...access, ...software.optional };
    return { ok: false, problems: findings.problems, read: withoutUndefined(read) };
  }
  const { topology, networking, networkCidr, ...names } = place;
  const { image, ...settings } = software.optional;
  const spec: ClusterSpec = {
    version: 1,
    ...names,
    ...machines.required,
    ...machines.optional,
    topology,
    networking,
    networkCidr,
    ...access,
    ...settings,
    ...(image === undefined ? {} : { image }),
    ...software.required,
    ...backups,
    ...(labels === undefined ? {} : { labels }),
  };
  checkRoom(spec, { zones: givenOr(fields, "zones", ""), cidr: givenOr(fields, "networkCidr", networkCidr) }, findings);
  if (findings.problems.length > 0) return { ok: false, problems: findings.problems, read: spec };
  return { ok: true, spec, warnings: findings.warnings };
}

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function withoutUndefined<T extends object>(values: T): Present<T>;
function withoutUndefined(values: object): object {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

function isComplete<T extends object>(values: T): values is T & { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.values(values).every((value) => value !== undefined);
}

function readPlace(fields: SpecFields, documentRegion: unknown, findings: Findings) {
  const name = readName(fields, findings);
  const zones = readNodeZones(fields, findings);
  const masterZones = readMasterZones(fields, zones, findings);
  const region = readRegion(fields, documentRegion, zones, masterZones, findings);
  const topology = readTopology(fields.topology, findings);
  const networking = readNetworking(fields.networking, topology, findings);
  const networkCidr = readNetworkCidr(fields.networkCidr, findings);
  return { name, region, zones, masterZones, topology, networking, networkCidr };
}

function readMachines(fields: SpecFields, zones: readonly string[] | undefined, findings: Findings) {
  const nodeCount = fields.nodeCount ? readInteger(fields.nodeCount, FIELDS.nodeCount.bounds, findings) : zones?.length;
  const nodeSize = readSize(fields.nodeSize, findings);
  const masterSize = readSize(fields.masterSize, findings);
  const masterSizeFallbacks = readFallbacks(fields.masterSizeFallbacks, masterSize, findings);
  const masterZoneFallback = readZoneFallback(fields, findings);
  const masterZoneFallbackMinutes = readInteger(
    fields.masterZoneFallbackMinutes,
    FIELDS.masterZoneFallbackMinutes.bounds,
    findings,
  );
  const nodeRootVolumeGiB = readRootVolume("nodeRootVolumeGiB", fields, findings);
  const masterRootVolumeGiB = readRootVolume("masterRootVolumeGiB", fields, findings);
  return {
    required: { nodeCount, nodeSize, masterSize },
    optional: {
      ...(masterSizeFallbacks.length > 0 && { masterSizeFallbacks }),
      ...(masterZoneFallback === undefined ? {} : { masterZoneFallback }),
      ...(masterZoneFallbackMinutes === undefined ? {} : { masterZoneFallbackMinutes }),
      ...(nodeRootVolumeGiB === undefined ? {} : { nodeRootVolumeGiB }),
      ...(masterRootVolumeGiB === undefined ? {} : { masterRootVolumeGiB }),
    },
  };
}

/** How one reaches the API. */
function readAccess(fields: SpecFields, place: ReturnType<typeof readPlace>, findings: Findings) {
  const dnsZone = readDnsZone(fields.dnsZone, place.name, findings);
  const apiLoadBalancerType = readApiLoadBalancerType(fields.apiLoadBalancerType, findings);
  const { topology } = place;
  const adminAccess = readAdminAccess(fields.adminAccess, { topology, apiLoadBalancerType }, findings);
  return {
    ...(dnsZone === undefined ? {} : { dnsZone }),
    ...(apiLoadBalancerType === undefined ? {} : { apiLoadBalancerType }),
    ...(adminAccess === undefined ? {} : { adminAccess }),
  };
}

function readSoftware(fields: SpecFields, name: string | undefined, findings: Findings) {
  const image = readImage(fields.image, findings);
  const nodeSecurityGroups = readSecurityGroups(fields.nodeSecurityGroups, findings);
  const masterSecurityGroups = readSecurityGroups(fields.masterSecurityGroups, findings);
  const cloudLabels = readCloudLabels(fields.cloudLabels, name, findings);
  const kubernetesVersion = readKubernetesVersion(fields.kubernetesVersion, findings);
  const etcdVolumeGiB = fields.etcdVolumeGiB
    ? readInteger(fields.etcdVolumeGiB, FIELDS.etcdVolumeGiB.bounds, findings)
    : FIELDS.etcdVolumeGiB.default;
  return {
    required: { kubernetesVersion, etcdVolumeGiB },
    optional: { nodeSecurityGroups, masterSecurityGroups, cloudLabels, image },
  };
}

function readName(fields: SpecFields, findings: Findings): string | undefined {
  const given = fields.name;
  if (!given)
    return refuse(findings, givenOr(fields, "name", ""), "a cluster name is required, such as prod.example.com");
  const text = readText(given, findings);
  if (text === undefined || ClusterName.safeParse(text).success) return text;
  const expected = "expected a lower-case DNS name of at most 63 characters, such as prod.example.com";
  return refuse(findings, given, `${quote(text)} is not a cluster name; ${expected}`);
}

/** Flags that commands written for kops carry and that say nothing here. */
function readForeignFlags(fields: SpecFields, findings: Findings): void {
  if (fields.cloud && fields.cloud.value !== "aws") {
    refuse(findings, fields.cloud, `${quote(fields.cloud.value)} is not a supported cloud; expected aws`);
  }
  if (fields.state) findings.warnings.push(`${fields.state.flag} is ignored: Holdfast keeps its own state`);
}

function givenOr(fields: SpecFields, field: SpecField, value: string): Given {
  return fields[field] ?? { flag: flagOf(fields, field), value };
}
