const DOUBLE_QUOTES = /[\u201c\u201d\u201e\u00ab\u00bb]/g;
const SINGLE_QUOTES = /[\u2018\u2019\u201a]/g;
/** En dash, em dash or minus sign where editors put it in place of two hyphens. */
const LEADING_DASH = /^[\u2013\u2014\u2212]+(?=[a-z])/;
const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Undoes what word processors and chats do to a pasted command: curly quotes, and dashes in place of `--`. */
export function straightenWord(word: string): string {
  return word.replace(DOUBLE_QUOTES, '"').replace(SINGLE_QUOTES, "'").replace(LEADING_DASH, "--");
}

/**
 * Splits a line as a shell would: at spaces outside quotes, a backslash before a newline joining lines. Nothing is
 * expanded. Null when a quote is left open.
 */
export function splitWords(line: string): string[] | null {
  const text = line
    .replace(DOUBLE_QUOTES, '"')
    .replace(SINGLE_QUOTES, "'")
    .replace(/\\\r?\n/g, " ");
  const words: string[] = [];
  let word: string | null = null;
  let quote: string | null = null;
  for (const character of text) {
    if (quote !== null) {
      if (character === quote) quote = null;
      else word = `${word ?? ""}${character}`;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= "";
    } else if (/\s/.test(character)) {
      if (word !== null) words.push(straightenWord(word));
      word = null;
    } else word = `${word ?? ""}${character}`;
  }
  if (quote !== null) return null;
  if (word !== null) words.push(straightenWord(word));
  return words;
}

/** `90s`, `10m`, `1h30m`, `500ms`, or a bare number of seconds. Milliseconds; undefined when it is no duration. */
export function parseDuration(text: string): number | undefined {
  if (/^\d{1,6}$/.test(text)) return Number(text) * 1000;
  if (!/^(\d{1,6}(ms|s|m|h))+$/.test(text)) return undefined;
  return [...text.matchAll(/(\d+)(ms|s|m|h)/g)].reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * (UNITS_MS[unit ?? "s"] ?? 0),
    0,
  );
}
