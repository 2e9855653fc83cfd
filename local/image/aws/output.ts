import { UsageError } from "./errors.ts";

/** A result as `--output json` and `--output text` print it; text of scalars and lists of them only. */
export function formatOutput(value: unknown, format: string): string {
  switch (format) {
    case "json":
      return `${JSON.stringify(value, undefined, 4)}\n`;
    case "text":
      return Array.isArray(value) ? `${value.map(scalarText).join("\t")}\n` : `${scalarText(value)}\n`;
    default:
      throw new UsageError(
        `argument --output: Invalid choice, the stand-in of the local cloud knows json and text, not ${format}`,
      );
  }
}

/** Python's words for what is no string, as the CLI is written in it. */
function scalarText(value: unknown): string {
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (value instanceof Date) return value.toISOString();
  if (typeof value === "object") {
    throw new UsageError(
      "--output text: the stand-in of the local cloud prints single values only, choose one by --query",
    );
  }
  return String(value);
}
