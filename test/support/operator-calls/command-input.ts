import type { NormalizedSchema } from "@smithy/core/schema";
import { membersOf } from "../../../local/wire/schema.ts";

/** Reads options as the AWS CLI does: by the schema of the operation's input. */
export function inputOf(schema: NormalizedSchema, options: readonly string[]): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  for (const [option, values] of optionsOf(options)) {
    // The CLI's own, about pages.
    if (option === "max-items") continue;
    const wanted = option.replaceAll("-", "");
    const off = membersOf(schema).find(([name]) => wanted === `no${name.toLowerCase()}`);
    const member = membersOf(schema).find(([name]) => name.toLowerCase() === wanted);
    if (off) input[off[0]] = false;
    else if (member) input[member[0]] = readValue(member[1], values);
    else throw new Error(`unknown option --${option}`);
  }
  return input;
}

function optionsOf(words: readonly string[]): Map<string, string[]> {
  const options = new Map<string, string[]>();
  let values: string[] = [];
  for (const word of words) {
    if (word.startsWith("--")) {
      values = [];
      options.set(word.slice(2), values);
    } else values.push(word);
  }
  return options;
}

function readValue(schema: NormalizedSchema, values: readonly string[]): unknown {
  const [first = ""] = values;
  if (/^[[{]/.test(first) && !schema.isStringSchema()) return JSON.parse(first);
  if (schema.isListSchema()) return values.map((value) => readValue(schema.getValueSchema(), [value]));
  if (schema.isStructSchema()) return structureOf(schema, first);
  if (schema.isBooleanSchema()) return first !== "false";
  if (schema.isNumericSchema()) return Number(first);
  return schema.isTimestampSchema() ? new Date(first) : first;
}

/** `Name=vpc-id,Values=a,b`: what has no equals sign is one more value of the list before it. */
function structureOf(schema: NormalizedSchema, text: string): Record<string, unknown> {
  const parts: { name: string; values: string[] }[] = [];
  for (const part of text.split(",")) {
    const [name = "", ...rest] = part.split("=");
    if (rest.length === 0) parts.at(-1)?.values.push(part);
    else parts.push({ name, values: [rest.join("=")] });
  }
  const members = new Map(membersOf(schema));
  return Object.fromEntries(
    parts.map(({ name, values }) => {
      const member = members.get(name);
      return [name, member ? readValue(member, values) : values[0]];
    }),
  );
}
