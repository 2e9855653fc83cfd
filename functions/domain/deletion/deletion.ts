import { decodeTime } from "ulid";
import {
  type ClusterStatus,
  type DeletionView,
  RESOURCE_KINDS,
  type ResourceKind,
  type ResourceView,
} from "../api/views.ts";
import type { ClusterRecord } from "../cluster/records.ts";
import type { Candidate, Refusal } from "../ownership/ownership.ts";
import { planCluster } from "../plan/plan.ts";
import { specFromFlags } from "../spec/parse-spec.ts";

/**
 * A resource in the account with its tags, as it was found. Whose it is, is for domain/ownership/ownership.ts to say.
 */
export interface FoundResource<K extends ResourceKind = ResourceKind> extends ResourceView, Candidate<K> {
  readonly kind: K;
  readonly zone?: string;
}

/** In the order in which a person looks for them. */
export function byKind(one: ResourceView, other: ResourceView): number {
  return RESOURCE_KINDS.indexOf(one.kind) - RESOURCE_KINDS.indexOf(other.kind) || one.name.localeCompare(other.name);
}

/**
 * The record of a cluster of which the table knows nothing any more, so that a deletion has something to hold. Name,
 * uid and zones are those of the resources that were found; the rest of the spec is the defaults and stands for
 * nothing.
 */
export function recoverRecord(
  found: { readonly name: string; readonly uid: string; readonly region: string; readonly zones: readonly string[] },
  now: Date,
): ClusterRecord {
  const zones = found.zones.length > 0 ? [...new Set(found.zones)].toSorted() : [`${found.region}a`];
  const parsed = specFromFlags([
    { flag: "NAME", value: found.name },
    { flag: "--zones", value: zones.join(",") },
  ]);
  if (!parsed.ok) {
    throw new Error(
      `no record can be made of ${found.name}: ${parsed.problems.map(({ message }) => message).join("; ")}`,
    );
  }
  return {
    name: found.name,
    uid: found.uid,
    status: "DELETING",
    deleting: true,
    reason: `It was not on record; found by its tags, uid ${found.uid}.`,
    spec: parsed.spec,
    plan: planCluster(parsed.spec).plan,
    operation: null,
    leader: null,
    nodes: [],
    createdAt: createdAtOf(found.uid, now).toISOString(),
    updatedAt: now.toISOString(),
  };
}

/** A uid is a ULID, so it says when its cluster was created. What Kubernetes made is held against that. */
function createdAtOf(uid: string, now: Date): Date {
  try {
    return new Date(Math.min(decodeTime(uid), now.getTime()));
  } catch {
    return now;
  }
}

/** An EBS snapshot of a master's former data. */
export interface KeptSnapshot {
  readonly id: string;
  readonly description: string;
  /** The day until which it is of use. */
  readonly until: string;
}

/** What a deletion keeps. It is listed explicitly. */
export function keptBy(
  cluster: ClusterRecord,
  refused: readonly Refusal[] = [],
  snapshots: readonly KeptSnapshot[] = [],
): DeletionView["kept"] {
  const groups = [...new Set([...cluster.spec.masterSecurityGroups, ...cluster.spec.nodeSecurityGroups])];
  return [
    ...groups.map((id) => ({
      what: `security group ${id}`,
      why: "you brought it; only its association with the VPC ends",
    })),
    ...(cluster.spec.dnsZone === undefined
      ? []
      : [{ what: `hosted zone ${cluster.spec.dnsZone}`, why: "you brought it; only the record of the API goes" }]),
    ...(cluster.backup?.lastOkId
      ? [
          {
            what: "backups in S3",
            why: `the last is ${cluster.backup.lastOkId}; the bucket removes each after 400 days`,
          },
        ]
      : []),
    ...snapshots.map(({ id, description, until }) => ({
      what: `snapshot ${id}`,
      why: `${description}; it is of use until ${until}, and nothing removes it but you`,
    })),
    ...refused.map(({ kind, id, why }) => ({ what: `${kind.replaceAll("-", " ")} ${id}`, why })),
    { what: "event history and operations", why: "they record what happened" },
  ];
}

/** A deletion in progress is returned for every further request. All other operations yield to it. */
export function isOpenDeletion(
  status: ClusterStatus,
  operation: { readonly kind: string; readonly status: string; readonly leaseUntil: number } | undefined,
  now: Date,
): boolean {
  return (
    status === "DELETING" &&
    operation?.kind === "delete" &&
    operation.status === "RUNNING" &&
    operation.leaseUntil > now.getTime()
  );
}
