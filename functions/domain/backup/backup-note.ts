import * as z from "zod";
import type { Read } from "../api/output.ts";

const Attempt = z.looseObject({
  member: z.string(),
  instanceId: z.string(),
  /** Of the member when it was chosen. */
  etcdVersion: z.string(),
  clusterId: z.string(),
  raftTerm: z.int(),
  raftIndex: z.int(),
  /** Of the cluster when it was chosen: a restore that comes between makes the snapshot one of former data. */
  epoch: z.int().exactOptional(),
  /** Why another was tried after it. */
  failed: z.string().exactOptional(),
});

/** A hash of the file, as etcdutl 3.6 prints it; its predecessors of the flag wrote other names. */
const FileHash = z
  .looseObject({
    hash: z.number(),
    compactRevision: z.number().optional(),
    compact_revision: z.number().optional(),
  })
  .transform(({ hash, compactRevision, compact_revision }) => ({
    hash,
    compactRevision: compactRevision ?? compact_revision ?? 0,
  }));

/** What the document `backup-etcd` prints at its end. */
export const SnapshotResult = z.looseObject({
  status: z.looseObject({ hash: z.int(), revision: z.int(), totalKey: z.int(), totalSize: z.int() }),
  hashkv: FileHash.nullable(),
  bytes: z.int(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

/** What a backup notes of itself between its steps (`noteSide`). */
export const BackupNote = z.looseObject({
  /** The last one counts. */
  attempts: z.array(Attempt).default([]),
  snapshot: SnapshotResult.exactOptional(),
  hashkv: z
    .looseObject({ members: z.array(z.string()), equal: z.boolean() })
    .nullable()
    .exactOptional(),
  /** The members' hash at the revision; null where none could be compared. */
  memberHash: z.looseObject({ hash: z.int(), compactRevision: z.int() }).nullable().exactOptional(),
});
export type BackupNote = Read<typeof BackupNote>;

/** The note of an operation as it is stored; one that cannot be read is begun again. */
export function readNote(stored: unknown): BackupNote {
  return BackupNote.safeParse(stored).data ?? { attempts: [] };
}
