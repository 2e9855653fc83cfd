import { byteLength, type Json } from "./json.ts";

/**
 * The largest input, result or output of a state, and the largest value of one Assign:
 * docs/references/aws.md#sfn-quotas, #sfn-variables.
 */
export const STATE_DATA_LIMIT_BYTES = 256 * 1024;

/** A cause longer than this is cut: docs/references/aws.md#sfn-errors. */
const CAUSE_LIMIT_CHARACTERS = 32_768;

/** No Retry and no Catch can save an execution from this one: docs/references/aws.md#sfn-errors. */
const RUNTIME_ERROR = "States.Runtime";

/** An error as a state machine sees it: the name that Retry and Catch compare, and an explanation. */
export class StatesError extends Error {
  readonly error: string;
  override readonly cause: string;

  constructor(error: string, cause = "") {
    super(`${error}: ${cause}`);
    this.name = "StatesError";
    this.error = error;
    this.cause = cause.slice(0, CAUSE_LIMIT_CHARACTERS);
  }
}

/**
 * The end of a whole execution from outside: StopExecution or the machine's own time limit. Never reaches Retry or
 * Catch.
 */
export class Terminated extends Error {
  readonly status: "ABORTED" | "TIMED_OUT";
  readonly error: string | undefined;
  override readonly cause: string | undefined;

  constructor(status: "ABORTED" | "TIMED_OUT", error?: string, cause?: string) {
    super(status);
    this.name = "Terminated";
    this.status = status;
    this.error = error;
    this.cause = cause;
  }
}

/** The interpreter itself goes away; the execution has not ended and its history says so. */
export class ShutDown extends Error {
  override readonly name = "ShutDown";
}

/** Whatever was thrown, as an error that Retry and Catch can compare by name. */
export function toStatesError(thrown: unknown): StatesError {
  if (thrown instanceof StatesError) return thrown;
  if (thrown instanceof Error) return new StatesError(RUNTIME_ERROR, `${thrown.name}: ${thrown.message}`);
  return new StatesError(RUNTIME_ERROR, String(thrown));
}

/**
 * Whether an ErrorEquals list names an error. States.ALL does not match States.DataLimitExceeded or States.Runtime;
 * States.TaskFailed matches the same but States.Timeout; States.Timeout also matches a missed heartbeat. Source:
 * docs/references/aws.md#sfn-errors and the Amazon States Language, appendix A.
 */
export function matchesError(names: readonly string[], error: string): boolean {
  if (error === RUNTIME_ERROR) return false;
  const hiddenFromWildcards = error === "States.DataLimitExceeded";
  return names.some((name) => {
    if (name === error) return true;
    if (name === "States.ALL") return !hiddenFromWildcards;
    if (name === "States.TaskFailed") return !hiddenFromWildcards && error !== "States.Timeout";
    return name === "States.Timeout" && error === "States.HeartbeatTimeout";
  });
}

/** @throws StatesError States.DataLimitExceeded when `value` is larger than a state may hand on. */
export function requireWithinDataLimit(stateName: string, what: string, value: Json): void {
  if (byteLength(value) <= STATE_DATA_LIMIT_BYTES) return;
  throw new StatesError(
    "States.DataLimitExceeded",
    `The state '${stateName}' returned ${what} with a size exceeding the maximum number of bytes service limit.`,
  );
}
