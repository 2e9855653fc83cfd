import { isDeepStrictEqual } from "node:util";
import type { FieldRow } from "./field-row.ts";
import { FIELDS } from "./field-table.ts";
import { fieldRow, STORED_FIELDS } from "./fields.ts";
import type { ClusterSpec, Problem } from "./spec.ts";
import { quote } from "./values.ts";

export type ChangeableField = Exclude<keyof ClusterSpec, "version">;
type Value = ClusterSpec[ChangeableField];

/** One field that will be another, and what that does to what exists. `null` stands for "not given". */
export interface SpecChange {
  readonly field: ChangeableField;
  readonly from: NonNullable<Value> | null;
  readonly to: NonNullable<Value> | null;
  /** What is created, changed or removed, when, and what is not: a phrase for people. */
  readonly effect: string;
}

export type ChangeResult =
  | { readonly ok: true; readonly changes: readonly SpecChange[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Fields whose change reaches the masters' launch templates and interfaces; the others concern nodes alone. */
export const MASTER_FIELDS = fieldsThatReach("masters");

/** Fields that a repair under way goes by at once. */
export const REPAIR_FIELDS = fieldsThatReach("repairs");

/** Fields that are recorded, and that no operation executes. */
const RECORD_FIELDS = fieldsThatReach("nothing");

/** Whether nothing has to be done about a change of these fields but to record it. */
export function isRecordOnly(fields: readonly string[]): boolean {
  return fields.length > 0 && fields.every((field) => RECORD_FIELDS.has(field));
}

/** The fields that something has to be done about. */
export function fieldsToExecute(changes: readonly Pick<SpecChange, "field">[]): ChangeableField[] {
  return changes.map(({ field }) => field).filter((field) => !RECORD_FIELDS.has(field));
}

function fieldsThatReach(what: FieldRow["reaches"]): ReadonlySet<string> {
  return new Set(STORED_FIELDS.filter((field) => fieldRow(field).reaches === what));
}

/**
 * How two specs differ, and whether a running cluster can follow; all that it cannot do at once, as for a refused spec.
 */
export function evaluateChange(from: ClusterSpec, to: ClusterSpec): ChangeResult {
  const differing = STORED_FIELDS.filter((field) => !isSame(field, from, to));
  const problems = differing.flatMap((field) => {
    const { refusal } = fieldRow(field);
    return refusal === undefined ? [] : [refusalOf(field, from, to, refusal)];
  });
  if (problems.length > 0) return { ok: false, problems };
  const changes = differing.flatMap((field): SpecChange[] => {
    const effect = fieldRow(field).effect?.(from, to) ?? "";
    return [{ field, from: from[field] ?? null, to: to[field] ?? null, effect }];
  });
  return { ok: true, changes };
}

/** The flag under which a field is spoken of. */
export function flagOfField(field: ChangeableField): string {
  return FIELDS[field].flags[0];
}

/** A field's value as it would be typed. */
export function valueText(value: SpecChange["from"]): string {
  if (value === null) return "";
  if (typeof value !== "object") return String(value);
  if (Array.isArray(value)) return value.join(",");
  if ("requested" in value) return value.requested;
  return Object.entries(value)
    .map(([key, text]) => `${key}=${text}`)
    .join(",");
}

/** Networks are compared by the one that is used: asking for it by its own name changes nothing. */
function isSame(field: ChangeableField, from: ClusterSpec, to: ClusterSpec): boolean {
  if (field === "networking") return from.networking.used === to.networking.used;
  return isDeepStrictEqual(from[field], to[field]);
}

function refusalOf(field: ChangeableField, from: ClusterSpec, to: ClusterSpec, reason: string): Problem {
  const [flag, former, value] =
    field === "masterZones" && isNumber(from, to)
      ? ["--master-count", String(from.masterZones.length), String(to.masterZones.length)]
      : [flagOfField(field), valueText(from[field] ?? null), valueText(to[field] ?? null)];
  const instead =
    field === "masterZones"
      ? `: use holdfast migrate cluster ${from.name} --master-zones ${wantedZones(from, to).join(",")}`
      : "";
  const message = `${flag}: ${refusedChange(former, value)}: ${reason}${instead}`;
  return { flag, value, message };
}

function refusedChange(former: string, value: string): string {
  if (former === "") return `${quote(value)} cannot be set`;
  return value === "" ? `${quote(former)} cannot be removed` : `${quote(former)} cannot become ${quote(value)}`;
}

/** A larger number of masters was asked for, and no zones: it stands for one zone, as often as there are to be masters. */
function isNumber(from: ClusterSpec, { masterZones }: ClusterSpec): boolean {
  const named = new Set(masterZones);
  return masterZones.length > 1 && named.size === 1 && from.masterZones.some((zone) => named.has(zone));
}

/** Masters of a number alone are spread over all zones of the cluster, those with a master first. */
function wantedZones(from: ClusterSpec, to: ClusterSpec): readonly string[] {
  if (!isNumber(from, to)) return to.masterZones;
  const zones = [...new Set([...from.masterZones, ...from.zones])];
  return to.masterZones.map((_, index) => zones[index % zones.length] ?? "");
}

/** What the event says when a change is asked for, or a creation is resumed. */
export function explainRequest(name: string, changes: readonly SpecChange[], resumes: boolean): string {
  const recorded = changes.map(
    ({ field, from, to }) => `${field} ${valueText(from) || "none"} → ${valueText(to) || "none"}`,
  );
  const what = recorded.length > 0 ? `: ${recorded.join(", ")}` : "";
  return resumes ? `Creation of ${name} continues${what}.` : `A change of ${name} was requested${what}.`;
}
