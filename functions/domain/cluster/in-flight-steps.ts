import type { StepView } from "../api/views.ts";
import type { OperationRecord } from "./records.ts";

/** Functions end earlier (infra/constructs/bundled-function.ts); the rest allows for differing clocks. */
const FUNCTION_LIMIT_MS = 65_000;

/** A step of an ended operation that began, did not report its end, and may still be running. */
export function findInFlightStep(
  operations: readonly Pick<OperationRecord, "status" | "finishedAt" | "steps">[],
  nowMs: number,
): StepView | undefined {
  return operations
    .filter(({ status }) => status !== "RUNNING")
    .filter(({ finishedAt }) => finishedAt !== null && nowMs - Date.parse(finishedAt) < FUNCTION_LIMIT_MS)
    .flatMap(({ steps }) => Object.values(steps))
    .find(({ status }) => status === "RUNNING");
}
