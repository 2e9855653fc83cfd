import * as z from "zod";
import type { Read } from "../api/output.ts";

/** What a cluster is restored from: a backup by its id, or the data of a member that is left (null: the best one). */
export const RestoreSource = z.discriminatedUnion("kind", [
  z.looseObject({ kind: z.literal("backup"), id: z.string() }),
  z.looseObject({ kind: z.literal("survivor"), member: z.string().nullable() }),
]);
export type RestoreSource = Read<typeof RestoreSource>;

/** The file that every member restores, in the stack's bucket for backups. */
export const RestoreFile = z.looseObject({
  key: z.string(),
  sha256: z.string(),
  bytes: z.number(),
  revision: z.number(),
  /** Keys that it has, without their former revisions; null if nobody counted. */
  keys: z.number().nullable(),
  /** Of etcd's database, not compressed. */
  totalSize: z.number(),
  takenAt: z.string(),
});
export type RestoreFile = Read<typeof RestoreFile>;

/** A majority's volumes that EC2 does not have any more, as the reconciler saw it; times in epoch milliseconds. */
export const QuorumLoss = z.looseObject({
  /** Ids, sorted. */
  volumes: z.array(z.string()),
  firstAt: z.number(),
  /** When EC2 said so again, two minutes later or more; null until then. */
  againAt: z.number().nullable(),
  /** The restore that was begun for it; there is no second one. */
  operation: z.string().nullable(),
});
export type QuorumLoss = Read<typeof QuorumLoss>;

/** The cluster that a backup was taken of. */
export const TakenFrom = z.looseObject({ cluster: z.string(), uid: z.string(), backup: z.string() });
export type TakenFrom = Read<typeof TakenFrom>;

/** A new cluster begins with a backup's data; its restore is a part of its creation. */
const Takeover = z.looseObject({
  /** The former endpoint of the API, which the data names; null if it is not known. */
  endpoint: z.string().nullable(),
  /** Nodes, leases and addresses of the former hosts are out of the data. */
  hostsForgotten: z.boolean(),
});

/**
 * A restore that has begun, written before anything is changed: whoever resumes it uses the same token, and no repair
 * begins meanwhile.
 */
export const RestorationRecord = z.looseObject({
  operation: z.string(),
  from: RestoreSource,
  /** History of the data after the restore; each restore begins another one. */
  epoch: z.number(),
  /** etcd's cluster token; makes the ids of cluster and members differ from the former ones. */
  token: z.string(),
  /** Revisions to skip, so that no client sees a revision twice. */
  bump: z.number(),
  startedAt: z.string(),
  /** At the end the workloads of all namespaces are restarted, not only those of kube-system. */
  restartAll: z.boolean().exactOptional(),
  /** When the members' volumes were put on hold; epoch milliseconds. */
  heldAt: z.number().nullable(),
  /** Null until the survivor's data has been uploaded. */
  file: RestoreFile.nullable(),
  /** etcd's id of the former cluster, if it was known. */
  formerClusterId: z.string().nullable(),
  /** The new cluster was checked: its id is new, and it has the keys of the file. */
  checked: z.boolean(),
  /** API servers may have been started, so clients may have written: there is no way back. */
  serving: z.boolean(),
  /** Nobody asked for it: the reconciler began it, by the spec's policy. */
  automatic: z.boolean().exactOptional(),
  /** Absent where a cluster is restored in place. */
  takeover: Takeover.exactOptional(),
});
export type RestorationRecord = Read<typeof RestorationRecord>;

/** What a restore has done to a member; kept until the restore ends. */
export const MemberRestore = z.looseObject({
  /** What the member had before: the restore is undone to this. */
  former: z.looseObject({ volumeId: z.string().nullable(), generation: z.number() }),
  /** Of the restored data; a volume of the former generation is refused from then on. */
  generation: z.number(),
  /** Its former volume is lost: this one takes its place, once it is made. */
  freshVolumeId: z.string().exactOptional(),
  /** The instance that was ended because it waited for the lost volume. */
  endedFor: z.string().exactOptional(),
  /** Since when its host has not answered; epoch milliseconds. Absent: it answered last time. */
  silentSince: z.number().nullable().exactOptional(),
  /** The EBS snapshot of its former data, complete; null where there was no data. */
  keptSnapshot: z.string().nullable().exactOptional(),
});
export type MemberRestore = Read<typeof MemberRestore>;
