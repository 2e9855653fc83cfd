interface Pace<T> {
  /** How many at once. */
  readonly width: number;
  /** Asked before each; false leaves the rest. */
  readonly mayContinue: () => boolean;
  readonly onError: (item: T, error: unknown) => void;
}

/** Does it for each item, several side by side. One that fails keeps no other from its turn. Answers with those that had none. */
export async function sideBySide<T>(
  items: readonly T[],
  act: (item: T) => Promise<void>,
  { width, mayContinue, onError }: Pace<T>,
): Promise<readonly T[]> {
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < items.length && mayContinue()) {
      const [item] = items.slice(next, ++next);
      if (item !== undefined) await act(item).catch((error: unknown) => onError(item, error));
    }
  };
  await Promise.all(Array.from({ length: width }, work));
  return items.slice(next);
}

/** The same items, but beginning elsewhere each minute, so that no place is always the last. */
export function beginElsewhere<T>(items: readonly T[], now: Date): readonly T[] {
  const minute = Math.floor(now.getTime() / 60_000);
  // Fifths: after five minutes each has been among the first.
  const from = Math.floor((items.length * (minute % 5)) / 5);
  return [...items.slice(from), ...items.slice(0, from)];
}
