import type { Deps } from "../../runtime/collaborators.ts";
import { StepInput, type StepRequest, unleasedStepHandler } from "../../runtime/handlers.ts";
import { system } from "../../runtime/system.ts";

/** The backup is in the table; the next one may begin. */
export async function completeBackup(deps: Deps, { operation }: StepRequest): Promise<void> {
  await deps.store.endSideOperation(operation, { status: "SUCCEEDED", error: null }, deps.clock.now());
}

export const handler = unleasedStepHandler(StepInput, completeBackup, () => system);
