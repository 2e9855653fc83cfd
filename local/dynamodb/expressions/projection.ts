import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Item } from "../values.ts";
import { Cursor } from "./cursor.ts";
import { child, type DocumentPath, pathProblem } from "./path.ts";
import type { Placeholders } from "./placeholders.ts";

/** Parses a ProjectionExpression. Throws `ValidationException`, also for paths that overlap. */
export function parseProjection(source: string, placeholders: Placeholders): DocumentPath[] {
  const cursor = new Cursor(source, placeholders, "ProjectionExpression");
  const paths = [cursor.readPath()];
  while (cursor.take(",")) paths.push(cursor.readPath());
  cursor.expectEnd();
  const problem = pathProblem(paths);
  if (problem !== undefined) throw cursor.invalid(problem);
  return paths;
}

/** The parts of an item that paths name, in the shape of the item; lists close up over what is left out. */
export function project(paths: readonly DocumentPath[], item: Readonly<Item>): Item {
  return projectValue({ M: item }, paths)?.M ?? {};
}

function projectValue(
  value: AttributeValue,
  paths: readonly (readonly (string | number)[])[],
): AttributeValue | undefined {
  if (paths.some((path) => path.length === 0)) return structuredClone(value);
  const steps = [...new Set(paths.map(([first]) => first))].filter((step) => step !== undefined);
  const parts: [string | number, AttributeValue][] = [];
  for (const step of value.L === undefined ? steps : steps.sort((a, b) => Number(a) - Number(b))) {
    const inner = child(value, step);
    const rest = paths.filter(([first]) => first === step).map((path) => path.slice(1));
    const part = inner && projectValue(inner, rest);
    if (part) parts.push([step, part]);
  }
  if (parts.length === 0) return undefined;
  return value.L === undefined ? { M: Object.fromEntries(parts) } : { L: parts.map(([, part]) => part) };
}
