import type { Begun } from "../../../domain/cluster/records.ts";
import type { Deps } from "../../../runtime/collaborators.ts";
import { type EnvOf, NonEmpty } from "../../../runtime/env.ts";
import { StepInput, type StepRequest, stepHandler } from "../../../runtime/handlers.ts";
import { collaborators } from "../../../runtime/system.ts";
import { acceptRestored, acceptRestoredCalls } from "../../../usecases/restore/accept-restored.ts";
import { readRestoration } from "../../../usecases/restore/restoration.ts";

const STEP = "Check taken data";
const ENV = { RESTORE_STATUS_DOCUMENT: NonEmpty, TAKEN_DATA_DOCUMENT: NonEmpty };
type Collaborators = Deps<typeof acceptRestoredCalls, EnvOf<typeof ENV>>;

/** The restored etcd is one new cluster, and has the file's keys. Throws RestoreFailed if it is not. */
export async function checkTaken(deps: Collaborators, request: StepRequest, begun: Begun): Promise<void> {
  const restored = await readRestoration(deps, request.cluster);
  if (restored.restoration.checked) return;
  await acceptRestored(deps, restored, request, begun, {
    step: STEP,
    document: deps.env.TAKEN_DATA_DOCUMENT,
    parameters: { forget: "no" },
    change: {},
  });
}

export const handler = stepHandler(STEP, StepInput, checkTaken, collaborators(acceptRestoredCalls, ENV));
