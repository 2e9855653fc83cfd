/** "1 master", "3 masters". */
export function counted(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? "" : "s"}`;
}

/** The verb for so many. */
export function isOrAre(count: number): string {
  return count === 1 ? "is" : "are";
}
