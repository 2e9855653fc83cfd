import { expect, test } from "vitest";
import { specFromDocument, specFromFlags, specFromPatch } from "../parse-spec.ts";
import type { ClusterSpec } from "../spec.ts";
import { labelChanges } from "./cluster-labels.ts";

const BASE = { name: "prod", zones: ["us-west-2a"] };

function stored(labels: ClusterSpec["labels"]): ClusterSpec {
  const parsed = specFromDocument({ ...BASE, labels });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.spec;
}

function labelsOf(parsed: ReturnType<typeof specFromDocument>) {
  return parsed.ok ? parsed.spec.labels : parsed.problems.map(({ flag, value }) => [flag, value]);
}

function flag(value: string) {
  return [{ flag: "--labels", value }];
}

test("labels are typed as kubectl takes them, repeated flags add up, and without any the field is absent", () => {
  const named = [
    { flag: "NAME", value: "prod" },
    { flag: "--zones", value: "us-west-2a" },
  ];

  expect(labelsOf(specFromFlags([...named, ...flag("env=prod,example.com/tier=1"), ...flag("note=")]))).toEqual({
    env: "prod",
    "example.com/tier": "1",
    note: "",
  });
  expect(labelsOf(specFromFlags(named))).toBeUndefined();
  expect(stored({}).labels).toBeUndefined();
});

test("all that is wrong with labels is in one answer", () => {
  const labels = `env,_a=1,b=two words,c=${"x".repeat(64)},EXAMPLE.com/d=1,b=3`;

  expect(labelsOf(specFromDocument({ ...BASE, labels }))).toEqual([
    ["labels", "env"],
    ["labels", "b"],
    ["labels", "_a"],
    ["labels", "two words"],
    ["labels", "x".repeat(64)],
    ["labels", "EXAMPLE.com/d"],
  ]);
  expect(labelsOf(specFromDocument({ ...BASE, labels: { env: 1, tier: null } }))).toEqual([
    ["labels", "1"],
    ["labels", "null"],
  ]);
  expect(labelsOf(specFromDocument({ ...BASE, labels: "env=prod,tier-" }))).toEqual([["labels", "tier-"]]);
});

test.each([
  ["a flag sets one and leaves the others", { flags: flag("tier=2") }, { env: "prod", tier: "2" }],
  ["a flag removes one", { flags: flag("tier-") }, { env: "prod" }],
  ["a patch sets one", { document: { labels: { tier: "2" } } }, { env: "prod", tier: "2" }],
  ["a patch removes one", { document: { labels: { tier: null } } }, { env: "prod" }],
  ["the last one goes", { document: { labels: { tier: null, env: null } } }, undefined],
  ["a patch removes all", { document: { labels: null } }, undefined],
  ["another field leaves them", { document: { nodeCount: 2 } }, { env: "prod", tier: "1" }],
] as const)("of a cluster that exists %s", (_, patch, expected) => {
  expect(labelsOf(specFromPatch(stored({ env: "prod", tier: "1" }), patch))).toEqual(expected);
});

test.each([
  [null, { env: "prod" }, { env: "prod" }],
  [{ env: "prod", tier: "1" }, { env: "dev" }, { env: "dev", tier: null }],
  [{ env: "prod" }, null, null],
])("from %j to %j a patch says %j", (from, to, expected) => {
  expect(labelChanges(from, to)).toEqual(expected);
});
