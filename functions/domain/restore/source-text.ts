import type { RestoreSource } from "./restore-records.ts";

/** As a person reads it. */
export function sourceText(from: RestoreSource): string {
  if (from.kind === "backup") return `backup ${from.id}`;
  return from.member === null ? "the best of the members' data" : `the data of member ${from.member}`;
}
