import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { PROBLEM_NAMES, problemRow, problemType } from "../api/problems.ts";
import { ERROR_NAMES, errorRow, remedyFor } from "./error-table.ts";
import * as errors from "./errors.ts";

const page = readFileSync(join(import.meta.dirname, "../../../docs/problems.md"), "utf8");

/** The rows of the page's table whose first column has this head. */
function rowsUnder(head: string): string[] {
  const lines = page.split("\n");
  const start = lines.findIndex((line) => line.startsWith(`| ${head} |`));
  const length = lines.slice(start).findIndex((line) => !line.startsWith("|"));
  return lines.slice(start + 2, start + length);
}

test("docs/problems.md has a row for each problem, with the words of the table of errors", () => {
  const rows = PROBLEM_NAMES.map((problem) => {
    const { status } = problemRow(problem);
    const error = ERROR_NAMES.find((name) => errorRow(name).problem?.name === problem);
    const { means, remedy } = error ? errorRow(error) : { means: "nobody has foreseen it", remedy: "Send it again." };
    return `| \`${problemType(problem)}\` | ${status} | ${means} | ${remedy} |`;
  });

  expect(rowsUnder("type")).toEqual(rows);
});

test("docs/problems.md has a row for each error that the API does not answer with, in the same words", () => {
  const rows = ERROR_NAMES.filter((name) => errorRow(name).problem === undefined).map(
    (name) => `| \`${name}\` | ${errorRow(name).means} | ${errorRow(name).remedy} |`,
  );

  expect(rowsUnder("error")).toEqual(rows);
});

test("each problem is of one error", () => {
  expect(new Set(PROBLEM_NAMES).size).toBe(PROBLEM_NAMES.length);
});

/** What "Assess cluster" names without throwing it: a repair that cannot continue. */
const UNTHROWN = ["SpaceExhausted", "VolumeHeld"];

test("each error has a class whose name bundlers cannot change, but for those that a plan names", () => {
  const classes = Object.entries(errors).flatMap(([exported, value]) =>
    typeof value === "function" && value.prototype instanceof errors.HoldfastError ? [exported] : [],
  );

  expect(new Set([...classes, ...UNTHROWN])).toEqual(new Set(ERROR_NAMES));
  expect(new errors.LeaseLost("gone").name).toBe("LeaseLost");
});

test("an unknown error's remedy says where to look, even for names that every object has", () => {
  expect(remedyFor("toString")).toMatch(/^An unexpected error/);
});
