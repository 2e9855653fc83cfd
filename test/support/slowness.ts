import { availableParallelism, loadavg } from "node:os";

/** A local cloud alone keeps about so many programs a core waiting at times. */
const USUAL_LOAD_PER_CORE = 2;

/**
 * By how much times on this machine may be longer than they should be: 1 on one that does nothing else; on one that others
 * use, how much more it has to do than a local cloud alone. Elections need heartbeats in time, and so processors.
 */
export function slowness(): number {
  const [lastMinute = 0] = loadavg();
  return Math.max(1, lastMinute / (USUAL_LOAD_PER_CORE * availableParallelism()));
}
