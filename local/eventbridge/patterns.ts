import { isObject, type JsonObject } from "./json.ts";
import { compileAlternative, invalidPattern } from "./pattern-operators.ts";

/** Does an event match? */
export type EventTest = (event: JsonObject) => boolean;

/**
 * Compiles an event pattern (EB `userguide/eb-event-patterns.html`): every member of the pattern must match, of a list
 * one alternative must, and of an array in the event one element.
 * @throws AwsError `InvalidEventPatternException`
 */
export function compilePattern(pattern: unknown): EventTest {
  if (!isObject(pattern)) throw invalidPattern("Filter is not an object");
  const tests = Object.entries(pattern).map(([key, rule]) =>
    key === "$or" && Array.isArray(rule) ? anyOf(rule) : member(key, rule),
  );
  if (tests.length === 0) throw invalidPattern("Empty objects are not allowed");
  return (event) => tests.every((test) => test(event));
}

/** A pattern as JSON text, as PutRule takes it. */
export function parsePattern(text: string): EventTest {
  let pattern: unknown;
  try {
    pattern = JSON.parse(text);
  } catch {
    throw invalidPattern("Filter is not valid JSON");
  }
  return compilePattern(pattern);
}

function anyOf(patterns: readonly unknown[]): EventTest {
  if (patterns.length < 2) throw invalidPattern("There must have at least 2 Objects in $or relationship.");
  const tests = patterns.map(compilePattern);
  return (event) => tests.some((test) => test(event));
}

function member(key: string, rule: unknown): EventTest {
  if (Array.isArray(rule)) {
    const test = leaf(key, rule);
    return (event) => test(event[key]);
  }
  if (!isObject(rule)) throw invalidPattern(`"${key}" must be an object or an array`);
  const nested = compilePattern(rule);
  return (event) => {
    const value = event[key];
    if (Array.isArray(value)) return value.filter(isObject).some(nested);
    // What is absent has no members, which may be what the pattern asks for (`exists: false`).
    return nested(isObject(value) ? value : {});
  };
}

function leaf(key: string, alternatives: readonly unknown[]): (value: unknown) => boolean {
  if (alternatives.length === 0) throw invalidPattern(`Empty arrays are not allowed at "${key}"`);
  const tests = alternatives.map((alternative) => {
    const exists = isObject(alternative) && "exists" in alternative ? alternative["exists"] : undefined;
    if (exists === undefined) return onValues(compileAlternative(alternative));
    if (typeof exists !== "boolean") throw invalidPattern("exists match pattern must be either true or false");
    return (value: unknown) => leavesOf(value).length > 0 === exists;
  });
  return (value) => tests.some((test) => test(value));
}

function onValues(test: (value: unknown) => boolean): (value: unknown) => boolean {
  return (value) => leavesOf(value).some(test);
}

/** The plain values at a place of the event; objects are no leaves, and operators do not see them. */
function leavesOf(value: unknown): readonly unknown[] {
  return [value].flat(Number.POSITIVE_INFINITY).filter((one) => one !== undefined && !isObject(one));
}
