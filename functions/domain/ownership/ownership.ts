import type { ResourceKind } from "../api/views.ts";
import { BACKUP_ID, backupPrefix } from "../backup/manifest.ts";
import { OwnershipConflict } from "../cluster/errors.ts";
import {
  apiName,
  balancerName,
  DRIVER_TAG,
  type Identity,
  kubernetesTag,
  leadsToBalancer,
  TAG,
  WORKLOAD_UID_TAG,
} from "../cluster/naming.ts";
import { identifierPrefix } from "../traffic/record-sets.ts";

/**
 * The only place that decides whether a resource may be changed or destroyed for a cluster. Gateways that destroy take
 * an `Owned` value, which only these decisions create.
 */

/** A resource as AWS describes it, just before something is done to it. */
export interface Candidate<K extends ResourceKind = ResourceKind> {
  readonly kind: K;
  readonly id: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** The cluster for which something is to be done: who it is, since when, and which ids its records know. */
export interface OwningCluster extends Identity {
  readonly createdAt: string;
  /** Ids by the logical names of tags: `vpc`, `volume/a`. */
  readonly known: ReadonlyMap<string, string>;
}

export type RefusalReason =
  | "no-uid"
  | "another-uid"
  | "another-cluster"
  | "another-id-on-record"
  | "another-name-on-record"
  | "not-expected"
  | "not-kubernetes"
  | "shared-uid"
  | "made-before"
  | "another-network"
  | "another-target";

export interface Refusal {
  readonly kind: ResourceKind;
  readonly id: string;
  readonly reason: RefusalReason;
  /**
   * As a person reads it. Names nothing of another cluster, since whoever reads it may not be allowed to see that one.
   */
  readonly why: string;
}

/** One sentence of a refusal. */
export function explainRefusal({ kind, id, why }: Refusal): string {
  return `${kind.replaceAll("-", " ")} ${id} is left alone: ${why}`;
}

const REASONS: Readonly<Record<RefusalReason, string>> = {
  "no-uid": `it carries no tag ${TAG.uid}`,
  "another-uid": `its tag ${TAG.uid} is not this cluster's`,
  "another-cluster": `its tag ${TAG.cluster} does not name this cluster`,
  "another-id-on-record": "the cluster's record knows another resource by its name",
  "another-name-on-record": `the cluster's record knows it by another name than its tag ${TAG.resource}`,
  "not-expected": `its tag ${TAG.resource} is not the expected one`,
  "not-kubernetes": "its tags do not say that this cluster's Kubernetes made it",
  "shared-uid": `its tag ${TAG.uid} belongs to something that does not name this cluster`,
  "made-before": "it is older than the cluster",
  "another-network": "it is not in the cluster's own network",
  "another-target": "it does not lead to the cluster's own load balancer",
};

function refuse({ kind, id }: Pick<Candidate, "kind" | "id">, reason: RefusalReason): Refusal {
  return {
    kind,
    id,
    reason,
    why: REASONS[reason],
  };
}

/** What Kubernetes may have made. What has no network has no `vpcId`; what AWS gives no date has no `madeAt`. */
export interface Workload<K extends ResourceKind = ResourceKind> extends Candidate<K> {
  readonly vpcId?: string | undefined;
  readonly madeAt?: Date | undefined;
}

/**
 * A resource that is provably the cluster's, so that it may be changed or destroyed for it. Only the gate makes these.
 */
export class Owned<K extends ResourceKind = ResourceKind> {
  readonly #kind: K;
  readonly #id: string;

  private constructor({ kind, id }: { readonly kind: K; readonly id: string }) {
    this.#kind = kind;
    this.#id = id;
  }

  get kind(): K {
    return this.#kind;
  }
  get id(): string {
    return this.#id;
  }
  is<L extends ResourceKind>(kind: L): this is Owned<L> {
    const own: ResourceKind = this.#kind;
    return own === kind;
  }

  /** Of what Holdfast made: it carries the cluster's uid and name, and no record contradicts its logical name. */
  static decide<K extends ResourceKind>(
    owningCluster: OwningCluster,
    candidate: Candidate<K>,
    as?: string,
  ): Owned<K> | Refusal {
    const reason = reasonAgainst(owningCluster, candidate, as);
    return reason === undefined ? new Owned(candidate) : refuse(candidate, reason);
  }

  /** As `decide`. Throws OwnershipConflict with the reason: for the one thing that a step is about. */
  static require<K extends ResourceKind>(owningCluster: OwningCluster, candidate: Candidate<K>, as?: string): Owned<K> {
    const decision = Owned.decide(owningCluster, candidate, as);
    if (decision instanceof Owned) return decision;
    throw new OwnershipConflict(explainRefusal(decision));
  }

  /** Of what Kubernetes made for the cluster, whose own VPCs are these. */
  static decideWorkload<K extends ResourceKind>(
    owningCluster: OwningCluster,
    workload: Workload<K>,
    vpcs: readonly Owned<"vpc">[],
  ): Owned<K> | Refusal {
    const reason = reasonAgainstWorkload(owningCluster, workload, vpcs);
    return reason === undefined ? new Owned(workload) : refuse(workload, reason);
  }

  /** Of the API's name in DNS: records carry no tags, so it is known by the load balancer that it leads to. */
  static decideRecord(
    owningCluster: OwningCluster,
    record: { readonly name: string; readonly target: string },
  ): Owned<"dns-record"> | Refusal {
    const candidate = { kind: "dns-record" as const, id: record.name };
    const isIt =
      record.name.replace(/\.$/, "") === apiName(owningCluster.cluster) &&
      leadsToBalancer(record.target, balancerName(owningCluster));
    return isIt ? new Owned(candidate) : refuse(candidate, "another-target");
  }

  /** Of a record of a fleet's public name: its identifier begins with an id that only the name's own record knows. */
  static decideTrafficRecord(
    traffic: { readonly id: string },
    record: { readonly name: string; readonly identifier: string },
  ): Owned<"dns-record"> | Refusal {
    const candidate = { kind: "dns-record" as const, id: record.name };
    const isIt = record.identifier.startsWith(identifierPrefix(traffic));
    return isIt ? new Owned(candidate) : refuse(candidate, "another-uid");
  }

  /** Of a health check of a fleet's name, which carries the id that only its record knows. */
  static decideHealthCheck(
    { fleet, id }: { readonly fleet: string; readonly id: string },
    check: Omit<Candidate, "kind">,
  ): Owned<"health-check"> | Refusal {
    const candidate = { ...check, kind: "health-check" as const };
    if (check.tags[TAG.traffic] !== id) return refuse(candidate, "another-uid");
    return check.tags[TAG.fleet] === fleet ? new Owned(candidate) : refuse(candidate, "another-cluster");
  }

  /** Of a backup, which lies below the name and the uid of its cluster: nothing else says whose it is. */
  static decideBackup(
    { cluster, uid }: Identity,
    backup: Identity & { readonly id: string },
  ): Owned<"backup"> | Refusal {
    const candidate = { kind: "backup" as const, id: backupPrefix(backup, backup.id) };
    if (!BACKUP_ID.test(backup.id)) return refuse(candidate, "not-expected");
    if (backup.uid !== uid) return refuse(candidate, "another-uid");
    return backup.cluster === cluster ? new Owned(candidate) : refuse(candidate, "another-cluster");
  }
}

function reasonAgainst(
  { cluster, uid, known }: OwningCluster,
  { id, tags }: Candidate,
  as: string | undefined,
): RefusalReason | undefined {
  if (tags[TAG.uid] === undefined) return "no-uid";
  if (tags[TAG.uid] !== uid) return "another-uid";
  if (tags[TAG.cluster] !== cluster) return "another-cluster";
  const resource = tags[TAG.resource] ?? "";
  if (as !== undefined && resource !== as) return "not-expected";
  const recorded = known.get(resource);
  if (recorded !== undefined && recorded !== id) return "another-id-on-record";
  const hasAnotherName = [...known].some(
    ([name, value]) => value === id && name !== resource && !isRaised(resource, name),
  );
  return hasAnotherName ? "another-name-on-record" : undefined;
}

const VOLUME = /^volume\/([a-z0-9]+)(?:\/(\d+))?$/;

/** A restore in place raises a volume's generation on record; its tag keeps the one in which it was made. */
function isRaised(tag: string, recorded: string): boolean {
  const [, member, made = "1"] = VOLUME.exec(tag) ?? [];
  const [, same, now = "1"] = VOLUME.exec(recorded) ?? [];
  return member !== undefined && member === same && Number(made) < Number(now);
}

function reasonAgainstWorkload(
  { cluster, uid, createdAt }: OwningCluster,
  { kind, tags, vpcId, madeAt }: Workload,
  vpcs: readonly Owned<"vpc">[],
): RefusalReason | undefined {
  const isOurs = Object.keys(tags).some((key) => key.startsWith("holdfast:"));
  if (isOurs || tags[kubernetesTag(cluster)] !== "owned") return "not-kubernetes";
  const said = tags[WORKLOAD_UID_TAG];
  if (said !== undefined && said !== uid) return "another-uid";
  if (madeAt !== undefined && madeAt.getTime() < Date.parse(createdAt)) return "made-before";
  // A volume lies in no network: only what the driver said when it made it proves whose it is.
  if (kind === "volume") return said === uid && tags[DRIVER_TAG] === "true" ? undefined : "not-kubernetes";
  return vpcs.some(({ id }) => id === vpcId) ? undefined : "another-network";
}

const UID = /^[0-9a-hjkmnp-tv-z]{26}$/;

/**
 * Decides whether a lost record may be created again from a name and a uid. Everything with the uid must name this
 * cluster, and no record of another cluster may have it, since tags can be forged. The refusal names only resources of
 * this cluster's name.
 */
export function refuseRecovery(
  { cluster, uid }: Identity,
  ofUid: readonly Candidate[],
  otherRecords: readonly string[],
): Refusal | undefined {
  const [suspect] = ofUid.filter(({ tags }) => tags[TAG.cluster] === cluster && tags[TAG.uid] === uid);
  const isShared = ofUid.some(({ tags }) => tags[TAG.cluster] !== cluster || tags[TAG.uid] !== uid);
  if (UID.test(uid) && !isShared && otherRecords.length === 0) return undefined;
  return refuse(suspect ?? { kind: "vpc", id: "" }, "shared-uid");
}
