import * as z from "zod";
import type { FieldRow } from "../spec/field-row.ts";
import { FIELDS } from "../spec/field-table.ts";

/**
 * A spec as a request may write it, for the OpenAPI document. What is wrong with one is said by parse-spec.ts, which names
 * everything at once and checks more than a schema can; a test holds the two together. Lists may be text with commas too,
 * as on a command line, and text may have blanks around it; that is not advertised.
 */

const rows: readonly (readonly [string, FieldRow])[] = Object.entries(FIELDS);
const shape: Readonly<Record<string, z.ZodType>> = {
  version: z.literal(1).describe("Version of this schema."),
  ...Object.fromEntries(
    rows.map(([field, row]) => [field, (row.document ?? row.schema ?? z.never()).describe(row.about)]),
  ),
};

/** What `POST /clusters` and `POST /plan` take. */
export const SpecDocument = z
  .strictObject(shape)
  .partial()
  .required({ name: true, zones: true })
  .describe("What you ask for. Every field but `name` and `zones` has a default.");

/** Fields of which a patch may remove parts. */
const PATCHED: Readonly<Record<string, z.ZodType>> = Object.fromEntries(
  rows.flatMap(([field, { patch, about }]) => (patch === undefined ? [] : [[field, patch.describe(about)]])),
);

/** What `PATCH` takes: a JSON merge patch (RFC 7396). */
export const SpecPatchDocument = z
  .strictObject(
    Object.fromEntries(
      Object.entries({ ...shape, ...PATCHED }).map(([field, schema]) => [field, schema.nullable().optional()]),
    ),
  )
  .describe("The fields to change; null takes one back to its default. Some cannot be changed, and say so.");
