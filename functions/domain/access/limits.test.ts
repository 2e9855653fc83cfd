import { expect, test } from "vitest";
import { specFromDocument } from "../spec/parse-spec.ts";
import type { ClusterSpec } from "../spec/spec.ts";
import { AccessRules } from "./authorization.ts";
import { excessOf, Limits, whyTooLarge } from "./limits.ts";

function specOf(change: object = {}): ClusterSpec {
  const document = { name: "ha", zones: ["us-west-2a", "us-west-2b", "us-west-2c"], nodeCount: 3, ...change };
  const parsed = specFromDocument(document);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.spec;
}

const LIMITS = { nodes: 3, masters: 1, machineTypes: ["t3.*", "m5.large"] };

test.each([
  ["what is at the limit", {}, []],
  ["one node more", { nodeCount: 4 }, ["at most 3 nodes, and 4 were asked for"]],
  ["three masters", { masterCount: 3 }, ["at most 1 master, and 3 were asked for"]],
  ["another type of nodes", { nodeSize: "m5.xlarge" }, ["machine types t3.*, m5.large, and m5.xlarge was asked for"]],
  [
    "another type of masters",
    { masterSize: "m5.xlarge" },
    ["machine types t3.*, m5.large, and m5.xlarge was asked for"],
  ],
  [
    "one in reserve",
    { masterSizeFallbacks: ["c5.large"] },
    ["machine types t3.*, m5.large, and c5.large was asked for"],
  ],
])("of a new cluster: %s", (_, change, expected) => {
  expect(excessOf(LIMITS, null, specOf(change))).toEqual(expected);
});

test.each([
  ["what was above and is lowered", { nodeCount: 9 }, { nodeCount: 5 }, []],
  ["what was above and stays", { nodeCount: 9, nodeSize: "m5.xlarge" }, { nodeCount: 9, nodeSize: "m5.xlarge" }, []],
  ["what was above and is raised", { nodeCount: 9 }, { nodeCount: 10 }, ["at most 3 nodes, and 10 were asked for"]],
  ["no node, where none is allowed", { nodeCount: 1 }, { nodeCount: 0 }, []],
])("of a change: %s", (_, from, to, expected) => {
  expect(excessOf(LIMITS, specOf(from), specOf(to))).toEqual(expected);
});

test("no limits are none, and an empty list of types allows none", () => {
  expect(excessOf(undefined, null, specOf({ nodeCount: 1000 }))).toEqual([]);
  expect(excessOf({}, null, specOf({ nodeCount: 1000 }))).toEqual([]);
  expect(excessOf({ machineTypes: [] }, null, specOf()).length).toBe(1);
});

test("one grant that is enough is enough; otherwise each is named with its limit", () => {
  const [few, more] = [
    { of: "jwt:groups=dev", limits: { nodes: 1 } },
    { of: "jwt:sub=*", limits: { nodes: 2 } },
  ];

  expect(whyTooLarge([few, { of: "jwt:groups=ops" }], null, specOf())).toBeUndefined();
  expect(whyTooLarge([few, more], null, specOf({ nodeCount: 2 }))).toBeUndefined();
  expect(whyTooLarge([few, more], null, specOf())).toBe(
    "the grant of jwt:groups=dev allows at most 1 node, and 3 were asked for; or " +
      "the grant of jwt:sub=* allows at most 2 nodes, and 3 were asked for",
  );
});

test.each([{ nodes: -1 }, { masters: 0 }, { machineTypes: "t3.*" }, { clusters: 3 }])("%j are no limits", (limits) => {
  expect(Limits.safeParse(limits).success).toBe(false);
});

test("M9: what nobody confirms cannot be asked of two persons", () => {
  const rules = (secondPerson: string[]) => AccessRules.safeParse({ principals: {}, secondPerson }).success;

  expect([rules(["delete", "change", "administer"]), rules(["read"])]).toEqual([true, false]);
});
