import { withMasters } from "../../../domain/migrate/migrated-plan.ts";
import type { Deps } from "../../../runtime/collaborators.ts";
import { StepInput, type StepRequest, stepHandler } from "../../../runtime/handlers.ts";
import { system } from "../../../runtime/system.ts";

/** Every member serves the restored data, and no volume is on hold: the cluster is repaired again from now on. */
export async function finishRestore(deps: Deps, { cluster: name, operation }: StepRequest): Promise<void> {
  const cluster = await deps.store.getCluster(name);
  const { restoration, migration } = cluster;
  if (!restoration) return;
  for (const { member } of await deps.store.listMembers(name))
    await deps.store.updateMember(name, member, { restoring: null, damage: null, renewal: null, migrating: null });
  const { epoch } = restoration;
  // All that the plan names was restored, and is a member: a migration that was open has come to its end there.
  const masters = migration ? { ...withMasters(cluster, cluster.plan.members), migration: null } : {};
  await deps.store.updateCluster(name, operation, { restoration: null, epoch, ...masters }, deps.clock.now());
}

export const handler = stepHandler("Finish restore", StepInput, finishRestore, () => ({ ...system, aws: {} }));
