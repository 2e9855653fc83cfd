import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..");
const files = globSync("{functions,client,cli,console,infra,local,scripts,bench,test}/**/*.{ts,tsx,mjs}", {
  cwd: ROOT,
  exclude: ["test/support/generated/**", "**/*.d.ts", "**/node_modules/**"],
});

/** Names of top-level constants that hold a function. One with an annotation has its signature from there. */
function constantFunctions(text: string): string[] {
  return [...text.matchAll(/^(?:export )?const (\w+) = (?:async )?(function\b|[(<]|\w+ =>)/gm)]
    .filter(({ 0: start, 2: opening, index }) => opening !== "(" || isArrow(text, index + start.length))
    .map(([, name = ""]) => name);
}

/** Whether the parenthesis that opens just before `start` holds parameters. */
function isArrow(text: string, start: number): boolean {
  let depth = 1;
  let end = start;
  for (; depth > 0 && end < text.length; end += 1) {
    if (text[end] === "(") depth += 1;
    if (text[end] === ")") depth -= 1;
  }
  return /^(?: =>|:)/.test(text.slice(end));
}

test("what has a name at the top level is a function declaration, unless a type gives its signature", () => {
  const found = files.flatMap((file) =>
    constantFunctions(readFileSync(join(ROOT, file), "utf8")).map((name) => `${file}: ${name}`),
  );

  expect(found).toEqual([]);
});

test.each([
  ["const one = () => 1;", ["one"]],
  ["export const two = async <T>(value: T): Promise<T> => value;", ["two"]],
  ["const three = (value: () => void): void => {\n};", ["three"]],
  ["const four: Check = (value) => value;", []],
  ["const five = (await read()).length;", []],
  ["  const inner = () => 1;", []],
])("%s", (text, names) => {
  expect(constantFunctions(text)).toEqual(names);
});

// The linter's rule leaves out lines within comments and templates.
test("15: no file is longer than 250 lines, but for tests and the table of an operator's calls", () => {
  const counted = files.filter((file) => !/\.test\.ts$|^test\/support\/operator-calls\/calls\.ts$/.test(file));
  const lengths = counted.map((file) => ({
    file,
    lines: readFileSync(join(ROOT, file), "utf8").split("\n").length - 1,
  }));

  expect(lengths.filter(({ lines }) => lines > 250)).toEqual([]);
});
