import type { RestoreSource } from "./restore-records.ts";

/** As a person reads it. */
export function sourceText(from: RestoreSource): string {
  if (from.kind === "backup") return `backup ${from.id}`;
  return from.member === null ? "the best of the members' data" : `the data of member ${from.member}`;
}

/** What continues a restore from there. */
export function restoreCommand(cluster: string, from: RestoreSource): string {
  const source =
    from.kind === "backup" ? `--backup ${from.id}` : `--from-survivor${from.member ? ` ${from.member}` : ""}`;
  return `holdfast restore cluster ${cluster} ${source} --yes`;
}
