import { LEASE_MS, type OperationRecord } from "./records.ts";

/**
 * A function ends within 55 s of its step's begin (infra/constructs/bundled-function.ts), and clocks may differ a
 * little.
 */
const STEP_MS = 60_000;

/**
 * Decides whether a step of a superseded operation may still be running. Its next step is refused, but a running step
 * continues to its end, and a deletion would miss what it creates. A crashed step never reports its end, so a time
 * limit decides.
 */
export function mayStillAct(
  operation: Pick<OperationRecord, "leaseUntil">,
  inFlight: readonly string[],
  now: Date,
): boolean {
  // Every begin renews the lease, so the lease shows when the last one was.
  const lastBegin = operation.leaseUntil - LEASE_MS;
  return inFlight.length > 0 && now.getTime() < lastBegin + STEP_MS;
}
