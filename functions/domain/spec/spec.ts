import * as z from "zod";
import type { Read } from "../api/output.ts";
import { storedShape } from "./field-row.ts";
import { FIELDS } from "./field-table.ts";

/**
 * What the user asked for, with every default filled in: the stored truth of a cluster. Flags and files become this by
 * `parseSpec`, which reports every problem at once. Units are in the names; `version` is that of the schema.
 */
export const ClusterSpec = z.strictObject({ version: z.literal(1), ...storedShape(FIELDS) });
export type ClusterSpec = Read<typeof ClusterSpec>;

/** One thing wrong with a request: where (`flag` as typed, or a path in a file), what was given, what is expected. */
export interface Problem {
  readonly flag: string;
  readonly value: string;
  readonly message: string;
}
