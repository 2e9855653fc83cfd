const DOUBLE_QUOTES = /[\u201c-\u201f\u00ab\u00bb\u2033\uff02]/g;
const SINGLE_QUOTES = /[\u2018-\u201b\u2039\u203a\u2032\uff07]/g;
/** What editors and keyboards put in place of a hyphen: all of Unicode's dashes, and the minus sign. */
const DASHES = /[\p{Pd}\u2212]/gu;
const LEADING_DASHES = /^[\p{Pd}\u2212]+(?=[a-z])/iu;
/** Joiners, marks of direction, soft hyphens, byte order marks, selectors of variants: nobody sees them. */
const INVISIBLE = /\p{Cf}|\p{Variation_Selector}|\u034f/u;
/** ASCII as East Asian keyboards write it, but for the hyphen. */
const FULL_WIDTH = /[\uff01-\uff0c\uff0e-\uff5e]/;
const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/**
 * Reverts what word processors and chats change: curly quotes, and dashes in place of hyphens. One letter after a dash
 * is a short flag; more letters are a long one.
 */
export function straightenWord(word: string): string {
  const text = word.replace(DOUBLE_QUOTES, '"').replace(SINGLE_QUOTES, "'");
  if (/^[\u2014\u2015]$/.test(text)) return "--";
  if (/^[\p{Pd}\u2212]$/u.test(text)) return "-";
  const [dashes = ""] = LEADING_DASHES.exec(text) ?? [];
  const [name = ""] = /^[^=]*/.exec(text.slice(dashes.length)) ?? [];
  const rest = text.slice(dashes.length + name.length);
  if (dashes === "") return text;
  const hyphens = /^-+$/.test(dashes) ? dashes : name.length === 1 ? "-" : "--";
  return `${hyphens}${name.replace(DASHES, "-")}${rest}`;
}

/**
 * Splits a line as a shell does, without expansion: at spaces outside quotes; a backslash joins lines. Outside quotes
 * dashes become hyphens, and invisible characters are dropped. Null if a quote is open.
 */
export function splitWords(line: string): string[] | null {
  const text = line
    .replace(DOUBLE_QUOTES, '"')
    .replace(SINGLE_QUOTES, "'")
    .replace(/\\[^\S\n]*\n/g, " ");
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
    } else if (INVISIBLE.test(character)) continue;
    else if (/\s/.test(character)) {
      if (word !== null) words.push(straightenWord(word));
      word = null;
    } else word = `${word ?? ""}${straightened(character, word)}`;
  }
  if (quote !== null) return null;
  if (word !== null) words.push(straightenWord(word));
  return words;
}

/** A character outside quotes. Dashes at a word's beginning are left for `straightenWord`, which sees the whole word. */
function straightened(character: string, before: string | null): string {
  if (FULL_WIDTH.test(character)) return String.fromCharCode(character.charCodeAt(0) - 0xfee0);
  const isInside = before !== null && before.replace(DASHES, "") !== "";
  return isInside ? character.replace(DASHES, "-") : character;
}

/** `90s`, `10m`, `1h30m`, `7d`, `500ms`, or a bare number of seconds. Milliseconds; undefined when it is no duration. */
export function parseDuration(text: string): number | undefined {
  if (/^\d{1,6}$/.test(text)) return Number(text) * 1000;
  if (!/^(\d{1,6}(ms|s|m|h|d))+$/.test(text)) return undefined;
  return [...text.matchAll(/(\d+)(ms|s|m|h|d)/g)].reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * (UNITS_MS[unit ?? "s"] ?? 0),
    0,
  );
}
