import type { OutputFormat } from "../grammar/command.ts";
import { flagOfField, type SpecChange, valueText } from "../spec-change.ts";
import type { ClusterView } from "../views.ts";
import { renderDocument } from "./render.ts";

/** What an update would do: `{changes:[…]}`, or a paragraph a field. */
export function renderChanges(
  cluster: Pick<ClusterView, "name" | "status" | "reason">,
  changes: readonly SpecChange[],
  output: OutputFormat,
): string {
  if (output !== "table") return renderDocument({ changes }, output);
  const lines = changes.flatMap(({ field, from, to, effect }) => [
    `  ${flagOfField(field)}  ${valueText(from) || "none"} → ${valueText(to) || "none"}`,
    `      ${effect}`,
  ]);
  return [...standing(cluster, changes.length), ...lines, ""].join("\n");
}

function standing(
  { name, status, reason }: Pick<ClusterView, "name" | "status" | "reason">,
  changes: number,
): string[] {
  if (status === "FAILED" || status === "CREATING") {
    return [`The creation of ${name} goes on from where it stands${changes > 0 ? ", with these changes:" : "."}`];
  }
  if (changes > 0) return [`Changes of ${name}:`];
  return [reason === null ? `${name}: nothing to change` : `${name} is ${status}: ${reason}`];
}
