import * as z from "zod";

/** Reads what was stored under former names too. A name of today wins. */
export function renamed<S extends z.ZodType>(names: Readonly<Record<string, string>>, schema: S) {
  return z.preprocess((stored) => withNames(stored, names), schema);
}

/**
 * The stored object with its members under the names of today; former names stay beside them, as unknown members do.
 */
export function withNames(stored: unknown, names: Readonly<Record<string, string>>): unknown {
  if (typeof stored !== "object" || stored === null || Array.isArray(stored)) return stored;
  const entries = Object.entries(stored).map(([name, value]) => [names[name] ?? name, value] as const);
  return { ...Object.fromEntries(entries), ...stored };
}
