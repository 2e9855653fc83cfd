import type { ClusterView } from "../../functions/domain/api/views.ts";
import { fieldRow } from "../../functions/domain/spec/fields.ts";
import { flagOfField, isRecordOnly, type SpecChange, valueText } from "../../functions/domain/spec/spec-change.ts";
import type { OutputFormat } from "../grammar/command.ts";
import { renderDocument } from "./render.ts";

/** What an update would do: `{changes:[…]}`, or a paragraph a field. */
export function renderChanges(
  cluster: Pick<ClusterView, "name" | "status" | "reason">,
  changes: readonly SpecChange[],
  output: OutputFormat,
  cost: readonly string[] = [],
): string {
  if (output !== "table") return renderDocument({ changes }, output);
  const lines = changes.flatMap(({ field, from, to, effect }) => [
    `  ${flagOfField(field)}  ${said(field, from)} → ${said(field, to)}`,
    `      ${effect}`,
  ]);
  return [...standing(cluster, changes), ...lines, ...cost, ""].join("\n");
}

/** Of a field that a spec leaves out, what holds without it. */
function said(field: SpecChange["field"], value: SpecChange["from"]): string {
  return valueText(value) || String(fieldRow(field).default ?? "none");
}

function standing(
  { name, status, reason }: Pick<ClusterView, "name" | "status" | "reason">,
  changes: readonly SpecChange[],
): string[] {
  if (isRecordOnly(changes.map(({ field }) => field))) return [`Changes of ${name}:`];
  if (status === "FAILED" || status === "CREATING") {
    return [
      `The creation of ${name} continues from where it stands${changes.length > 0 ? ", with these changes:" : "."}`,
    ];
  }
  if (changes.length > 0) return [`Changes of ${name}:`];
  return [reason === null ? `${name}: nothing to change` : `${name} is ${status}: ${reason}`];
}
