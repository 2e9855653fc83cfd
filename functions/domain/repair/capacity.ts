/** AWS's words for it, as a scaling activity repeats them. */
export function isInsufficientCapacity(message: string): boolean {
  return /InsufficientInstanceCapacity|(not have sufficient|insufficient|no).* capacity/i.test(message);
}

/** The type after this one, in order and around; undefined when there is no other. */
export function nextSize(sizes: readonly string[], current: string): string | undefined {
  const next = sizes[(sizes.indexOf(current) + 1) % sizes.length];
  return next === current ? undefined : next;
}
