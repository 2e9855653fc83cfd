import * as z from "zod";
import type { Read } from "../api/output.ts";
import { counted } from "../text/counted.ts";
import { MIN_BUMP } from "./bump.ts";
import { RestoreSource } from "./restore-records.ts";

/** Something that Kubernetes made after the data was taken: the restored cluster does not know it. */
const LeftBehind = z.looseObject({ kind: z.enum(["volume", "load-balancer"]), id: z.string(), name: z.string() });

/** What a restore would do and lose. Nothing is changed by it. */
export const RestorePlanSchema = z.looseObject({
  cluster: z.string(),
  from: RestoreSource,
  /** When the data was taken; null: as it is on the member. */
  takenAt: z.string().nullable(),
  revision: z.number().nullable(),
  /** The newest revision that a member says; null if none answers. */
  lastRevision: z.number().nullable(),
  /** Age of the data when the plan was made. */
  lostSeconds: z.number().nullable(),
  /** Revisions that are lost, as far as known. */
  lostRevisions: z.number().nullable(),
  epoch: z.number(),
  leftBehind: z.array(LeftBehind),
  /** What else a person must know, a sentence each. */
  warnings: z.array(z.string()),
});
export type RestorePlan = Read<typeof RestorePlanSchema>;

export interface LossFacts {
  readonly cluster: string;
  readonly from: RestoreSource;
  readonly file: { readonly takenAt: string; readonly revision: number } | null;
  readonly lastRevision: number | null;
  readonly epoch: number;
  /** It has stopped, and is continued. */
  readonly begun?: boolean;
  /** With the time at which each was made; undefined if that is not known. */
  readonly workloads: readonly (z.output<typeof LeftBehind> & { readonly madeAt?: Date | undefined })[];
}

/** What is lost, and what stays behind without an object in Kubernetes. */
export function planOfRestore(facts: LossFacts, now: Date): RestorePlan {
  const { cluster, from, file, lastRevision, epoch, workloads } = facts;
  const takenAt = file ? Date.parse(file.takenAt) : null;
  const later = workloads.filter(
    ({ madeAt }) => takenAt !== null && madeAt !== undefined && madeAt.getTime() > takenAt,
  );
  return {
    cluster,
    from,
    takenAt: file?.takenAt ?? null,
    revision: file?.revision ?? null,
    lastRevision,
    lostSeconds: takenAt === null ? null : Math.max(0, Math.round((now.getTime() - takenAt) / 1_000)),
    lostRevisions: file && lastRevision !== null ? lostBetween(file.revision, lastRevision) : null,
    epoch,
    leftBehind: later.map(({ kind, id, name }) => ({ kind, id, name })),
    warnings: [...(facts.begun ? [BEGUN] : []), ...(from.kind === "survivor" ? SURVIVOR_WARNINGS : BACKUP_WARNINGS)],
  };
}

/** A restore in between has raised the revision: then nobody knows how many were written. */
function lostBetween(taken: number, last: number): number | null {
  const lost = Math.max(0, last - taken);
  return lost < MIN_BUMP ? lost : null;
}

const BEGUN = "This restore has begun and is not complete: --yes continues it.";

const ALWAYS = [
  "etcd gets a new cluster id and API servers are stopped: every client reconnects, every watch begins again.",
  "The former data stays on the volumes, and as EBS snapshots for 30 days.",
];
const SURVIVOR_WARNINGS = [
  "Writes that only lost members had are lost: as a rule none, at most those of the last moment.",
  ...ALWAYS,
];
const BACKUP_WARNINGS = [
  "S3 has the file in the size, and the checksum where it stores one, of the manifest. Before anything is stopped a master reads its content.",
  "Everything written since the backup is lost. Pods created since are ended by their kubelets; pods deleted since come back.",
  "Claims whose volumes were deleted since will wait for them. Secrets that were changed since are the former ones.",
  ...ALWAYS,
];

/** How much is lost, in one sentence. */
export function lossText({ from, takenAt, lostSeconds, lostRevisions }: RestorePlan): string {
  if (from.kind === "survivor" || takenAt === null) return "Lost: what only the lost members had.";
  const revisions = lostRevisions === null ? "an unknown number of revisions" : counted(lostRevisions, "revision");
  return `Lost: ${revisions}, everything since ${takenAt} (${durationText(lostSeconds ?? 0)} ago).`;
}

function durationText(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} days`;
}
