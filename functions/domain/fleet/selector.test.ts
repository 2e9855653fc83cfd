import { expect, test } from "vitest";
import { parseSelector, selects } from "./selector.ts";

const CLUSTERS = {
  prod1: { env: "prod", tier: "1" },
  prod3: { env: "prod", tier: "3" },
  dev: { env: "dev", legacy: "" },
  bare: undefined,
};

function selected(text: string): readonly string[] {
  const parsed = parseSelector(text, "--selector");
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return Object.entries(CLUSTERS).flatMap(([name, labels]) => (selects(parsed.selector, labels) ? [name] : []));
}

test.each([
  ["env=prod", ["prod1", "prod3"]],
  ["env==prod", ["prod1", "prod3"]],
  ["env!=prod", ["dev", "bare"]],
  ["env=prod,tier in (1,2),!legacy", ["prod1"]],
  [" env = prod , tier notin ( 1 , 2 )", ["prod3"]],
  ["tier notin (1)", ["prod3", "dev", "bare"]],
  ["env in (prod,dev)", ["prod1", "prod3", "dev"]],
  ["env", ["prod1", "prod3", "dev"]],
  ["!env", ["bare"]],
  ["legacy=", ["dev"]],
  ["constructor", []],
])("%s selects %j", (text, expected) => {
  expect(selected(text)).toEqual(expected);
});

test.each([
  ["", [""]],
  ["env=prod,", [""]],
  ["env=prod,,tier in 1,_x=1,tier in (a b)", ["", "tier in 1", "_x", "a b"]],
  ["env>1", ["env>1"]],
  ["!env=prod", ["!env=prod"]],
  ["tier in (1", ["tier in (1"]],
])("all that is wrong with %j is in one answer", (text, expected) => {
  const parsed = parseSelector(text, "--selector");

  expect(parsed.ok ? [] : parsed.problems.map(({ value }) => value)).toEqual(expected);
});
