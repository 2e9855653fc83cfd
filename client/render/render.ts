import { stringify } from "yaml";
import type { PlannedCluster } from "../../functions/domain/plan/plan-types.ts";
import type { Problem } from "../../functions/domain/spec/spec.ts";
import type { OutputFormat } from "../grammar/command.ts";
import { printable } from "../terminal.ts";
import { planText } from "./plan-text.ts";

/** One document as JSON or YAML, with a final newline. */
export function renderDocument(document: unknown, format: "json" | "yaml"): string {
  return format === "json" ? `${JSON.stringify(document, null, 2)}\n` : stringify(document, { lineWidth: 0 });
}

/** A plan in the form that was asked for. `width` is the terminal's, in characters. */
export function renderPlan(planned: PlannedCluster, format: OutputFormat, width = 100): string {
  if (format === "table") return planText(planned, width);
  const { spec, plan, versions, warnings } = planned;
  return renderDocument({ spec, plan, versions, warnings }, format);
}

/** Everything that is wrong with a request: `{problems:[…]}`, or a line for each that says something else. */
export function renderRefusal(problems: readonly Problem[], format: OutputFormat): string {
  if (format !== "table") return renderDocument({ problems }, format);
  return [...new Set(problems.map(({ message }) => `error: ${printable(message)}\n`))].join("");
}
