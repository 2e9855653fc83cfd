import type { Deps } from "../../runtime/collaborators.ts";
import { StepInput, type StepRequest, stepHandler } from "../../runtime/handlers.ts";
import { system } from "../../runtime/system.ts";

/** Members, instances and the lease of backups in the table. The cluster's record, its event history and its operations stay. */
export async function deleteRecords(deps: Deps, { cluster: name, operation }: StepRequest): Promise<void> {
  await deps.store.forgetCluster(await deps.store.getCluster(name), operation, deps.clock.now());
}

export const handler = stepHandler("Delete records", StepInput, deleteRecords, () => system);
