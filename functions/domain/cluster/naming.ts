import { createHash } from "node:crypto";

/**
 * Names, tags and tokens of resources. Every resource carries the cluster's name, its uid and a logical name that is
 * unique in the cluster. A new cluster with a former name has another uid.
 */
export interface Owner {
  readonly cluster: string;
  readonly uid: string;
  readonly labels: Readonly<Record<string, string>>;
  /** True when nothing of what is wanted can exist yet, so that nothing needs to be looked for before it is made. */
  readonly blank?: boolean;
}

/** Name and uid: who a cluster is. */
export type Identity = Pick<Owner, "cluster" | "uid">;

export const TAG = {
  cluster: "holdfast:cluster",
  uid: "holdfast:uid",
  /** Logical name: `vpc`, `subnet/us-west-2a`, `volume/a`… */
  resource: "holdfast:resource",
  member: "holdfast:member",
  /** On health checks: the fleet, and the id of its public name. */
  fleet: "holdfast:fleet",
  traffic: "holdfast:traffic",
  /** On a volume that was taken from its member because its data is damaged. */
  damaged: "holdfast:damaged",
  /** On a snapshot of what an operation replaced: the day until which it is of use. */
  kept: "holdfast:kept",
  /** On the host of a drill: the time at which it must be gone. */
  expires: "holdfast:expires",
} as const;

/** The event bus of our own events. Its name is fixed, since users' rules are on it. */
export const EVENT_BUS = "holdfast";

/** `owned`: what Kubernetes' cloud provider and drivers look for, and what they put on everything that they make. */
export function kubernetesTag(cluster: string): string {
  return `kubernetes.io/cluster/${cluster}`;
}

/**
 * The cluster's uid on what its Kubernetes makes. Not one of `holdfast:`, which no instance role may write: controllers
 * on masters put this one on their volumes and interfaces.
 */
export const WORKLOAD_UID_TAG = "holdfast.dev/cluster-uid";
/** `true` on every volume that the EBS driver makes (`tagging.md` of aws-ebs-csi-driver). */
export const DRIVER_TAG = "ebs.csi.aws.com/cluster";

/** Tags of a resource. */
export function ownerTags(
  owner: Owner,
  resource: string,
  more: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return {
    ...owner.labels,
    Name: `${resource.replaceAll("/", "-")}.${owner.cluster}`,
    [kubernetesTag(owner.cluster)]: "owned",
    [TAG.cluster]: owner.cluster,
    [TAG.uid]: owner.uid,
    [TAG.resource]: resource,
    ...more,
  };
}

/**
 * 64 characters are allowed, 40 are used. Another generation is another resource
 * (docs/references/aws.md#client-tokens).
 */
export function clientToken(owner: Owner, resource: string, generation = 1): string {
  return createHash("sha256").update(`${owner.uid}/${resource}/${generation}`).digest("hex").slice(0, 40);
}

function shortHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}

/**
 * Load balancers and target groups: at most 32 characters, letters, digits and hyphens; unique in account and Region.
 */
export function balancerName(owner: Identity): string {
  return `${balancerPrefix(owner.cluster)}${shortHash(owner.uid)}`;
}

function balancerPrefix(cluster: string): string {
  return `hf-${cluster.replaceAll(".", "-").slice(0, 18).replace(/-+$/, "")}-`;
}

/** Could a cluster's load balancer or target group have this name? Tags have the last word: they take calls to read. */
export function mayBeBalancerOf(by: { readonly cluster: string } | { readonly uid: string }, name: string): boolean {
  return "uid" in by
    ? name.startsWith("hf-") && name.endsWith(`-${shortHash(by.uid)}`)
    : name.startsWith(balancerPrefix(by.cluster));
}

/** Names that ELB gives begin with the balancer's own name; `dualstack.` may stand before. */
export function leadsToBalancer(target: string, balancer: string): boolean {
  return target
    .toLowerCase()
    .replace(/^dualstack\./, "")
    .startsWith(`${balancer.toLowerCase()}-`);
}

/** The API's name in DNS, where a hosted zone is given. */
export function apiName(cluster: string): string {
  return `api.${cluster}`;
}

/**
 * Names of a cluster's roles and instance profiles, one for each master, one for all nodes and one for
 * drills: at most 64 characters.
 */
export function masterRoleName(owner: Owner, member: string): string {
  return `${rolePrefix(owner.cluster)}masters-${member}-${shortHash(owner.uid)}`;
}

export function nodeRoleName(owner: Owner): string {
  return `${rolePrefix(owner.cluster)}nodes-${shortHash(owner.uid)}`;
}

/** Of the hosts that drills are run on. */
export function drillRoleName(owner: Owner): string {
  return `${rolePrefix(owner.cluster)}drill-${shortHash(owner.uid)}`;
}

function rolePrefix(cluster: string): string {
  return `holdfast-${cluster.slice(0, 35)}-`;
}

/**
 * May a role or profile of this name be of the cluster with this name or uid? Lists of IAM carry no tags, so this picks
 * those that are looked at. It proves nothing: clusters share the first letters of their names.
 */
export function mayBeIdentityOf(by: { readonly cluster: string } | { readonly uid: string }, name: string): boolean {
  return "uid" in by ? name.endsWith(`-${shortHash(by.uid)}`) : name.startsWith(rolePrefix(by.cluster));
}

export function masterGroupName(owner: Owner, member: string): string {
  return `${member}.masters.${owner.cluster}.${shortHash(owner.uid)}`;
}

export function nodeGroupName(owner: Owner, zone: string): string {
  return `nodes-${zone}.${owner.cluster}.${shortHash(owner.uid)}`;
}

export function masterTemplateName(owner: Owner, member: string): string {
  return `${member}.masters.${owner.cluster}.${shortHash(owner.uid)}`;
}

export function nodeTemplateName(owner: Owner): string {
  return `nodes.${owner.cluster}.${shortHash(owner.uid)}`;
}

/** Parameter Store paths. Masters may read what is below `masters/`; nodes nothing. */
export function parameterPath(owner: Pick<Owner, "cluster">): string {
  return `/holdfast/${owner.cluster}`;
}

export const parameterName = {
  authorities: (owner: Pick<Owner, "cluster">) => `${parameterPath(owner)}/control/authorities`,
  masters: (owner: Pick<Owner, "cluster">) => `${parameterPath(owner)}/masters/shared`,
  member: (owner: Pick<Owner, "cluster">, member: string) => `${parameterPath(owner)}/masters/${member}`,
  volume: (owner: Pick<Owner, "cluster">, member: string) => `${parameterPath(owner)}/masters/${member}-volume`,
} as const;

/**
 * The stack's own KMS key, by its alias: secrets of clusters are encrypted with it (infra/constructs/secrets-key.ts).
 */
export const SECRETS_KEY = "alias/holdfast";

/** The launch lifecycle hook of every master's group: a master is InService only when its member is healthy. */
export const LAUNCH_HOOK = "member-healthy";
