import type { Deps } from "../../../runtime/collaborators.ts";
import { NonEmpty } from "../../../runtime/env.ts";
import { StepInput, type StepRequest, stepHandler } from "../../../runtime/handlers.ts";
import { collaborators } from "../../../runtime/system.ts";
import { readRestoration } from "../../../usecases/restore/restoration.ts";
import { assessRestore, assessRestoreCalls } from "../../restore-cluster/parts/assess-restore.ts";

type Collaborators = Deps<typeof assessRestoreCalls, { readonly RESTORE_STATUS_DOCUMENT: string }>;

/**
 * The next action of a new cluster that begins with a backup: as of a restore in place, where all members are blank.
 * The file is tried before any member restores it, and the former hosts leave the data before an API server starts.
 */
export async function assessTakeover(deps: Collaborators, request: StepRequest) {
  const { restoration } = await readRestoration(deps, request.cluster);
  const action = await assessRestore(deps, request);
  if (action.kind === "restore" && restoration.file?.keys === null) return { ...action, kind: "try" as const };
  const serves = action.kind === "start-api" || action.kind === "served";
  if (serves && restoration.takeover?.hostsForgotten === false) return { ...action, kind: "forget" as const };
  return action;
}

export const handler = stepHandler(
  "Assess takeover",
  StepInput,
  assessTakeover,
  collaborators(assessRestoreCalls, { RESTORE_STATUS_DOCUMENT: NonEmpty }),
);
