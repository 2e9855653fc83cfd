import type { Begun } from "../../../domain/cluster/records.ts";
import type { Deps } from "../../../runtime/collaborators.ts";
import { type EnvOf, NonEmpty } from "../../../runtime/env.ts";
import { StepInput, type StepRequest, stepHandler } from "../../../runtime/handlers.ts";
import { collaborators } from "../../../runtime/system.ts";
import { acceptRestored, acceptRestoredCalls } from "../../../usecases/restore/accept-restored.ts";
import { readRestoration } from "../../../usecases/restore/restoration.ts";

const STEP = "Check restored data";
const ENV = { RESTORE_STATUS_DOCUMENT: NonEmpty, RESTORED_DATA_DOCUMENT: NonEmpty };
type Collaborators = Deps<typeof acceptRestoredCalls, EnvOf<typeof ENV>>;

/**
 * The restored etcd is one new cluster, and has what the file has. From here on API servers may start, so clients may
 * write: that is written down, and nothing is undone any more. Throws RestoreFailed if it is not.
 */
export async function checkRestored(deps: Collaborators, request: StepRequest, begun: Begun): Promise<void> {
  const restored = await readRestoration(deps, request.cluster);
  const addresses = restored.cluster.plan.members.map(({ address }) => address).join(" ");
  await acceptRestored(deps, restored, request, begun, {
    step: STEP,
    document: deps.env.RESTORED_DATA_DOCUMENT,
    parameters: { addresses },
    change: { serving: true },
  });
}

export const handler = stepHandler(STEP, StepInput, checkRestored, collaborators(acceptRestoredCalls, ENV));
