import { NotReadyYet } from "../../domain/cluster/errors.ts";
import { findStraggler } from "../../domain/cluster/stragglers.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { pollUntil } from "../../runtime/poll.ts";

/** Former runs that may still have a step under way are among the latest. */
const LOOKED_AT = 5;

/**
 * Waits for steps of a run that has ended: a function that was under way when its flow failed or was stopped goes on to
 * its end, and what it makes without a client token would be made twice by whoever goes on. Throws NotReadyYet.
 */
export const awaitStragglers = async (deps: Deps, cluster: string, operation: string): Promise<void> => {
  const look = async (): Promise<true> => {
    const former = (await deps.store.listOperations(cluster, LOOKED_AT)).filter(({ id }) => id !== operation);
    const straggler = findStraggler(former, deps.clock.now().getTime());
    if (!straggler) return true;
    throw new NotReadyYet(`"${straggler.name}" of a former run is still coming to its end`);
  };
  await pollUntil(deps.clock, look, { waitingFor: "a former run" });
};
