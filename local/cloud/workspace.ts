import { accessSync, constants, mkdirSync } from "node:fs";
import { join } from "node:path";

/** What this checkout keeps for itself, outside version control: compiled code, programs that were fetched, builds under way. */
export const WORKSPACE = join(import.meta.dirname, "../../.holdfast");

/** Where code is kept compiled for all local clouds of this checkout; undefined where that folder cannot be written. */
export function sharedCompileCache(): string | undefined {
  const directory = join(WORKSPACE, "compile-cache");
  try {
    mkdirSync(directory, { recursive: true });
    accessSync(directory, constants.W_OK);
    return directory;
  } catch {
    return undefined;
  }
}
