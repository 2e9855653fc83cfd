import type { Problem } from "./spec.ts";

/** A value and where it came from: the flag as typed, or the path in a document. */
export interface Given {
  readonly flag: string;
  readonly value: unknown;
}

/**
 * What a reading of a request has found so far. Readers add to it and never throw, so that all problems are reported.
 */
export interface Findings {
  readonly problems: Problem[];
  readonly warnings: string[];
}

const MAX_SHOWN_LENGTH = 80;
const MAX_TEXT_LENGTH = 1024;
/** More items than any list of a spec can use; beyond it a list is refused as a whole. */
const MAX_ITEMS = 64;

/** A value as it may safely reach a terminal, a log or a chat: bounded, without control or formatting characters. */
export function shown(value: unknown, maxLength = MAX_SHOWN_LENGTH): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? String(value));
  const cut = text.length > maxLength ? `${text.slice(0, maxLength)}… (${text.length} characters)` : text;
  return cut.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (character) => {
    return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`;
  });
}

export function quote(value: unknown): string {
  return `"${shown(value)}"`;
}

/**
 * Records a problem. The message becomes a sentence that names the flag; `what` names the value and the expectation.
 */
export function refuse(findings: Findings, given: Given, what: string, value: unknown = given.value): undefined {
  findings.problems.push({ flag: given.flag, value: shown(value), message: `${given.flag}: ${what}` });
  return undefined;
}

export function readText(given: Given | undefined, findings: Findings): string | undefined {
  if (!given) return undefined;
  const { value } = given;
  if (typeof value !== "string") return refuse(findings, given, `${quote(value)} is not text`);
  if (value.trim() === "") return refuse(findings, given, "a value is missing");
  if (value.length > MAX_TEXT_LENGTH) {
    return refuse(findings, given, `${quote(value)} is longer than ${MAX_TEXT_LENGTH} characters`);
  }
  return value.trim();
}

/** A comma list, or a list of texts in a document. */
export function readList(given: Given | undefined, findings: Findings): string[] | undefined {
  if (!given) return undefined;
  const { value } = given;
  const items: unknown[] | undefined =
    typeof value === "string" ? value.split(",") : Array.isArray(value) ? value : undefined;
  if (!items) return refuse(findings, given, `${quote(value)} is not a list`);
  if (items.length > MAX_ITEMS) {
    return refuse(findings, given, `${items.length} items are more than the ${MAX_ITEMS} that can be given`);
  }
  const texts = items.map((item) => (typeof item === "string" ? item.trim() : item));
  const bad = texts.find((item) => typeof item !== "string" || item === "");
  if (bad === "") return refuse(findings, given, `${quote(value)} has an empty item`);
  if (bad !== undefined) return refuse(findings, given, `${quote(bad)} is not text`, bad);
  return texts.filter((item) => typeof item === "string");
}

/** Each value that occurs more than once, in order of its first repetition. */
export function duplicatesOf(items: readonly string[]): string[] {
  return [...new Set(items.filter((item, index) => items.indexOf(item) !== index))];
}

/** A whole number in decimal digits, between the bounds. */
export function readInteger(
  given: Given | undefined,
  bounds: { readonly min: number; readonly max: number },
  findings: Findings,
): number | undefined {
  if (!given) return undefined;
  const text = typeof given.value === "number" ? String(given.value) : given.value;
  const number = typeof text === "string" && /^-?\d{1,9}$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (number >= bounds.min && number <= bounds.max) return number;
  const what = Number.isNaN(number) ? "is not a whole number" : "is out of range";
  return refuse(findings, given, `${quote(given.value)} ${what}; expected ${bounds.min} to ${bounds.max}`);
}
