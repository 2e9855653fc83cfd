import * as z from "zod";

/**
 * Partition key of a host's heartbeat. An instance may write only the key with its own ARN, so no host reports for
 * another.
 */
export function heartbeatKey(uid: string, instanceArn: string): string {
  return `HEARTBEAT#${uid}#${instanceArn}`;
}

/** `boot`: the boot has not ended; `disk`: the root file system is full. */
const KubernetesProblem = z.enum(["boot", "disk", "kubelet", "api-server"]);
export type KubernetesProblem = z.output<typeof KubernetesProblem>;

/** A master's report of its own etcd; times in epoch seconds. */
export interface Heartbeat {
  readonly uid: string;
  readonly member: string;
  readonly instanceId: string;
  readonly healthy: boolean;
  /** Since when the report is unchanged. */
  readonly since: number;
  readonly at: number;
  /** What is wrong with Kubernetes there; absent if nothing is. */
  readonly kubernetesProblem?: KubernetesProblem | undefined;
  readonly kubernetesSince?: number | undefined;
  /** When the first of the certificates in use there expires; epoch seconds. */
  readonly certificatesUntil?: number | undefined;
  /** The EBS volume that etcd's data lies on, as mounted and identified there. */
  readonly volumeId?: string | undefined;
  /** etcd's id of its cluster, as text. */
  readonly clusterId?: string | undefined;
}

const Item = z.object({
  pk: z.string(),
  member: z.string(),
  instanceId: z.string(),
  healthy: z.boolean(),
  since: z.number(),
  at: z.number(),
  kubernetesProblem: z.union([z.literal("").transform(() => undefined), KubernetesProblem]).optional(),
  kubernetesSince: z.number().optional(),
  certificatesUntil: z.number().optional(),
  volumeId: z.string().optional(),
  clusterId: z.string().optional(),
  expiresAt: z.number().optional(),
});

/** All attributes that a host may write; the policy of its role names these and no others. */
export const HEARTBEAT_ATTRIBUTES = Object.keys(Item.shape);

/** Whose heartbeat is expected, by the records and not by the host. */
export interface HeartbeatOf {
  readonly uid: string;
  readonly member: string;
  readonly instanceId: string;
}

/** A host's item as the heartbeat of this member; undefined if it is malformed or says that it is another's. */
export function readHeartbeat(item: unknown, { uid, member, instanceId }: HeartbeatOf): Heartbeat | undefined {
  const said = Item.safeParse(item).data;
  if (said?.member !== member || said.instanceId !== instanceId) return undefined;
  const { pk: _, expiresAt: __, ...heartbeat } = said;
  return { ...heartbeat, uid };
}
