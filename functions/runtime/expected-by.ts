import type * as z from "zod";
import { counted } from "../domain/text/counted.ts";

const TYPES: Readonly<Record<string, string>> = {
  array: "a list",
  boolean: "true or false",
  int: "a whole number",
  number: "a number",
  object: "an object",
  record: "an object",
  string: "text",
};
const UNITS: Readonly<Record<string, string>> = { string: "character", array: "item" };

/** What a value should have been: the schema's own words, or words for people in place of zod's. */
export function expectedBy(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_union" && issue.errors.length > 0)
    return [...new Set(issue.errors.flat().map(expectedBy))].join(" or ");
  // A schema with words of its own has neither of zod's prefaces.
  if (!/^(?:Invalid|Too) /.test(issue.message)) return issue.message;
  switch (issue.code) {
    case "invalid_type":
      return TYPES[issue.expected] ?? issue.expected;
    case "too_small":
      return `at least ${amount(issue.origin, issue.minimum)}`;
    case "too_big":
      return `at most ${amount(issue.origin, issue.maximum)}`;
    case "invalid_value":
      return issue.values.map(String).join(" or ");
    default:
      return issue.message
        .replace(/^(?:Invalid|Too) [^:.]*[:.] expected /i, "")
        .replace(/'(\w+)' \| '(\w+)'/, "$1 or $2");
  }
}

function amount(origin: string, limit: number | bigint): string {
  const unit = UNITS[origin];
  return unit === undefined ? String(limit) : counted(Number(limit), unit);
}
