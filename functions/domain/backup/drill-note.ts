import * as z from "zod";
import type { Read } from "../api/output.ts";

/** What the document `drill-backup` prints at its end. */
export const DrillReport = z.looseObject({
  /** Of the file, as etcdutl says it. */
  file: z.looseObject({ hash: z.int(), revision: z.int(), totalKey: z.int() }),
  /** Of the etcd that was started on it. */
  revision: z.int(),
  keys: z.int(),
  hashkv: z.looseObject({ hash: z.int(), compactRevision: z.int() }).nullable(),
  /** Keys below `/registry/` by kind. */
  kinds: z.record(z.string(), z.int()),
  /** The first of those whose values Kubernetes would not read, and how many there are. */
  unknown: z.array(z.string()),
  unknownCount: z.int(),
  /** Names of the keys with which values are encrypted. */
  encryptedBy: z.array(z.string()),
});
export type DrillReport = Read<typeof DrillReport>;

/** What a drill notes of itself between its steps (`noteSide`). */
export const DrillNote = z.looseObject({
  /** Id of the backup that is tried. */
  backup: z.string(),
  host: z.looseObject({ instanceId: z.string(), type: z.string(), launchedAt: z.number() }).exactOptional(),
  report: DrillReport.exactOptional(),
});
export type DrillNote = Read<typeof DrillNote>;

/** The note of an operation as it is stored; undefined if there is none that can be read. */
export function readDrillNote(stored: unknown): DrillNote | undefined {
  return DrillNote.safeParse(stored).data;
}
