import type { Plan } from "../plan/plan-types.ts";
import type { Versions } from "../releases/pinned-versions.ts";
import type { ClusterSpec } from "../spec/spec.ts";

/** Views that the API returns and every client reads (docs/api.md). Times are ISO 8601 in UTC. */
export type ClusterStatus =
  | "CREATING"
  | "ACTIVE"
  | "DEGRADED"
  | "REPAIRING"
  | "UPDATING"
  | "DELETING"
  | "DELETED"
  | "FAILED";
export type MemberHealth = "healthy" | "unhealthy" | "pending" | "unknown";

export interface MemberView {
  readonly name: string;
  readonly zone: string;
  readonly address: string;
  readonly instanceId: string | null;
  readonly volumeId: string | null;
  /** Of its etcd. */
  readonly health: MemberHealth;
  /** Is the API server of its host ready? Only in a fresh answer, and if the host said. */
  readonly apiServer?: "ready" | "not-ready";
  /** When etcd last said so. */
  readonly observedAt: string | null;
  /**
   * When the first of its certificates expires; null as long as nobody has asked. It is replaced with new ones before.
   */
  readonly certificatesUntil: string | null;
}

export interface QuorumView {
  readonly size: number;
  readonly healthy: number;
  readonly needed: number;
  /** Name of the member that leads; null when there is none or it is not known. */
  readonly leader: string | null;
}

export interface NodeView {
  readonly name: string;
  readonly zone: string;
  readonly instanceId: string;
  readonly ready: boolean;
}

/** Something of the cluster that is not as it was made. */
export interface DriftView {
  /** For people, as a phrase. */
  readonly message: string;
  /** When it was first seen. */
  readonly since: string;
}

export interface ClusterView {
  readonly name: string;
  readonly status: ClusterStatus;
  /** Why the status is what it is, and what to do; null when ACTIVE and all is as it was asked for. */
  readonly reason: string | null;
  readonly spec: ClusterSpec;
  readonly plan: Plan;
  /** What it runs, pinned when it was created; null of a cluster that was created before they were recorded. */
  readonly versions: Versions | null;
  readonly members: readonly MemberView[];
  readonly quorum: QuorumView;
  readonly nodes: readonly NodeView[];
  readonly endpoint: string | null;
  /** What somebody removed or changed in the account. */
  readonly drift: readonly DriftView[];
  /** The operation that holds the cluster now, or null. */
  readonly operation: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** What makes somebody an administrator of a cluster, together with the key that only they have. */
export interface KubeconfigView {
  readonly cluster: string;
  /** Address of the Kubernetes API. */
  readonly server: string;
  /** The cluster's authority, by which its servers are known. PEM. */
  readonly certificateAuthority: string;
  /** PEM. */
  readonly certificate: string;
  /** As Kubernetes' audit log names the bearer. */
  readonly user: string;
  readonly expiresAt: string;
}

export type OperationKind =
  | "create"
  | "repair"
  | "scale"
  | "update"
  | "roll"
  | "upgrade"
  | "backup"
  | "restore"
  | "migrate"
  | "delete";
export type OperationStatus = "RUNNING" | "SUCCEEDED" | "FAILED";

export interface StepView {
  /** Name of the step as in the state machine: "Create network". */
  readonly name: string;
  readonly member: string | null;
  readonly status: "RUNNING" | "WAITING" | "DONE" | "FAILED";
  readonly startedAt: string;
  readonly finishedAt: string | null;
  /** What it waits for, or why it failed. */
  readonly message: string | null;
}

export interface OperationView {
  readonly id: string;
  readonly cluster: string;
  readonly kind: OperationKind;
  readonly status: OperationStatus;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly steps: readonly StepView[];
  readonly error: { readonly name: string; readonly message: string; readonly remedy: string } | null;
}

export interface EventView {
  readonly time: string;
  /** Kebab-case and stable, for machines: `master-lost`, `member-healthy`… */
  readonly type: string;
  /** A plain sentence for people. */
  readonly message: string;
  readonly member: string | null;
  readonly operation: string | null;
  /** Of a change that somebody asked for by the API: who it was, and from where. */
  readonly by?: {
    /** `iam:arn:aws:…`, or `jwt:sub=alice`. */
    readonly principal: string;
    readonly authMethod: "iam" | "token";
    readonly sourceIp: string;
    readonly userAgent: string;
  };
}

export const RESOURCE_KINDS = [
  "auto-scaling-group",
  "instance",
  "load-balancer",
  "target-group",
  "dns-record",
  "nat-gateway",
  "address",
  "network-interface",
  "volume",
  "security-group",
  "subnet",
  "route-table",
  "internet-gateway",
  "vpc",
  "launch-template",
  "role",
  "instance-profile",
  "parameter",
] as const;
export type ResourceKind = (typeof RESOURCE_KINDS)[number];

/** A thing in the account that belongs to a cluster. */
export interface ResourceView {
  readonly kind: ResourceKind;
  readonly id: string;
  /** What it is to the cluster, `volume/a`; what Kubernetes made has the name that Kubernetes gave. */
  readonly name: string;
}

/** What a deletion would do. */
export interface DeletionView {
  readonly cluster: string;
  /** The cluster's own id; nothing is removed that does not carry it, or its name's tag of Kubernetes. */
  readonly uid: string;
  readonly removed: readonly ResourceView[];
  /** What is left alone, with the reason. */
  readonly kept: readonly { readonly what: string; readonly why: string }[];
  /** What is not the cluster's and stands in the way: one phrase each. */
  readonly blockers: readonly string[];
}

/** RFC 9457. `problems` is there for a refused spec or request, `operation` for a conflict. */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly problems?: readonly { readonly flag: string; readonly value: string; readonly message: string }[];
  readonly operation?: string;
  readonly requestId?: string;
}
