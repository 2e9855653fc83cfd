import type * as z from "zod";
import { BackupReason } from "../../domain/backup/manifest.ts";
import { ClusterBusy } from "../../domain/cluster/errors.ts";
import type { ClusterRecord } from "../../domain/cluster/records.ts";
import { isWatched } from "../../domain/repair/reconcile.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { StepInput, unleasedStepHandler } from "../../runtime/handlers.ts";
import { system } from "../../runtime/system.ts";

const Input = StepInput.extend({ reason: BackupReason });

export interface BackupBegun {
  /** False if there is nothing to save now, or the schedule's backup finds another one under way. */
  readonly goes: boolean;
}

/**
 * Begins a backup beside whatever works on the cluster. A cluster that is created, deleted or restored is left alone;
 * a restore may ask for one of its own.
 */
export async function beginBackup(
  deps: Deps,
  { cluster: name, operation, reason }: z.output<typeof Input>,
): Promise<BackupBegun> {
  const now = deps.clock.now();
  const cluster = await deps.store.findCluster(name);
  if (!cluster || !isWatched(cluster) || (await isRestored(deps, cluster, reason))) return { goes: false };
  try {
    const { status } = await deps.store.beginSideOperation(
      { cluster: name, operation, kind: "backup", listed: reason !== "schedule" },
      now,
    );
    if (status !== "RUNNING") return { goes: false };
  } catch (error) {
    if (error instanceof ClusterBusy && reason === "schedule") return { goes: false };
    throw error;
  }
  await deps.store.recordBackupFacts(name, { lastTriedAt: now.toISOString() });
  return { goes: true };
}

/** While a restore works, the members have no common data yet. */
async function isRestored(deps: Deps, { operation }: ClusterRecord, reason: BackupReason): Promise<boolean> {
  if (operation === null || reason === "before-restore" || reason === "after-restore") return false;
  const { kind }: { readonly kind: string } = await deps.store.getOperation(operation);
  return kind === "restore";
}

export const handler = unleasedStepHandler(Input, beginBackup, () => system);
