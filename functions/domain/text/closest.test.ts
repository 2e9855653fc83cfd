import { expect, test } from "vitest";
import { closestOf } from "./closest.ts";

const KNOWN = ["--zones", "--node-size", "--node-count", "--dns", "-v"];

test.each([
  ["--zone", "--zones"],
  ["--zoness", "--zones"],
  ["--node-sise", "--node-size"],
  ["--nodecount", "--node-count"],
  ["--bogus", undefined],
  ["--x", undefined],
  ["", undefined],
])("%j is closest to %j", (word, expected) => {
  expect(closestOf(word, KNOWN)).toBe(expected);
});
