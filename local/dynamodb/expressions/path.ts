import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Item } from "../values.ts";

/** `a.b[2]` as `["a", "b", 2]`: an attribute, then members of maps and positions in lists. */
export type DocumentPath = readonly [string, ...(string | number)[]];

export function valueAt(item: Readonly<Item>, path: readonly (string | number)[]): AttributeValue | undefined {
  let value: AttributeValue | undefined = { M: item };
  for (const step of path) value = child(value, step);
  return value;
}

/** What holds the value that the path ends at, with the path's last step; `undefined` if there is no such document. */
export function parentAt(
  item: Item,
  path: DocumentPath,
): { parent: AttributeValue; last: string | number } | undefined {
  const last = path[path.length - 1] ?? "";
  let parent: AttributeValue | undefined = { M: item };
  for (const step of path.slice(0, -1)) parent = child(parent, step);
  const fits = typeof last === "number" ? parent?.L !== undefined : parent?.M !== undefined;
  return parent && fits ? { parent, last } : undefined;
}

export function child(value: AttributeValue | undefined, step: string | number): AttributeValue | undefined {
  if (typeof step === "number") return value?.L?.[step];
  const map = value?.M;
  return map && Object.hasOwn(map, step) ? map[step] : undefined;
}

/** As error messages show it: `[a, b, [2]]`. */
export function describePath(path: DocumentPath): string {
  return `[${path.map((step) => (typeof step === "number" ? `[${step}]` : step)).join(", ")}]`;
}

/** How two paths of one expression exclude each other, in AWS's words. */
export function pathProblem(paths: readonly DocumentPath[]): string | undefined {
  for (const [index, two] of paths.entries()) {
    for (const one of paths.slice(0, index)) {
      const relation = relationOf(one, two);
      if (relation === undefined) continue;
      const where = `path one: ${describePath(one)}, path two: ${describePath(two)}`;
      return `Two document paths ${relation} with each other; must remove or rewrite one of these paths; ${where}`;
    }
  }
  return undefined;
}

function relationOf(one: DocumentPath, two: DocumentPath): "overlap" | "conflict" | undefined {
  for (let index = 0; index < Math.min(one.length, two.length); index++) {
    if (typeof one[index] !== typeof two[index]) return "conflict";
    if (one[index] !== two[index]) return undefined;
  }
  return "overlap";
}
