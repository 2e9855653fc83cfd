import type { Deps } from "../../runtime/collaborators.ts";
import { type EnvOf, NonEmpty } from "../../runtime/env.ts";
import { StepInput, type StepRequest, stepHandler } from "../../runtime/handlers.ts";
import { collaborators } from "../../runtime/system.ts";
import {
  stopFormerOperations,
  stopOperationsCalls,
  stopSideOperations,
} from "../../usecases/operations/stop-operations.ts";

/** ARNs of the flows that work on clusters, with commas between. */
const ENV = { STATE_MACHINES: NonEmpty };
type Collaborators = Deps<typeof stopOperationsCalls, EnvOf<typeof ENV>>;

/** The deletion has taken the lease of what runs; what that creates must be deleted too. */
export async function stopOperations(deps: Collaborators, request: StepRequest): Promise<void> {
  await stopSideOperations(deps, request);
  await stopFormerOperations(deps, deps.env.STATE_MACHINES.split(","), request);
}

export const handler = stepHandler(
  "Stop operations",
  StepInput,
  stopOperations,
  collaborators(stopOperationsCalls, ENV),
);
