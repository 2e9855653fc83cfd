import type { StepView } from "../api/views.ts";
import type { OperationRecord } from "./records.ts";

/** No function lives longer (infra/constructs/bundled-function.ts); with room for clocks that differ. */
const FUNCTION_LIMIT_MS = 65_000;

/** A step of an ended operation that had begun and has not said how it ended, as long as it may still be under way. */
export const findStraggler = (
  operations: readonly Pick<OperationRecord, "status" | "finishedAt" | "steps">[],
  nowMs: number,
): StepView | undefined =>
  operations
    .filter(({ status }) => status !== "RUNNING")
    .filter(({ finishedAt }) => finishedAt !== null && nowMs - Date.parse(finishedAt) < FUNCTION_LIMIT_MS)
    .flatMap(({ steps }) => Object.values(steps))
    .find(({ status }) => status === "RUNNING");
