import { NotReadyYet } from "../../domain/cluster/errors.ts";
import { findInFlightStep } from "../../domain/cluster/in-flight-steps.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { pollUntil } from "../../runtime/poll.ts";

/** Former runs with an in-flight step are among the latest. */
const LOOKED_AT = 5;

/**
 * Waits for in-flight steps of an ended run. A function that was running when its flow stopped continues to its end.
 * What it creates without a client token could otherwise be created twice. Throws NotReadyYet.
 */
export async function awaitInFlightSteps(deps: Deps, cluster: string, operation: string): Promise<void> {
  const look = async (): Promise<true> => {
    const former = (await deps.store.listOperations(cluster, LOOKED_AT)).filter(({ id }) => id !== operation);
    const inFlight = findInFlightStep(former, deps.clock.now().getTime());
    if (!inFlight) return true;
    throw new NotReadyYet(`"${inFlight.name}" of a former run is still running`);
  };
  await pollUntil(deps.clock, look, { waitingFor: "a former run" });
}
