import type { Resource } from "../support/account.ts";

/**
 * A cluster's resources as text: one line a kind and logical name, whatever the ids. A renewed volume is still that
 * volume, and data that restores kept is that of its member.
 */
export function shapeOf(resources: readonly Resource[], uid: string): string[] {
  return resources
    .filter((resource) => resource.uid === uid)
    .map(({ kind, name = "?" }) => `${kind} ${name.replace(/^(volume|kept)(\/[a-z])\/[\w.]+$/, "$1$2")}`)
    .sort();
}

/** What is wrong with an account in which only these clusters were ever made; empty if nothing is. */
export function findOrphans(
  resources: readonly Resource[],
  before: ReadonlySet<string>,
  clusters: ReadonlyMap<string, string>,
): string[] {
  return resources.flatMap(({ kind, id, uid, name }) => {
    if (uid === undefined) return before.has(id) ? [] : [`${kind} ${id} belongs to nobody`];
    return clusters.has(uid) ? [] : [`${kind} ${id} (${name}) belongs to a cluster that is not on record`];
  });
}

/** Lines that are in one and not in the other. */
export function difference(expected: readonly string[], found: readonly string[]): string[] {
  const count = (lines: readonly string[], line: string) => lines.filter((other) => other === line).length;
  return [...new Set([...expected, ...found])]
    .filter((line) => count(expected, line) !== count(found, line))
    .map((line) => `${line}: ${count(found, line)} instead of ${count(expected, line)}`);
}
