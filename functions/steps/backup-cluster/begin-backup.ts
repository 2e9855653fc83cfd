import type * as z from "zod";
import { BackupReason } from "../../domain/backup/manifest.ts";
import { remedyFor } from "../../domain/cluster/error-table.ts";
import { ClusterBusy } from "../../domain/cluster/errors.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { StepInput, unleasedStepHandler } from "../../runtime/handlers.ts";
import { system } from "../../runtime/system.ts";
import { whyNoBackup } from "../../usecases/backup/why-no-backup.ts";

const Input = StepInput.extend({
  reason: BackupReason,
  /** The operation that waits for this backup. */
  parent: StepInput.shape.operation.nullish(),
});

export interface BackupBegun {
  /** False if there is nothing to save now, or the schedule's backup finds another one under way. */
  readonly goes: boolean;
}

/**
 * Begins a backup beside whatever works on the cluster. A cluster that is created, deleted or restored is left alone,
 * and the operation ends; a restore may ask for one of its own.
 */
export async function beginBackup(
  deps: Deps,
  { cluster: name, operation, reason, parent }: z.output<typeof Input>,
): Promise<BackupBegun> {
  const now = deps.clock.now();
  // It may wait here for another backup, longer than its lease.
  if (parent) await deps.store.renewLease(parent, now);
  const refusal = await whyNoBackup(deps, name, reason);
  if (refusal) {
    // The API may have begun it, before a restore or a deletion came.
    const error = { name: refusal.name, message: refusal.message, remedy: remedyFor(refusal.name) };
    await deps.store.endSideOperation(operation, { status: "FAILED", error }, now);
    return { goes: false };
  }
  try {
    const { status } = await deps.store.beginSideOperation(
      { cluster: name, operation, kind: "backup", listed: reason !== "schedule", parent: parent ?? undefined },
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

export const handler = unleasedStepHandler(Input, beginBackup, () => system);
