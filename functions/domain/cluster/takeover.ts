import { LEASE_MS, type OperationRecord } from "./records.ts";

/** A function ends within 55 s of its step's begin (infra/constructs/bundled-function.ts), and clocks may differ a little. */
const STEP_MS = 60_000;

/**
 * May a step of an operation that was superseded still be at work? Its next one is refused, but the one that had begun goes on
 * to its end, and what it makes meanwhile would be missed. A step that crashed never says that it ended: time says it then.
 */
export const mayStillAct = (
  operation: Pick<OperationRecord, "leaseUntil">,
  inFlight: readonly string[],
  now: Date,
): boolean => {
  // Every begin renews the lease, so the lease tells when the last one was.
  const lastBegin = operation.leaseUntil - LEASE_MS;
  return inFlight.length > 0 && now.getTime() < lastBegin + STEP_MS;
};
