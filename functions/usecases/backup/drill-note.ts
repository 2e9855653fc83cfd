import { type DrillNote, readDrillNote } from "../../domain/backup/drill-note.ts";
import { DrillFailed } from "../../domain/cluster/errors.ts";
import type { Deps } from "../../runtime/collaborators.ts";

/** What a drill has noted; its first step notes which backup it tries. */
export async function noteOf(deps: Deps, operation: string): Promise<DrillNote> {
  const note = readDrillNote(await deps.store.findSideNote(operation));
  if (!note) throw new DrillFailed(`${operation} has not noted which backup it tries`);
  return note;
}
