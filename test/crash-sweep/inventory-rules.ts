import type { Resource } from "../support/account.ts";

/**
 * A cluster's resources as text: one line a kind and logical name, whatever the ids. A renewed volume is still that
 * volume. What restores have kept differs with their number.
 */
export function shapeOf(resources: readonly Resource[], uid: string): string[] {
  return resources
    .filter((resource) => resource.uid === uid && !isKept(resource))
    .map(({ kind, name = "?" }) => `${kind} ${name.replace(/^(volume\/[a-z])\/\d+$/, "$1")}`)
    .sort();
}

function isKept({ kind, name }: Resource): boolean {
  return kind === "snapshot" && name?.startsWith("kept/") === true;
}

/** Data that one restore has kept twice. */
export function findTwins(resources: readonly Resource[]): string[] {
  const kept = Map.groupBy(resources.filter(isKept), ({ uid, name }) => `${name} of ${uid}`);
  return [...kept].filter(([, { length }]) => length > 1).map(([name, { length }]) => `${name}: ${length} snapshots`);
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
