import { ERRORS } from "../cluster/error-table.ts";

const FROM_ERRORS = Object.values(ERRORS).flatMap((row) => ("problem" in row ? [row.problem] : []));
/** Of an error that nobody has foreseen. */
export const INTERNAL = { name: "internal", status: 500, title: "Something failed" } as const;

/** A problem that the API answers with (RFC 9457); `name` is the last part of its `type`, which programs compare. */
export type ProblemRow = (typeof FROM_ERRORS)[number] | typeof INTERNAL;
export type ProblemName = ProblemRow["name"];

const PROBLEMS: readonly ProblemRow[] = [...FROM_ERRORS, INTERNAL].toSorted((a, b) => a.status - b.status);
export const PROBLEM_NAMES = PROBLEMS.map(({ name }) => name);
export function problemRow(name: ProblemName): ProblemRow {
  return PROBLEMS.find((row) => row.name === name) ?? INTERNAL;
}

export function problemType(name: ProblemName): string {
  return `https://holdfast.dev/problems/${name}`;
}

/** Seconds after which a caller may try again what another operation stands in the way of. */
export const BUSY_RETRY_S = 10;
/** Seconds until what is not ready yet may be. */
export const NOT_READY_RETRY_S = 5;
/** Seconds between two looks at an operation that runs: it changes with its steps, each of which takes seconds. */
export const POLL_S = 2;
