/** "1 master", "3 masters". */
export const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? "" : "s"}`;

/** The verb for so many. */
export const isOrAre = (count: number): string => (count === 1 ? "is" : "are");
