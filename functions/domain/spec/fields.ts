import type { FieldRow } from "./field-row.ts";
import { FIELDS } from "./field-table.ts";
import type { Problem } from "./spec.ts";
import { type Findings, type Given, quote, shown } from "./values.ts";

type AnyField = keyof typeof FIELDS;
type StoredField = { [F in AnyField]: (typeof FIELDS)[F] extends { readonly schema: unknown } ? F : never }[AnyField];

function isStored(field: string): field is StoredField {
  return Object.entries(FIELDS).some(([name, row]) => name === field && "schema" in row);
}

/** Fields of a stored spec, but for the version of its schema. */
export const STORED_FIELDS = Object.keys(FIELDS).filter(isStored);

export function fieldRow(field: AnyField): FieldRow {
  return FIELDS[field];
}

/** A flag as it was typed, dashes included; the positional cluster name is the flag `NAME`. */
export interface RawFlag {
  readonly flag: string;
  readonly value: string;
}

export type SpecField = Exclude<keyof typeof FIELDS, "region">;
export type SpecFields = { readonly [F in SpecField]?: Given };

/** Only documents have these: the schema's version, and the region, which must be that of the zones. */
const DOCUMENT_ONLY = new Set(["version", "region"]);

export function fieldsFromFlags(flags: readonly RawFlag[], findings: Findings): SpecFields {
  const fields: { [F in SpecField]?: Given } = {};
  for (const { flag, value } of flags) {
    const field = fieldOf(flag);
    if (!field) {
      findings.problems.push(unknown(flag, value, "is not a flag of create cluster"));
      continue;
    }
    const earlier = fields[field];
    if (earlier && earlier.flag !== flag) {
      const message = `${flag}: ${earlier.flag} says the same thing; give one of them`;
      findings.problems.push({ flag, value: shown(value), message });
    } else if (earlier && fieldRow(field).list) {
      fields[field] = { flag, value: `${String(earlier.value)},${value}` };
    } else {
      fields[field] = { flag, value };
    }
  }
  return fields;
}

/** A document is a `ClusterSpec`, or as much of one as the user cares to write; `masterCount` may stand for a list. */
export function fieldsFromDocument(document: unknown, findings: Findings): SpecFields {
  const fields: { [F in SpecField]?: Given } = {};
  if (!isRecord(document)) {
    findings.problems.push(unknown("spec", document, "is not a mapping of fields such as name and zones"));
    return fields;
  }
  for (const [key, value] of Object.entries(document)) {
    if (isField(key)) fields[key] = { flag: key, value };
    else if (!DOCUMENT_ONLY.has(key)) findings.problems.push(unknown(shown(key), value, "is not a field of a spec"));
  }
  if (document["version"] !== undefined && document["version"] !== 1) {
    findings.problems.push(unknown("version", document["version"], "is not a known schema version; expected 1"));
  }
  return fields;
}

/** How to speak of a field that may not have been given. */
export function flagOf(fields: SpecFields, field: SpecField): string {
  return fields[field]?.flag ?? FIELDS[field].flags[0];
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function fieldOf(flag: string): SpecField | undefined {
  return Object.keys(FIELDS)
    .filter(isField)
    .find((field) => fieldRow(field).flags.includes(flag));
}

/** Is it a field of a spec, as today's schema has them? */
export function isField(key: string): key is SpecField {
  return Object.hasOwn(FIELDS, key) && key !== "region";
}

function unknown(flag: string, value: unknown, what: string): Problem {
  return { flag: shown(flag), value: shown(value), message: `${shown(flag)}: ${quote(value)} ${what}` };
}
