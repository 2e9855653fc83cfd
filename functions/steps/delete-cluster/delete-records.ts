import type { Deps } from "../../runtime/collaborators.ts";
import { type StepInput, StepInput as StepInputSchema, stepHandler } from "../../runtime/handlers.ts";
import { system } from "../../runtime/system.ts";

/** Members and instances in the table. The cluster's record, its story and its operations stay. */
export const deleteRecords = async (deps: Deps, { cluster: name, operation }: StepInput): Promise<void> => {
  await deps.store.forgetCluster(await deps.store.getCluster(name), operation);
};

export const handler = stepHandler("Delete records", StepInputSchema, deleteRecords, () => system);
