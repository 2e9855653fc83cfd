import type { Deps } from "../../../runtime/collaborators.ts";
import { type EnvOf, NonEmpty } from "../../../runtime/env.ts";
import { StepInput, type StepRequest, stepHandler } from "../../../runtime/handlers.ts";
import { collaborators } from "../../../runtime/system.ts";
import { stopFormerOperations, stopOperationsCalls } from "../../../usecases/operations/stop-operations.ts";

/** ARNs of the flows that work on clusters, with commas between. */
const ENV = { STATE_MACHINES: NonEmpty };
type Collaborators = Deps<typeof stopOperationsCalls, EnvOf<typeof ENV>>;

/** The restore has taken the lease of what runs: no other flow touches a master meanwhile. */
export function overruleOperations(deps: Collaborators, request: StepRequest): Promise<void> {
  return stopFormerOperations(deps, deps.env.STATE_MACHINES.split(","), request);
}

export const handler = stepHandler(
  "Stop operations",
  StepInput,
  overruleOperations,
  collaborators(stopOperationsCalls, ENV),
);
