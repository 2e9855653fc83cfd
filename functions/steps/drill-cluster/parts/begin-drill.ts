import * as z from "zod";
import { readDrillNote } from "../../../domain/backup/drill-note.ts";
import { BackupId } from "../../../domain/backup/manifest.ts";
import { ClusterBusy } from "../../../domain/cluster/errors.ts";
import type { Deps } from "../../../runtime/collaborators.ts";
import { type EnvOf, NonEmpty } from "../../../runtime/env.ts";
import { StepInput, unleasedStepHandler } from "../../../runtime/handlers.ts";
import { collaborators } from "../../../runtime/system.ts";
import { backupToTry } from "../../../usecases/backup/backup-to-try.ts";
import { findFileCalls, requireWhole } from "../../../usecases/restore/find-file.ts";

const ENV = { BACKUP_BUCKET: NonEmpty };
type Collaborators = Deps<typeof findFileCalls, EnvOf<typeof ENV>>;

const Input = StepInput.extend({
  /** Absent: the newest. */
  backup: BackupId.nullable().optional(),
  /** Nobody asked for it but the schedule. */
  scheduled: z.boolean(),
});

export interface DrillBegun {
  /** False if another drill of the cluster runs, and nobody asked for this one. */
  readonly goes: boolean;
}

/**
 * Begins a drill beside whatever works on the cluster, and notes which backup it tries. Throws BackupUnusable for one
 * that is not whole in the bucket: no host is launched for it.
 */
export async function beginDrill(
  deps: Collaborators,
  { cluster: name, operation, backup, scheduled }: z.output<typeof Input>,
): Promise<DrillBegun> {
  const now = deps.clock.now();
  const chosen = await backupToTry(deps, name, backup ?? undefined);
  try {
    const { status } = await deps.store.beginSideOperation(
      { cluster: name, operation, kind: "drill", listed: true },
      now,
    );
    if (status !== "RUNNING") return { goes: false };
  } catch (error) {
    if (error instanceof ClusterBusy && scheduled) return { goes: false };
    throw error;
  }
  if (!readDrillNote(await deps.store.findSideNote(operation)))
    await deps.store.noteSide(operation, { backup: chosen.manifest.id });
  await deps.store.recordBackupFacts(name, { lastDrillTriedAt: now.toISOString(), drillOperation: operation });
  await requireWhole(deps, deps.env.BACKUP_BUCKET, chosen);
  return { goes: true };
}

export const handler = unleasedStepHandler(Input, beginDrill, collaborators(findFileCalls, ENV));
