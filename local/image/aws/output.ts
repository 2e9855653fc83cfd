import { UsageError } from "./errors.ts";

/** A result as `--output json` and `--output text` print it; text of scalars and of lists only. */
export function formatOutput(value: unknown, format: string): string {
  switch (format) {
    case "json":
      return `${JSON.stringify(value, undefined, 4)}\n`;
    case "text":
      return textOf(value);
    default:
      throw new UsageError(
        `argument --output: Invalid choice, the stand-in of the local cloud knows json and text, not ${format}`,
      );
  }
}

/** A list is a line of its scalars, then what its lists are: so the CLI prints them. */
function textOf(value: unknown): string {
  if (!Array.isArray(value)) return `${scalarText(value)}\n`;
  const scalars = value.filter((each) => !Array.isArray(each));
  const line = scalars.length > 0 ? `${scalars.map(scalarText).join("\t")}\n` : "";
  return line + value.filter(Array.isArray).map(textOf).join("");
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
