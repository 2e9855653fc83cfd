import * as z from "zod";
import type { Read } from "../api/output.ts";
import { Manifest } from "./manifest.ts";

/** What the table knows of a backup, so that lists need no S3: all that its manifest says. */
export const BackupRecordSchema = z.looseObject({
  manifest: Manifest,
  /** Retention never removes it. */
  pinned: z.boolean().default(false),
  /** Its objects are being removed. */
  removing: z.boolean().exactOptional(),
});
export type BackupRecord = Read<typeof BackupRecordSchema>;

/** What a cluster's record says of its backups (`ClusterRecord.backup`). Times are ISO 8601. */
export const BackupFactsSchema = z.looseObject({
  /** When one was last begun by the schedule or by hand, whatever came of it. */
  lastTriedAt: z.string().nullable().default(null),
  lastOkId: z.string().nullable().default(null),
  lastOkAt: z.string().nullable().default(null),
  /** The newest whose file was checked and that no member contradicts. */
  lastVerifiedId: z.string().nullable().default(null),
  lastVerifiedAt: z.string().nullable().default(null),
  /** Why the last try failed; null after one that succeeded. */
  lastError: z.string().nullable().default(null),
  /** Since when tries fail, and when that was last reported. */
  failingSince: z.string().nullable().default(null),
  failureReportedAt: z.string().nullable().default(null),
  /** When a drill was last begun, whatever came of it. */
  lastDrillTriedAt: z.string().nullable().default(null),
  /** When one last passed, and of which backup. */
  lastDrillOkAt: z.string().nullable().default(null),
  lastDrillOkId: z.string().nullable().default(null),
  /** Why the last drill failed; null after one that passed. */
  lastDrillError: z.string().nullable().default(null),
  /** The drill that runs. */
  drillOperation: z.string().nullable().default(null),
});
export type BackupFacts = Read<typeof BackupFactsSchema>;

export const NO_BACKUPS: BackupFacts = BackupFactsSchema.parse({});
