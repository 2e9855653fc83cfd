import { closestOf } from "../text/closest.ts";
import type { FieldRow } from "./field-row.ts";
import { FIELDS } from "./field-table.ts";
import { findKopsFlag, KOPS_FLAGS } from "./kops-flags.ts";
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

/** Unknown flags, and those of kops that mean nothing here, are reported with all else that is wrong. */
export function fieldsFromFlags(flags: readonly RawFlag[], findings: Findings): SpecFields {
  const fields: { [F in SpecField]?: Given } = {};
  const foreign: RawFlag[] = [];
  for (const given of flags) {
    const { flag, value } = given;
    const field = fieldOf(flag);
    const earlier = field && fields[field];
    if (field === undefined) foreign.push(given);
    else if (earlier && (earlier.flag !== flag || field === "name")) {
      findings.problems.push(secondProblem(earlier, given));
    } else if (earlier && fieldRow(field).list) {
      fields[field] = { flag, value: `${String(earlier.value)},${value}` };
    } else {
      fields[field] = { flag, value };
    }
  }
  readForeignFlags(foreign, findings);
  return fields;
}

function secondProblem(earlier: Given, { flag, value }: RawFlag): Problem {
  const hint = value === "true" || value === "false" ? " (write --yes, not --yes true)" : "";
  const what =
    earlier.flag === flag
      ? `one cluster name is expected, but ${quote(earlier.value)} and ${quote(value)} were given${hint}`
      : `${earlier.flag} says the same thing; give one of them`;
  return { flag: shown(flag), value: shown(value), message: `${shown(flag)}: ${what}` };
}

/** What holds in place of several flags is said once. */
function readForeignFlags(flags: readonly RawFlag[], findings: Findings): void {
  const instead = new Map<string, Set<string>>();
  for (const { flag, value } of flags) {
    const known = findKopsFlag(flag);
    if (known === undefined) findings.problems.push(unknownFlag(flag, value));
    else if ("instead" in known) instead.set(known.instead, (instead.get(known.instead) ?? new Set()).add(flag));
    else if (!known.anyway?.includes(value)) {
      findings.problems.push({ flag, value: shown(value), message: `${flag}: ${known.refusal}` });
    }
  }
  for (const [sentence, names] of instead) findings.warnings.push(`${[...names].join(", ")}: ${sentence}`);
}

const KNOWN_FLAGS = [
  ...Object.values(FIELDS).flatMap(({ flags }): readonly string[] => flags),
  ...Object.keys(KOPS_FLAGS),
  // Of the command itself.
  ...["--yes", "--dry-run", "--wait", "--output", "--filename", "--from-backup", "--takeover"],
];

function unknownFlag(flag: string, value: string): Problem {
  const near = closestOf(flag, KNOWN_FLAGS);
  const hint = near === undefined ? "" : `; is ${near} meant?`;
  return { flag: shown(flag), value: shown(value), message: `${shown(flag)}: there is no such flag${hint}` };
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

/** The field that a flag stands for, or a path in a document. */
export function fieldOfPath(path: string): SpecField | undefined {
  return isField(path) ? path : fieldOf(path);
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
