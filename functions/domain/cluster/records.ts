import type { ClusterStatus, MemberHealth, NodeView, OperationKind, OperationStatus, StepView } from "../api/views.ts";
import type { BackupFacts } from "../backup/backup-records.ts";
import type { DriftState } from "../drift/drift-records.ts";
import type { Migrated, Migrating } from "../migrate/migration-records.ts";
import type { Plan } from "../plan/plan-types.ts";
import type { Versions } from "../releases/pinned-versions.ts";
import type { MemberRestore, RestorationRecord } from "../restore/restore-records.ts";
import type { ClusterSpec } from "../spec/spec.ts";
import type { Owner } from "./naming.ts";

/** A cluster as the table records it: the last known state. The actual state is in AWS and in etcd. */
export interface ClusterRecord extends Migrated {
  readonly name: string;
  readonly uid: string;
  readonly status: ClusterStatus;
  readonly reason: string | null;
  readonly spec: ClusterSpec;
  readonly plan: Plan;
  /** The operation that holds the cluster. This field is the lock; the operation's own item has the lease. */
  readonly operation: string | null;
  /** Changes that an update has not completed. They remain after a failed update. */
  readonly pending?: PendingChange | null;
  readonly network?: NetworkRecord;
  readonly endpoint?: EndpointRecord;
  /** Pinned at creation: a self-heal must not be an untested upgrade (docs/references/aws.md#images). */
  readonly images?: PinnedImages;
  /** Pinned at creation; absent in records that are older than this field. */
  readonly versions?: Versions;
  readonly hostedZoneId?: string;
  /** A deletion has begun and may be partly done. The cluster can then only be deleted. */
  readonly deleting?: boolean;
  readonly leader: string | null;
  /** etcd's id of the cluster, decimal: what its members serve. Written when all were first seen to agree. */
  readonly etcdClusterId?: string;
  readonly nodes: readonly NodeView[];
  /** What is not as it was made, as the last looks showed. */
  readonly drift?: DriftState;
  /** What is known of its backups; absent until the first is tried. */
  readonly backup?: BackupFacts;
  /** Rises with each restore; 1 if absent. Backups of another epoch are another history. */
  readonly epoch?: number;
  /** A restore that has begun and is not complete: no repair begins. */
  readonly restoration?: RestorationRecord | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface PinnedImages {
  readonly masters: string;
  readonly nodes: string;
  /** By which the root volume is known to the image that the spec names; absent for the default image. */
  readonly rootDevice?: string;
}

/** Without one it is that of Amazon Linux, the default image. */
export function rootDeviceOf({ rootDevice = "/dev/xvda" }: PinnedImages): string {
  return rootDevice;
}

export interface PendingChange {
  /** Fields of the spec that reality may not follow yet. */
  readonly fields: readonly string[];
}

export interface NetworkRecord {
  readonly vpcId: string;
  readonly internetGatewayId: string;
  /** Subnet ids by the plan's subnet names. */
  readonly subnets: Readonly<Record<string, string>>;
  readonly masterGroupId: string;
  readonly nodeGroupId: string;
  /** Of the API's load balancer; absent where everybody may reach it. */
  readonly apiGroupId?: string;
}

export interface EndpointRecord {
  readonly loadBalancerArn: string;
  readonly targetGroupArn: string;
  /** The balancer's own name, which kubelets use. */
  readonly host: string;
  /** The cluster's own name in DNS, where it has one that its certificates hold. */
  readonly name?: string;
}

/** The name under which clients reach the API. It survives the load balancer. */
export function apiHostOf({ name, host }: EndpointRecord): string {
  return name ?? host;
}

export interface MemberRecord {
  readonly member: string;
  readonly volumeId: string | null;
  readonly interfaceId: string | null;
  /** Allocation id of its Elastic IP; absent in a private topology. */
  readonly addressId?: string;
  readonly instanceId: string | null;
  /** Rises with each fresh volume; a volume of an older generation is not the member's. */
  readonly generation: number;
  readonly health: MemberHealth;
  readonly observedAt: string | null;
  /** When the first of its certificates expires, as its host last said. */
  readonly certificatesUntil?: string;
  /** The volume that hosts must refuse if it is blank, because it has had data. */
  readonly usedVolumeId?: string;
  /** Set while the member is removed and added again with new data. The id to remove is recorded first. */
  readonly renewal?: RenewalRecord | null;
  /** AWS has announced that it will take away this instance. Valid only while it is the member's instance. */
  readonly interruption?: InterruptionRecord | null;
  /** A volume that etcd or the boot script rejected. It is never attached again and never deleted. */
  readonly damage?: DamageRecord | null;
  /** The instance type in force, if it is not the first choice, or was changed back to it: since when. */
  readonly size?: { readonly type: string; readonly since: string };
  readonly bootFailures?: BootFailures | null;
  readonly unfinishedBoots?: UnfinishedBoots | null;
  /** Its zone launches no instance because of insufficient capacity: since when, and AWS's message. */
  readonly stranded?: { readonly since: string; readonly reason: string } | null;
  /** Its group launches nothing until this instance, which is terminating, has released the member's interface. */
  readonly launchHeld?: { readonly instanceId: string } | null;
  /** The generation in which it came to its zone: its interface there is of that one. Absent: it has never moved. */
  readonly home?: number;
  /** Former resources in zones that it has left, until they are deleted. */
  readonly formerResources?: readonly FormerResourcesRecord[];
  /** What a restore that has begun did to it. */
  readonly restoring?: MemberRestore | null;
  /** Set while a migration makes it, or takes it away: it is no full member of etcd. */
  readonly migrating?: Migrating | null;
}

export interface FormerResourcesRecord {
  readonly zone: string;
  readonly volumeId: string | null;
  readonly interfaceId: string | null;
  /** It is not tried to remove it before; epoch milliseconds. */
  readonly retryAt: number;
}

/** Instances that did not boot, one after the other; forgotten with the first that becomes healthy. */
export interface BootFailures {
  readonly operation: string;
  /** Within that operation. */
  readonly count: number;
  /** Operations that gave up. */
  readonly givenUp: number;
  /** No repair is begun for this member before; epoch milliseconds. */
  readonly retryAt: number;
}

/** Masters that were replaced because their boot did not end, one after the other. */
export interface UnfinishedBoots {
  readonly count: number;
  /** None is replaced for that before; epoch milliseconds. */
  readonly retryAt: number;
}

export interface DamageRecord {
  readonly volumeId: string;
  /** As a person reads it: what etcd or the boot script said. */
  readonly reason: string;
  /** The member is not renewed before; epoch milliseconds. Absent: at once. */
  readonly retryAt?: number;
}

export interface InterruptionRecord {
  readonly instanceId: string;
  readonly kind: "spot-interruption" | "rebalance" | "scheduled-change";
  /** AWS's own word for it: the type of the event. */
  readonly detectedBy: string;
  readonly receivedAt: string;
}

/** The interruption of the member's current instance. One of a former instance is ignored. */
export function interruptionOf({ interruption, instanceId }: MemberRecord): InterruptionRecord | undefined {
  return interruption && interruption.instanceId === instanceId ? interruption : undefined;
}

export interface RenewalRecord {
  /** Of the member that is taken out; hexadecimal. */
  readonly formerId: string;
  /** Of the fresh volume. */
  readonly generation: number;
  /** The fresh volume, once it is made. */
  readonly volumeId?: string;
  /** When it began; epoch milliseconds. */
  readonly since: number;
  /** Set if the member is put back in another zone. */
  readonly move?: { readonly from: string; readonly to: string; readonly formerAddress: string };
}
export type MoveRecord = RenewalRecord & Required<Pick<RenewalRecord, "move">>;

/** A move that was decided and is not complete. Until then the record describes the former zone. */
export function openMoveOf({ renewal, generation }: MemberRecord): MoveRecord | undefined {
  return renewal?.move && renewal.generation > generation ? { ...renewal, move: renewal.move } : undefined;
}

export interface OperationRecord {
  readonly id: string;
  readonly cluster: string;
  readonly kind: OperationKind;
  readonly status: OperationStatus;
  /** Epoch milliseconds; after it, another operation may take the cluster. Every step renews it. */
  readonly leaseUntil: number;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly steps: Readonly<Record<string, StepView>>;
  readonly error: { readonly name: string; readonly message: string; readonly remedy: string } | null;
  /**
   * For a repair: the masters that were lost when it began, and when. With `exact` the time is known; otherwise `at` is
   * the last sign of life before the loss.
   */
  readonly loss?: { readonly members: readonly string[]; readonly at: string; readonly exact?: boolean };
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

/** A document that runs on a host, by its id in Run Command. */
export interface SentCommand {
  readonly id: string;
  readonly document: string;
  /** Digest of its parameters: with others it is another command. */
  readonly parameters: string;
  readonly instanceId: string;
  /** Epoch milliseconds. */
  readonly sentAt: number;
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
