import { createHash } from "node:crypto";
import * as z from "zod";
import type { Read } from "../api/output.ts";

/** Why a backup was taken. */
export const BackupReason = z.enum([
  "schedule",
  "manual",
  "before-roll",
  "before-restore",
  "after-restore",
  "before-migrate",
  "before-downgrade",
]);
export type BackupReason = z.output<typeof BackupReason>;

/** `2026-11-29T031502Z-4f1c`: sorts by the time at which it was begun, by the clock of a function. */
export const BACKUP_ID = /^\d{4}-\d\d-\d\dT\d{6}Z-[0-9a-f]{4}$/;
export const BackupId = z.string().regex(BACKUP_ID, "the id of a backup, such as 2026-11-29T031502Z-4f1c");

/** The same for the same operation, however often its step runs. */
export function backupId(beganAt: string, operation: string): string {
  const time = beganAt.slice(0, 19).replaceAll(":", "");
  return `${time}Z-${createHash("sha256").update(operation).digest("hex").slice(0, 4)}`;
}

/** Objects of a backup, below its prefix. The manifest is written last: its presence is the commit. */
export const BACKUP_OBJECTS = {
  snapshot: "snapshot.db.gz",
  pki: "pki.json",
  cluster: "cluster.json",
  manifest: "manifest.json",
} as const;

/** Of each object: the bucket removes those of `no` after 400 days (infra/constructs/backup-bucket.ts). */
const PINNED_TAG = "holdfast:pinned";

export function pinnedTags(pinned: boolean): Readonly<Record<string, string>> {
  return { [PINNED_TAG]: pinned ? "yes" : "no" };
}

/** Whose backups they are: a new cluster of a former name has another uid. */
export interface BackupOwner {
  readonly cluster: string;
  readonly uid: string;
}

/** Where all backups of a cluster lie in the bucket. */
export function backupsPrefix({ cluster, uid }: BackupOwner): string {
  return `clusters/${cluster}/${uid}/`;
}

/** Where one backup lies, with a slash at its end. */
export function backupPrefix(owner: BackupOwner, id: string): string {
  return `${backupsPrefix(owner)}${id}/`;
}

export function backupKey(owner: BackupOwner, id: string, object: string): string {
  return `${backupPrefix(owner, id)}${object}`;
}

/** A 64-bit id of etcd, decimal: as a number it would be rounded. */
const BigId = z.string().regex(/^\d{1,20}$/);

export const DrillResult = z.looseObject({
  /** The operation that ran it. */
  operation: z.string(),
  at: z.string(),
  level: z.literal("data"),
  ok: z.boolean(),
  /** What did not match, or what could not be done: a phrase each. */
  problems: z.array(z.string()),
  /** What a person should look at, though it passed. */
  warnings: z.array(z.string()).default([]),
  seconds: z.number(),
  revision: z.number().nullable(),
  totalKey: z.number().nullable(),
  /** Keys by kind: `pods`, `secrets`. */
  kinds: z.record(z.string(), z.number()),
});
export type DrillResult = Read<typeof DrillResult>;

const HashComparison = z.looseObject({
  /** Members whose hashes were compared, and `file` where the snapshot's own hash was. */
  members: z.array(z.string()),
  equal: z.boolean(),
});

export const Manifest = z.looseObject({
  version: z.literal(1),
  id: BackupId,
  cluster: z.string().min(1),
  uid: z.string().min(1),
  /** Rises with each restore: backups of another epoch are another history. */
  epoch: z.int().min(1),
  takenAt: z.string(),
  reason: BackupReason,
  /** The member whose data it is. */
  member: z.string(),
  etcd: z.looseObject({
    version: z.string(),
    clusterId: BigId,
    revision: z.int(),
    raftTerm: z.int(),
    raftIndex: z.int(),
    totalKey: z.int(),
    /** Bytes of the snapshot as it was saved, not compressed. */
    totalSize: z.int(),
    hash: z.int(),
    /** Of the keys up to the revision; null where it could not be computed, for example after a compaction. */
    hashkv: z.int().nullable(),
    /** From here on the hash runs: only hashes with equal ones may be compared. */
    compactRevision: z.int().nullable(),
  }),
  kubernetes: z.looseObject({ version: z.string() }),
  /** Keys by which Kubernetes' secrets are encrypted in etcd; none where they are not. */
  encryption: z.looseObject({ keyNames: z.array(z.string()) }),
  objects: z.record(
    z.string(),
    z.looseObject({
      bytes: z.int(),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
      /** As S3 stores it; of an upload in parts it ends in their number. */
      checksum: z.string().exactOptional(),
    }),
  ),
  verified: z.looseObject({
    /** When the objects were found with the size and checksum that stand here. */
    file: z.string(),
    /** Whether members agreed at the revision; null where too few could be compared. */
    hashkv: HashComparison.nullable(),
    drill: DrillResult.nullable(),
  }),
});
export type Manifest = Read<typeof Manifest>;

export type ManifestResult =
  | { readonly ok: true; readonly manifest: Manifest }
  | { readonly ok: false; readonly why: string };

const Versioned = z.looseObject({ version: z.number() });

/** Reads a manifest as the bucket has it, and says in plain words what is wrong with one that is none. */
export function readManifest(text: string): ManifestResult {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return { ok: false, why: "its manifest is not JSON" };
  }
  const version = Versioned.safeParse(document).data?.version;
  if (version !== undefined && version !== 1)
    return { ok: false, why: `its manifest has version ${version}, and this Holdfast reads version 1` };
  const parsed = Manifest.safeParse(document);
  if (parsed.success) return { ok: true, manifest: parsed.data };
  return { ok: false, why: `its manifest is not whole: ${z.prettifyError(parsed.error).replaceAll("\n", " ")}` };
}

/** Its file was checked, no member that could be compared had other data, and no drill has found it to be of no use. */
export function isVerified({ verified: { file, hashkv, drill } }: Pick<Manifest, "verified">): boolean {
  return file !== "" && hashkv?.equal !== false && drill?.ok !== false;
}
