import * as z from "zod";
import type { ClusterSpec } from "../spec/spec.ts";
import { matches, Pattern } from "./pattern.ts";

/** Limits of one grant on a cluster's size. Without a limit only AWS's quotas apply. */
export const Limits = z.strictObject({
  nodes: z.int().min(0).exactOptional(),
  masters: z.int().min(1).exactOptional(),
  /** Patterns of instance types, of masters and nodes alike: `t3.*`. */
  machineTypes: z.array(Pattern).exactOptional(),
});
export type Limits = z.output<typeof Limits>;

/**
 * What of a new cluster, or of a change, is above the limits, as sentences. A change may lower what is above them, and
 * leave what it does not touch.
 */
export function excessOf(limits: Limits | undefined, from: ClusterSpec | null, to: ClusterSpec): string[] {
  if (limits === undefined) return [];
  return [
    ...countAbove("node", limits.nodes, from?.nodeCount ?? 0, to.nodeCount),
    ...countAbove("master", limits.masters, from?.masterZones.length ?? 0, to.masterZones.length),
    ...typesOutside(limits.machineTypes, from === null ? [] : machineTypes(from), machineTypes(to)),
  ];
}

function countAbove(what: string, max: number | undefined, before: number, wanted: number): string[] {
  return max === undefined || wanted <= max || wanted <= before
    ? []
    : [`at most ${max} ${what}${max === 1 ? "" : "s"}, and ${wanted} were asked for`];
}

function typesOutside(allowed: Limits["machineTypes"], before: readonly string[], wanted: readonly string[]): string[] {
  return [...new Set(wanted)]
    .filter((type) => allowed?.every((pattern) => !matches(pattern, type)) && !before.includes(type))
    .map((type) => `machine types ${allowed?.join(", ")}, and ${type} was asked for`);
}

function machineTypes({ masterSize, masterSizeFallbacks = [], nodeSize }: ClusterSpec): string[] {
  return [masterSize, ...masterSizeFallbacks, nodeSize];
}

/** Why none of the grants that allow the action is enough for this size; undefined if one is. */
export function whyTooLarge(
  grants: readonly { readonly of: string; readonly limits?: Limits }[],
  from: ClusterSpec | null,
  to: ClusterSpec,
): string | undefined {
  const excesses = grants.map(({ of, limits }) => ({ of, excess: excessOf(limits, from, to) }));
  if (excesses.some(({ excess }) => excess.length === 0)) return undefined;
  return excesses.map(({ of, excess }) => `the grant of ${of} allows ${excess.join("; ")}`).join("; or ");
}
