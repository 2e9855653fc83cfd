/** Deeper than any request or file of ours; what walks a value by recursion is safe up to here. */
export const MAX_DEPTH = 32;

/** Are lists and objects in this value nested deeper than so many levels? Looks no deeper itself. */
export function isDeeperThan(value: unknown, levels: number): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    (levels === 0 || Object.values(value).some((member) => isDeeperThan(member, levels - 1)))
  );
}
