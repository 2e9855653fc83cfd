import * as z from "zod";

/** `*` stands for any run of characters, dots included: `*.dev.example.com`, or `*` for everything. */
export const Pattern = z
  .string()
  .min(1)
  .max(253)
  .regex(/^[\x21-\x7e]+$/);

/** Without a regular expression, so that no pattern can take exponential time. */
export function matches(pattern: string, text: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  const last = rest.pop();
  if (last === undefined) return pattern === text;
  if (!text.startsWith(first) || text.length < first.length + last.length || !text.endsWith(last)) return false;
  const end = text.length - last.length;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}
