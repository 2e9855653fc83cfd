import * as z from "zod";
import { ClusterViewSchema, OperationViewSchema } from "../api/views.ts";
import { BackupFactsSchema } from "../backup/backup-records.ts";
import { DRIFT_AREAS } from "../drift/drift-records.ts";
import { Migrating, Migration } from "../migrate/migration-records.ts";
import { VersionsSchema } from "../releases/pinned-versions.ts";
import { MemberRestore, RestorationRecord } from "../restore/restore-records.ts";
import { ClusterSpec } from "../spec/spec.ts";
import type { ClusterRecord, MemberRecord, OperationRecord } from "./records.ts";

/**
 * Schemas of what the table holds. What an earlier version stored lacks fields of today, and a later one may store
 * more: what is optional may be missing, and unknown fields are kept.
 */

const view = ClusterViewSchema.shape;

/** Reads what was stored under former names too. A name of today wins. */
function renamed<S extends z.ZodType>(names: Readonly<Record<string, string>>, schema: S) {
  return z.preprocess((stored) => withNames(stored, names), schema);
}

/**
 * The stored object with its members under the names of today; former names stay beside them, as unknown members do.
 */
export function withNames(stored: unknown, names: Readonly<Record<string, string>>): unknown {
  if (typeof stored !== "object" || stored === null || Array.isArray(stored)) return stored;
  const entries = Object.entries(stored).map(([name, value]) => [names[name] ?? name, value] as const);
  return { ...Object.fromEntries(entries), ...stored };
}

const Drift = z.looseObject({
  version: z.number(),
  fullAt: z.string().nullable(),
  found: z.array(
    renamed(
      { told: "reported" },
      z.looseObject({
        key: z.string(),
        area: z.enum(DRIFT_AREAS),
        message: z.string(),
        since: z.string(),
        reported: z.boolean(),
      }),
    ),
  ),
});

export const ClusterRecordSchema = z.looseObject({
  name: z.string().min(1),
  uid: z.string().min(1),
  status: view.status,
  reason: z.string().nullable().default(null),
  spec: z.looseObject(ClusterSpec.shape),
  plan: view.plan,
  operation: z.string().nullable().default(null),
  pending: z
    .looseObject({ fields: z.array(z.string()) })
    .nullable()
    .exactOptional(),
  network: z
    .looseObject({
      vpcId: z.string(),
      internetGatewayId: z.string(),
      subnets: z.record(z.string(), z.string()),
      masterGroupId: z.string(),
      nodeGroupId: z.string(),
      apiGroupId: z.string().exactOptional(),
    })
    .exactOptional(),
  endpoint: z
    .looseObject({
      loadBalancerArn: z.string(),
      targetGroupArn: z.string(),
      host: z.string(),
      name: z.string().exactOptional(),
    })
    .exactOptional(),
  images: z
    .looseObject({ masters: z.string(), nodes: z.string(), rootDevice: z.string().exactOptional() })
    .exactOptional(),
  versions: VersionsSchema.exactOptional(),
  hostedZoneId: z.string().exactOptional(),
  deleting: z.boolean().exactOptional(),
  leader: z.string().nullable().default(null),
  etcdClusterId: z.string().exactOptional(),
  nodes: view.nodes.default([]),
  drift: Drift.exactOptional(),
  backup: BackupFactsSchema.exactOptional(),
  epoch: z.int().min(1).exactOptional(),
  restoration: RestorationRecord.nullable().exactOptional(),
  migration: Migration.nullable().exactOptional(),
  retiredSlots: z.array(z.string()).exactOptional(),
  createdAt: z.string(),
  updatedAt: z.string(),
}) satisfies z.ZodType<ClusterRecord>;

const Interruption = renamed(
  { toldBy: "detectedBy" },
  z.looseObject({
    instanceId: z.string(),
    kind: z.enum(["spot-interruption", "rebalance", "scheduled-change"]),
    detectedBy: z.string(),
    receivedAt: z.string(),
  }),
);

const Renewal = z.looseObject({
  formerId: z.string(),
  generation: z.number(),
  volumeId: z.string().exactOptional(),
  since: z.number(),
  move: z.looseObject({ from: z.string(), to: z.string(), formerAddress: z.string() }).exactOptional(),
});

const FormerResources = z.looseObject({
  zone: z.string(),
  volumeId: z.string().nullable(),
  interfaceId: z.string().nullable(),
  retryAt: z.number(),
});

const Member = z.looseObject({
  member: z.string().min(1),
  volumeId: z.string().nullable().default(null),
  interfaceId: z.string().nullable().default(null),
  addressId: z.string().exactOptional(),
  instanceId: z.string().nullable().default(null),
  generation: z.number().default(1),
  health: z.enum(["healthy", "unhealthy", "pending", "unknown"]),
  observedAt: z.string().nullable().default(null),
  certificatesUntil: z.string().exactOptional(),
  usedVolumeId: z.string().exactOptional(),
  renewal: Renewal.nullable().exactOptional(),
  interruption: Interruption.nullable().exactOptional(),
  damage: z
    .looseObject({ volumeId: z.string(), reason: z.string(), retryAt: z.number().exactOptional() })
    .nullable()
    .exactOptional(),
  size: z.looseObject({ type: z.string(), since: z.string() }).exactOptional(),
  bootFailures: z
    .looseObject({ operation: z.string(), count: z.number(), givenUp: z.number(), retryAt: z.number() })
    .nullable()
    .exactOptional(),
  unfinishedBoots: z.looseObject({ count: z.number(), retryAt: z.number() }).nullable().exactOptional(),
  stranded: z.looseObject({ since: z.string(), reason: z.string() }).nullable().exactOptional(),
  launchHeld: z.looseObject({ instanceId: z.string() }).nullable().exactOptional(),
  home: z.number().exactOptional(),
  formerResources: z.array(FormerResources).exactOptional(),
  restoring: MemberRestore.nullable().exactOptional(),
  migrating: Migrating.nullable().exactOptional(),
}) satisfies z.ZodType<MemberRecord>;

export const MemberRecordSchema = renamed({ notice: "interruption", remains: "formerResources" }, Member);

const operation = OperationViewSchema.shape;

export const OperationRecordSchema = z.looseObject({
  id: z.string().min(1),
  cluster: z.string().min(1),
  kind: operation.kind,
  status: operation.status,
  leaseUntil: z.number().default(0),
  startedAt: z.string(),
  finishedAt: z.string().nullable().default(null),
  steps: z.record(z.string(), operation.steps.element).default({}),
  error: operation.error.default(null),
  loss: z
    .looseObject({ members: z.array(z.string()), at: z.string(), exact: z.boolean().exactOptional() })
    .exactOptional(),
}) satisfies z.ZodType<OperationRecord>;
