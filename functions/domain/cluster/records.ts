import type { Read } from "../api/output.ts";
import type { Owner } from "./naming.ts";
import type {
  ClusterRecordSchema,
  MemberRecordSchema,
  OperationRecordSchema,
  SentCommandSchema,
} from "./record-schemas.ts";

// What the fields mean stands in record-schemas.ts.

export type ClusterRecord = Read<typeof ClusterRecordSchema>;
export type PinnedImages = NonNullable<ClusterRecord["images"]>;
export type PendingChange = NonNullable<ClusterRecord["pending"]>;
export type NetworkRecord = NonNullable<ClusterRecord["network"]>;
export type EndpointRecord = NonNullable<ClusterRecord["endpoint"]>;

export type MemberRecord = Read<typeof MemberRecordSchema>;
export type FormerResourcesRecord = NonNullable<MemberRecord["formerResources"]>[number];
export type BootFailures = NonNullable<MemberRecord["bootFailures"]>;
export type UnfinishedBoots = NonNullable<MemberRecord["unfinishedBoots"]>;
export type DamageRecord = NonNullable<MemberRecord["damage"]>;
export type InterruptionRecord = NonNullable<MemberRecord["interruption"]>;
export type RenewalRecord = NonNullable<MemberRecord["renewal"]>;
export type MoveRecord = RenewalRecord & Required<Pick<RenewalRecord, "move">>;

export type OperationRecord = Read<typeof OperationRecordSchema>;
export type SentCommand = Read<typeof SentCommandSchema>;

/** Without one it is that of Amazon Linux, the default image. */
export function rootDeviceOf({ rootDevice = "/dev/xvda" }: PinnedImages): string {
  return rootDevice;
}

/** The name under which clients reach the API. It survives the load balancer. */
export function apiHostOf({ name, host }: EndpointRecord): string {
  return name ?? host;
}

/** The interruption of the member's current instance. One of a former instance is ignored. */
export function interruptionOf({ interruption, instanceId }: MemberRecord): InterruptionRecord | undefined {
  return interruption && interruption.instanceId === instanceId ? interruption : undefined;
}

/** A move that was decided and is not complete. Until then the record describes the former zone. */
export function openMoveOf({ renewal, generation }: MemberRecord): MoveRecord | undefined {
  return renewal?.move && renewal.generation > generation ? { ...renewal, move: renewal.move } : undefined;
}

/**
 * A lease is much longer than any step: functions end after 60 s, and pauses between attempts after 30 s
 * (docs/references/faults.md#w5, #w6).
 */
export const LEASE_MS = 10 * 60_000;

/** What a step knows of its own beginning. */
export interface Begun {
  /** No run of this step, for this member, has begun before in its operation. */
  readonly first: boolean;
  /** When the step first ran, for this member, in its operation: since then it waits. */
  readonly waitsSince: string;
  /** When the operation was asked for. */
  readonly operationStartedAt: string;
  /** What a former run of the step asked a host, and has no answer to yet. */
  readonly command: SentCommand | undefined;
}

export function epochOf({ epoch = 1 }: Pick<ClusterRecord, "epoch">): number {
  return epoch;
}

export function ownerOf(cluster: Pick<ClusterRecord, "name" | "uid" | "spec">): Owner {
  return { cluster: cluster.name, uid: cluster.uid, labels: cluster.spec.cloudLabels };
}

/**
 * The owner, as a creating step sees it. A cluster and its creating operation are recorded in one write, with one time.
 * A step of that operation that runs for the first time finds nothing of its own, so it does not search. After a crash,
 * after a retry or in a later operation it searches.
 */
export function ownerIn(cluster: ClusterRecord, { first, operationStartedAt }: Begun): Owner {
  return { ...ownerOf(cluster), blank: first && operationStartedAt === cluster.createdAt };
}
