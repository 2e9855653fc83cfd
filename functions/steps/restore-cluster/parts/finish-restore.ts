import type { Deps } from "../../../runtime/collaborators.ts";
import { StepInput, type StepRequest, stepHandler } from "../../../runtime/handlers.ts";
import { system } from "../../../runtime/system.ts";

/** Every member serves the restored data, and no volume is on hold: the cluster is repaired again from now on. */
export async function finishRestore(deps: Deps, { cluster: name, operation }: StepRequest): Promise<void> {
  const { restoration } = await deps.store.getCluster(name);
  if (!restoration) return;
  for (const { member } of await deps.store.listMembers(name))
    await deps.store.updateMember(name, member, { restoring: null, damage: null, renewal: null });
  const { epoch } = restoration;
  await deps.store.updateCluster(name, operation, { restoration: null, epoch }, deps.clock.now());
}

export const handler = stepHandler("Finish restore", StepInput, finishRestore, () => ({ ...system, aws: {} }));
