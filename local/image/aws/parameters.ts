import { readFileSync } from "node:fs";
import { UsageError } from "./errors.ts";

/** How the words after an option become a member of the API's input. */
export type ParameterKind = "string" | "number" | "flag" | "list" | "filters";
export type ParameterTable = Readonly<Record<string, ParameterKind>>;

/** Input of an operation: `--instance-ids a b` becomes `InstanceIds: ["a", "b"]`, `--no-x` a flag's `false`. */
export function parseParameters(words: readonly string[], table: ParameterTable): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  for (let at = 0; at < words.length; ) {
    const option = words[at] ?? "";
    const isNegated = table[option.replace(/^--no-/, "--")] === "flag" && option.startsWith("--no-");
    const name = isNegated ? option.replace(/^--no-/, "--") : option;
    const kind = table[name];
    if (!kind) throw new UsageError(`Unknown options: ${option}`);
    const end = words.findIndex((word, index) => index > at && word.startsWith("--"));
    const values = words.slice(at + 1, end === -1 ? undefined : end);
    input[memberName(name)] = kind === "flag" ? !isNegated : parseValue(name, kind, values);
    at += 1 + values.length;
  }
  return input;
}

/** `--with-decryption` is `WithDecryption`. */
function memberName(option: string): string {
  return option.replace(/^-/, "").replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function parseValue(option: string, kind: ParameterKind, values: readonly string[]): unknown {
  const [first, ...more] = values;
  if (first === undefined)
    throw new UsageError(`argument ${option}: expected ${kind === "list" ? "at least " : ""}one argument`);
  if (kind === "list") return values;
  if (kind === "filters") return values.map((value) => parseFilter(option, value));
  if (more.length > 0) throw new UsageError(`Unknown options: ${more.join(", ")}`);
  if (kind === "string") return readText(first);
  const number = Number(first);
  if (!Number.isInteger(number)) throw new UsageError(`argument ${option}: invalid int value: '${first}'`);
  return number;
}

/** The value itself, or the content of a file (`file:///dev/stdin`), which keeps secrets out of the list of processes. */
function readText(value: string): string {
  return value.startsWith("file://") ? readFileSync(value.slice("file://".length), "utf8") : value;
}

/** The CLI's shorthand: `Name=tag:member,Values=a,b`. */
function parseFilter(option: string, text: string): { Name: string; Values: string[] } {
  const [, name, values] = /^Name=([^,]+),Values=(.+)$/.exec(text) ?? [];
  if (!name || !values)
    throw new UsageError(`Error parsing parameter '${option}': expected Name=NAME,Values=VALUE,…, received: ${text}`);
  return { Name: name.replace(/^["']|["']$/g, ""), Values: values.split(",") };
}
