import { NotReadyYet } from "../../domain/cluster/errors.ts";
import { findStraggler } from "../../domain/cluster/stragglers.ts";
import { pollUntil } from "../../runtime/poll.ts";
import { listOperations } from "../../store/clusters.ts";
import type { Table } from "../../store/keys.ts";

/** Former runs that may still have a step under way are among the latest. */
const LOOKED_AT = 5;

/**
 * Waits for steps of a run that has ended: a function that was under way when its flow failed or was stopped goes on to
 * its end, and what it makes without a client token would be made twice by whoever goes on. Throws NotReadyYet.
 */
export const awaitStragglers = async (table: Table, cluster: string, operation: string): Promise<void> => {
  const look = async (): Promise<true> => {
    const former = (await listOperations(table, cluster, LOOKED_AT)).filter(({ id }) => id !== operation);
    const straggler = findStraggler(former, Date.now());
    if (!straggler) return true;
    throw new NotReadyYet(`"${straggler.name}" of a former run is still coming to its end`);
  };
  await pollUntil(look, { waitingFor: "a former run" });
};
