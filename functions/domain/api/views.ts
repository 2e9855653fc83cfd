import * as z from "zod";
import { BackupId, Manifest } from "../backup/manifest.ts";
import { SlotChange } from "../migrate/migration-records.ts";
import { PlanSchema } from "../plan/plan-types.ts";
import { VersionsSchema } from "../releases/pinned-versions.ts";
import { ClusterSpec } from "../spec/spec.ts";
import type { Read } from "./output.ts";

/**
 * Views that the API answers with and every client reads (docs/api.md). Times are ISO 8601 in UTC. Unknown fields are
 * kept: a newer API may say more.
 */

const MemberViewSchema = z.looseObject({
  name: z.string(),
  zone: z.string(),
  address: z.string(),
  instanceId: z.string().nullable(),
  volumeId: z.string().nullable(),
  /** Of its etcd. */
  health: z.enum(["healthy", "unhealthy", "pending", "unknown"]),
  /** Is the API server of its host ready? Only in a fresh answer, and if the host said. */
  apiServer: z.enum(["ready", "not-ready"]).exactOptional(),
  /** When etcd last said so. */
  observedAt: z.string().nullable(),
  /**
   * When the first of its certificates expires; null as long as nobody has asked. It is replaced with new ones before.
   */
  certificatesUntil: z.string().nullable().default(null),
});
export type MemberView = Read<typeof MemberViewSchema>;
export type MemberHealth = MemberView["health"];

const QuorumViewSchema = z.looseObject({
  size: z.number(),
  healthy: z.number(),
  needed: z.number(),
  /** Name of the member that leads; null when there is none or it is not known. */
  leader: z.string().nullable(),
});

const NodeViewSchema = z.looseObject({
  name: z.string(),
  zone: z.string(),
  instanceId: z.string(),
  ready: z.boolean(),
});
export type NodeView = Read<typeof NodeViewSchema>;

export const ClusterViewSchema = z.looseObject({
  name: z.string(),
  status: z.enum(["CREATING", "ACTIVE", "DEGRADED", "REPAIRING", "UPDATING", "DELETING", "DELETED", "FAILED"]),
  /** Why the status is what it is, and what to do; null when ACTIVE and all is as it was asked for. */
  reason: z.string().nullable(),
  spec: ClusterSpec,
  plan: PlanSchema,
  /** What it runs, pinned when it was created; null of a cluster that was created before they were recorded. */
  versions: VersionsSchema.nullable().default(null),
  members: z.array(MemberViewSchema),
  quorum: QuorumViewSchema,
  nodes: z.array(NodeViewSchema),
  endpoint: z.string().nullable(),
  /** What somebody removed or changed in the account: a phrase for people, and when it was first seen. */
  drift: z.array(z.looseObject({ message: z.string(), since: z.string() })).default([]),
  /** The last backup; null of an API that is older than backups. */
  backup: z
    .looseObject({
      /** Minutes from one to the next; 0 if they are off. */
      intervalMinutes: z.number(),
      lastVerifiedId: z.string().nullable(),
      lastVerifiedAt: z.string().nullable(),
      /** Why the last try failed; null after one that succeeded. */
      lastError: z.string().nullable(),
      /** Drills; null of an API that is older than they are. */
      drill: z
        .looseObject({
          schedule: z.enum(["weekly", "off"]),
          /** When one last passed, and the id of the backup that was tried. */
          lastOkAt: z.string().nullable(),
          lastOkId: z.string().nullable(),
          /** Why the last one failed; null after one that passed. */
          lastError: z.string().nullable(),
        })
        .nullable()
        .default(null),
      /** What is wrong with backups and drills, a phrase each. */
      problems: z.array(z.string()),
    })
    .nullable()
    .default(null),
  /** A migration of its masters that has begun and is not complete. */
  migration: z
    .looseObject({
      from: z.array(z.string()),
      to: z.array(z.string()),
      /** Changes of single slots, in their order; empty before the first step. */
      changes: z.array(SlotChange),
      done: z.array(SlotChange),
      current: z.looseObject({ slot: z.string(), phase: z.string() }).nullable(),
    })
    .nullable()
    .default(null),
  /** The operation that holds the cluster now, or null. */
  operation: z.string().nullable(),
  createdAt: z.string(),
  updatedAt: z.string(),
});
export type ClusterView = Read<typeof ClusterViewSchema>;
/** A cluster without most of its plan: what lists of hundreds have. */
export type ClusterOutline = Omit<ClusterView, "plan" | "members"> & {
  readonly plan: { readonly cost?: { readonly monthly: number | null } };
  readonly members: readonly Pick<MemberView, "name" | "zone" | "health" | "apiServer">[];
};
export type ClusterStatus = ClusterView["status"];

const StepViewSchema = z.looseObject({
  /** Name of the step as in the state machine: "Create network". */
  name: z.string(),
  member: z.string().nullable(),
  status: z.enum(["RUNNING", "WAITING", "DONE", "FAILED"]),
  startedAt: z.string(),
  finishedAt: z.string().nullable(),
  /** What it waits for, or why it failed. */
  message: z.string().nullable(),
});
export type StepView = Read<typeof StepViewSchema>;

export const OperationViewSchema = z.looseObject({
  id: z.string(),
  cluster: z.string(),
  kind: z.enum(["create", "repair", "scale", "update", "restore", "migrate", "delete", "backup", "drill"]),
  status: z.enum(["RUNNING", "SUCCEEDED", "FAILED"]),
  startedAt: z.string(),
  finishedAt: z.string().nullable(),
  steps: z.array(StepViewSchema),
  error: z.looseObject({ name: z.string(), message: z.string(), remedy: z.string() }).nullable(),
});
export type OperationView = Read<typeof OperationViewSchema>;
export type OperationKind = OperationView["kind"];
export type OperationStatus = OperationView["status"];

export const EventViewSchema = z.looseObject({
  time: z.string(),
  /** Kebab-case and stable, for machines: `master-lost`, `member-healthy`… */
  type: z.string(),
  /** A plain sentence for people. */
  message: z.string(),
  member: z.string().nullable(),
  operation: z.string().nullable(),
  /** Of a change that somebody asked for by the API: who it was, and from where. */
  by: z
    .looseObject({
      /** `iam:arn:aws:…`, or `jwt:sub=alice`. */
      principal: z.string(),
      authMethod: z.enum(["iam", "token"]),
      sourceIp: z.string(),
      userAgent: z.string(),
    })
    .exactOptional(),
});
export type EventView = Read<typeof EventViewSchema>;

/** In the order in which a deletion shows them. */
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
  "backup",
  "health-check",
] as const;
export type ResourceKind = (typeof RESOURCE_KINDS)[number];

/** A thing in the account that belongs to a cluster. */
const ResourceViewSchema = z.looseObject({
  kind: z.enum(RESOURCE_KINDS),
  id: z.string(),
  /** What it is to the cluster, `volume/a`; what Kubernetes made has the name that Kubernetes gave. */
  name: z.string(),
});
export type ResourceView = Read<typeof ResourceViewSchema>;

/** What a deletion would do. */
export const DeletionViewSchema = z.looseObject({
  cluster: z.string(),
  /** The cluster's own id; nothing is removed that does not carry it, or its name's tag of Kubernetes. */
  uid: z.string(),
  removed: z.array(ResourceViewSchema),
  /** What is left alone, with the reason. */
  kept: z.array(z.looseObject({ what: z.string(), why: z.string() })),
  /** What is not the cluster's and stands in the way: one phrase each. */
  blockers: z.array(z.string()),
});
export type DeletionView = Read<typeof DeletionViewSchema>;

/** What makes somebody an administrator of a cluster, together with the key that only they have. */
export const KubeconfigViewSchema = z.looseObject({
  cluster: z.string(),
  /** Address of the Kubernetes API. */
  server: z.string(),
  /** The cluster's authority, by which its servers are known. PEM. */
  certificateAuthority: z.string(),
  /** PEM. */
  certificate: z.string(),
  /** As Kubernetes' audit log names the bearer. */
  user: z.string(),
  expiresAt: z.string(),
});
export type KubeconfigView = Read<typeof KubeconfigViewSchema>;

/** A backup, as its manifest says, and what the table knows besides. */
export const BackupViewSchema = Manifest.extend({
  id: BackupId,
  /** Retention never removes it. */
  pinned: z.boolean(),
  /** `current`, `earlier` (before a restore), or `former` (of another cluster of this name). */
  history: z.enum(["current", "earlier", "former"]),
});
export type BackupView = Read<typeof BackupViewSchema>;

/** RFC 9457. `problems` is there for a refused spec or request, `operation` for a conflict. */
export const ProblemDocumentSchema = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  detail: z.string(),
  problems: z.array(z.looseObject({ flag: z.string(), value: z.string(), message: z.string() })).exactOptional(),
  operation: z.string().exactOptional(),
  requestId: z.string().exactOptional(),
});
export type ProblemDocument = Read<typeof ProblemDocumentSchema>;

/** A list of the API. `nextCursor` asks for the following page; the last one has none. */
export function pageOf<S extends z.ZodType>(item: S) {
  return z.looseObject({ items: z.array(item), nextCursor: z.string().nullish() });
}
