import * as z from "zod";
import { ClusterViewSchema, OperationViewSchema } from "../api/views.ts";
import { BackupFactsSchema } from "../backup/backup-records.ts";
import { DriftStateSchema } from "../drift/drift-records.ts";
import { Migrating, Migration } from "../migrate/migration-records.ts";
import { VersionsSchema } from "../releases/pinned-versions.ts";
import { MemberRestore, QuorumLoss, RestorationRecord, TakenFrom } from "../restore/restore-records.ts";
import { ClusterSpec } from "../spec/spec.ts";
import { renamed } from "./former-names.ts";

/**
 * Schemas of what the table holds. What an earlier version stored lacks fields of today, and a later one may store
 * more: what is optional may be missing, and unknown fields are kept.
 */

const view = ClusterViewSchema.shape;

/** A cluster as the table records it: the last known state. The actual state is in AWS and in etcd. */
export const ClusterRecordSchema = z.looseObject({
  name: z.string().min(1),
  uid: z.string().min(1),
  status: view.status,
  reason: z.string().nullable().default(null),
  spec: z.looseObject(ClusterSpec.shape),
  plan: view.plan,
  /** The operation that holds the cluster. This field is the lock; the operation's own item has the lease. */
  operation: z.string().nullable().default(null),
  /** Changes that an update has not completed: fields of the spec that reality may not follow yet. */
  pending: z
    .looseObject({ fields: z.array(z.string()) })
    .nullable()
    .exactOptional(),
  network: z
    .looseObject({
      vpcId: z.string(),
      internetGatewayId: z.string(),
      /** Subnet ids by the plan's subnet names. */
      subnets: z.record(z.string(), z.string()),
      masterGroupId: z.string(),
      nodeGroupId: z.string(),
      /** Of the API's load balancer; absent where everybody may reach it. */
      apiGroupId: z.string().exactOptional(),
    })
    .exactOptional(),
  endpoint: z
    .looseObject({
      loadBalancerArn: z.string(),
      targetGroupArn: z.string(),
      /** The balancer's own name, which kubelets use. */
      host: z.string(),
      /** The cluster's own name in DNS, where it has one that its certificates hold. */
      name: z.string().exactOptional(),
    })
    .exactOptional(),
  /** Pinned at creation: a self-heal must not be an untested upgrade (docs/references/aws.md#images). */
  images: z
    .looseObject({
      masters: z.string(),
      nodes: z.string(),
      /** By which the root volume is known to the image that the spec names; absent for the default image. */
      rootDevice: z.string().exactOptional(),
    })
    .exactOptional(),
  /** Pinned at creation; absent in records that are older than this field. */
  versions: VersionsSchema.exactOptional(),
  hostedZoneId: z.string().exactOptional(),
  /** A deletion has begun and may be partly done. The cluster can then only be deleted. */
  deleting: z.boolean().exactOptional(),
  leader: z.string().nullable().default(null),
  /** etcd's id of the cluster, decimal: what its members serve. Written when all were first seen to agree. */
  etcdClusterId: z.string().exactOptional(),
  nodes: view.nodes.default([]),
  /** What is not as it was made, as the last looks showed. */
  drift: DriftStateSchema.exactOptional(),
  /** What is known of its backups; absent until the first is tried. */
  backup: BackupFactsSchema.exactOptional(),
  /** Rises with each restore; 1 if absent. Backups of another epoch are another history. */
  epoch: z.int().min(1).exactOptional(),
  /** A restore that has begun and is not complete: no repair begins. */
  restoration: RestorationRecord.nullable().exactOptional(),
  /** A migration of the masters that has begun and is not complete. */
  migration: Migration.nullable().exactOptional(),
  /** Letters of slots that migrations have removed. They are not used again. */
  retiredSlots: z.array(z.string()).exactOptional(),
  /** The volumes of a majority are gone, as far as the reconciler saw. */
  quorumLoss: QuorumLoss.nullable().exactOptional(),
  /** It was created from this backup, with the authorities of the cluster that it was taken of. */
  takenFrom: TakenFrom.exactOptional(),
  createdAt: z.string(),
  updatedAt: z.string(),
});

/** Of a cluster's record what a list of hundreds needs: reading all of a plan costs more than the rest. */
export const ClusterOutlineSchema = ClusterRecordSchema.extend({
  plan: z.looseObject({
    members: view.plan.shape.members,
    cost: z.looseObject({ monthly: z.number().nullable() }).exactOptional(),
  }),
});

const Interruption = z.looseObject({
  instanceId: z.string(),
  kind: z.enum(["spot-interruption", "rebalance", "scheduled-change"]),
  /** AWS's own word for it: the type of the event. */
  detectedBy: z.string(),
  receivedAt: z.string(),
});

const Renewal = z.looseObject({
  /** Of the member that is taken out; hexadecimal. */
  formerId: z.string(),
  /** Of the fresh volume. */
  generation: z.number(),
  /** The fresh volume, once it is made. */
  volumeId: z.string().exactOptional(),
  /** When it began; epoch milliseconds. */
  since: z.number(),
  /** Set if the member is put back in another zone. */
  move: z.looseObject({ from: z.string(), to: z.string(), formerAddress: z.string() }).exactOptional(),
});

const Damage = z.looseObject({
  volumeId: z.string(),
  /** As a person reads it: what etcd or the boot script said. */
  reason: z.string(),
  /** The member is not renewed before; epoch milliseconds. Absent: at once. */
  retryAt: z.number().exactOptional(),
});

/** Instances that did not boot, one after the other; forgotten with the first that becomes healthy. */
const BootFailures = z.looseObject({
  operation: z.string(),
  /** Within that operation. */
  count: z.number(),
  /** Operations that gave up. */
  givenUp: z.number(),
  /** No repair is begun for this member before; epoch milliseconds. */
  retryAt: z.number(),
});

/** Masters that were replaced because their boot did not end, one after the other; none is before `retryAt`. */
const UnfinishedBoots = z.looseObject({ count: z.number(), retryAt: z.number() });

const FormerResources = z.looseObject({
  zone: z.string(),
  volumeId: z.string().nullable(),
  interfaceId: z.string().nullable(),
  /** It is not tried to remove it before; epoch milliseconds. */
  retryAt: z.number(),
});

const Member = z.looseObject({
  member: z.string().min(1),
  volumeId: z.string().nullable().default(null),
  interfaceId: z.string().nullable().default(null),
  /** Allocation id of its Elastic IP; absent in a private topology. */
  addressId: z.string().exactOptional(),
  instanceId: z.string().nullable().default(null),
  /** Rises with each fresh volume; a volume of an older generation is not the member's. */
  generation: z.number().default(1),
  health: z.enum(["healthy", "unhealthy", "pending", "unknown"]),
  observedAt: z.string().nullable().default(null),
  /** When the first of its certificates expires, as its host last said. */
  certificatesUntil: z.string().exactOptional(),
  /** The volume that hosts must refuse if it is blank, because it has had data. */
  usedVolumeId: z.string().exactOptional(),
  /** Set while the member is removed and added again with new data. The id to remove is recorded first. */
  renewal: Renewal.nullable().exactOptional(),
  /** AWS has announced that it will take away this instance. Valid only while it is the member's instance. */
  interruption: renamed({ toldBy: "detectedBy" }, Interruption).nullable().exactOptional(),
  /** A volume that etcd or the boot script rejected. It is never attached again and never deleted. */
  damage: Damage.nullable().exactOptional(),
  /** The instance type in force, if it is not the first choice, or was changed back to it: since when. */
  size: z.looseObject({ type: z.string(), since: z.string() }).exactOptional(),
  bootFailures: BootFailures.nullable().exactOptional(),
  unfinishedBoots: UnfinishedBoots.nullable().exactOptional(),
  /** Its zone launches no instance because of insufficient capacity: since when, and AWS's message. */
  stranded: z.looseObject({ since: z.string(), reason: z.string() }).nullable().exactOptional(),
  /** Its group launches nothing until this instance, which is terminating, has released the member's interface. */
  launchHeld: z.looseObject({ instanceId: z.string() }).nullable().exactOptional(),
  /** The generation in which it came to its zone: its interface there is of that one. Absent: it has never moved. */
  home: z.number().exactOptional(),
  /** Former resources in zones that it has left, until they are deleted. */
  formerResources: z.array(FormerResources).exactOptional(),
  /** What a restore that has begun did to it. */
  restoring: MemberRestore.nullable().exactOptional(),
  /** Set while a migration makes it, or takes it away: it is no full member of etcd. */
  migrating: Migrating.nullable().exactOptional(),
  /** Its slot goes, and its pods were evicted as far as possible. */
  drained: z.boolean().exactOptional(),
});

export const MemberRecordSchema = renamed({ notice: "interruption", remains: "formerResources" }, Member);

const operation = OperationViewSchema.shape;

export const OperationRecordSchema = z.looseObject({
  id: z.string().min(1),
  cluster: z.string().min(1),
  kind: operation.kind,
  status: operation.status,
  /** Epoch milliseconds; after it, another operation may take the cluster. Every step renews it. */
  leaseUntil: z.number().default(0),
  startedAt: z.string(),
  finishedAt: z.string().nullable().default(null),
  steps: z.record(z.string(), operation.steps.element).default({}),
  error: operation.error.default(null),
  /**
   * For a repair: the masters that were lost when it began, and when. With `exact` the time is known; otherwise `at` is
   * the last sign of life before the loss.
   */
  loss: z
    .looseObject({ members: z.array(z.string()), at: z.string(), exact: z.boolean().exactOptional() })
    .exactOptional(),
  /** The operation that waits for this backup: each step of the backup renews that one's lease, too. */
  parent: z.string().exactOptional(),
});

/** A document that runs on a host, by its id in Run Command. */
export const SentCommandSchema = z.object({
  id: z.string(),
  document: z.string(),
  /** Digest of its parameters: with others it is another command. */
  parameters: z.string(),
  instanceId: z.string(),
  /** Epoch milliseconds. */
  sentAt: z.number(),
});
