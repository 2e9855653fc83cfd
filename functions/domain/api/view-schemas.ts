import * as z from "zod";
import type { PlannedCluster } from "../plan/plan-types.ts";
import type { Versions } from "../releases/pinned-versions.ts";
import { ClusterSpec } from "../spec/spec.ts";
import {
  type ClusterView,
  type DeletionView,
  type EventView,
  type KubeconfigView,
  type OperationView,
  type ProblemDocument,
  RESOURCE_KINDS,
} from "./views.ts";

/** Schemas of what the API answers, for clients. Unknown fields are kept: a newer API may say more. */

const PlanSchema = z.looseObject({
  members: z.array(z.looseObject({ name: z.string(), zone: z.string(), subnet: z.string(), address: z.string() })),
  nodes: z.array(z.looseObject({ zone: z.string(), count: z.number(), subnet: z.string() })),
  subnets: z.array(
    z.looseObject({
      zone: z.string(),
      type: z.enum(["public", "private", "utility"]),
      cidr: z.string(),
      name: z.string(),
    }),
  ),
  quorum: z.looseObject({ size: z.number(), needed: z.number() }),
  survives: z.looseObject({ masters: z.number(), zones: z.array(z.string()) }),
  network: z.looseObject({
    requested: z.string(),
    used: z.string(),
    cidr: z.string(),
    pods: z.string(),
    services: z.string(),
  }),
  resources: z.record(z.string(), z.number()),
  cost: z
    .looseObject({
      currency: z.literal("USD"),
      monthly: z.number().nullable(),
      items: z.array(
        z.looseObject({
          what: z.string(),
          count: z.number(),
          each: z.number().nullable(),
          monthly: z.number().nullable(),
        }),
      ),
      asOf: z.string(),
      region: z.string(),
    })
    .exactOptional(),
});

export const VersionsSchema = z.looseObject({
  holdfast: z.string(),
  kubernetes: z.string(),
  etcd: z.string(),
  containerd: z.string(),
  helm: z.string(),
  addOns: z.record(z.string(), z.string()),
}) satisfies z.ZodType<Versions>;

export const PlannedClusterSchema = z.looseObject({
  spec: ClusterSpec,
  plan: PlanSchema,
  versions: VersionsSchema.exactOptional(),
  warnings: z.array(z.string()),
}) satisfies z.ZodType<PlannedCluster>;

export const ClusterViewSchema = z.looseObject({
  name: z.string(),
  status: z.enum(["CREATING", "ACTIVE", "DEGRADED", "REPAIRING", "UPDATING", "DELETING", "DELETED", "FAILED"]),
  reason: z.string().nullable(),
  spec: ClusterSpec,
  plan: PlanSchema,
  versions: VersionsSchema.nullable().default(null),
  members: z.array(
    z.looseObject({
      name: z.string(),
      zone: z.string(),
      address: z.string(),
      instanceId: z.string().nullable(),
      volumeId: z.string().nullable(),
      health: z.enum(["healthy", "unhealthy", "pending", "unknown"]),
      apiServer: z.enum(["ready", "not-ready"]).exactOptional(),
      observedAt: z.string().nullable(),
      certificatesUntil: z.string().nullable().default(null),
    }),
  ),
  quorum: z.looseObject({
    size: z.number(),
    healthy: z.number(),
    needed: z.number(),
    leader: z.string().nullable(),
  }),
  nodes: z.array(z.looseObject({ name: z.string(), zone: z.string(), instanceId: z.string(), ready: z.boolean() })),
  endpoint: z.string().nullable(),
  drift: z.array(z.looseObject({ message: z.string(), since: z.string() })).default([]),
  operation: z.string().nullable(),
  createdAt: z.string(),
  updatedAt: z.string(),
}) satisfies z.ZodType<ClusterView>;

export const OperationViewSchema = z.looseObject({
  id: z.string(),
  cluster: z.string(),
  kind: z.enum(["create", "repair", "scale", "update", "roll", "upgrade", "backup", "restore", "migrate", "delete"]),
  status: z.enum(["RUNNING", "SUCCEEDED", "FAILED"]),
  startedAt: z.string(),
  finishedAt: z.string().nullable(),
  steps: z.array(
    z.looseObject({
      name: z.string(),
      member: z.string().nullable(),
      status: z.enum(["RUNNING", "WAITING", "DONE", "FAILED"]),
      startedAt: z.string(),
      finishedAt: z.string().nullable(),
      message: z.string().nullable(),
    }),
  ),
  error: z.looseObject({ name: z.string(), message: z.string(), remedy: z.string() }).nullable(),
}) satisfies z.ZodType<OperationView>;

export const EventViewSchema = z.looseObject({
  time: z.string(),
  type: z.string(),
  message: z.string(),
  member: z.string().nullable(),
  operation: z.string().nullable(),
  by: z
    .looseObject({
      principal: z.string(),
      authMethod: z.enum(["iam", "token"]),
      sourceIp: z.string(),
      userAgent: z.string(),
    })
    .exactOptional(),
}) satisfies z.ZodType<EventView>;

export const DeletionViewSchema = z.looseObject({
  cluster: z.string(),
  uid: z.string(),
  removed: z.array(z.looseObject({ kind: z.enum(RESOURCE_KINDS), id: z.string(), name: z.string() })),
  kept: z.array(z.looseObject({ what: z.string(), why: z.string() })),
  blockers: z.array(z.string()),
}) satisfies z.ZodType<DeletionView>;

export const KubeconfigViewSchema = z.looseObject({
  cluster: z.string(),
  server: z.string(),
  certificateAuthority: z.string(),
  certificate: z.string(),
  user: z.string(),
  expiresAt: z.string(),
}) satisfies z.ZodType<KubeconfigView>;

export const ProblemDocumentSchema = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  detail: z.string(),
  problems: z.array(z.looseObject({ flag: z.string(), value: z.string(), message: z.string() })).exactOptional(),
  operation: z.string().exactOptional(),
  requestId: z.string().exactOptional(),
}) satisfies z.ZodType<ProblemDocument>;

/** A list of the API. `nextCursor` asks for the following page; the last one has none. */
export function pageOf<S extends z.ZodType>(item: S) {
  return z.looseObject({ items: z.array(item), nextCursor: z.string().nullish() });
}
