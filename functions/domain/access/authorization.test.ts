import { expect, test } from "vitest";
import { changesNothing, demandOf } from "../api/api-demand.ts";
import { ACTIONS, AccessRules, grantsFor, grantsFrom, isPrincipal, mayDo, needsSecondPerson } from "./authorization.ts";

const rules = AccessRules.parse({
  principals: {
    "slack:T1/*": [{ role: "viewer", clusters: "*.dev.example.com" }],
    "slack:T1/U1": [{ role: "operator", clusters: "*.dev.example.com" }],
    "slack:T1/U2": [{ role: "admin" }],
    "iam:arn:aws:iam::111122223333:role/ops": [{ role: "operator" }],
  },
});

test.each([
  ["slack:T1/U9", ["read"]],
  ["slack:T1/U1", ["read", "create", "change", "repair", "administer"]],
  ["slack:T1/U2", ["read", "create", "change", "repair", "delete", "administer"]],
  ["iam:arn:aws:iam::111122223333:role/ops", ["read", "create", "change", "repair", "administer"]],
  ["slack:T2/U2", []],
  ["slack:T1", []],
  ["", []],
])("%s may %j in dev", (principal, expected) => {
  expect(ACTIONS.filter((action) => mayDo(rules, principal, action, "a.dev.example.com"))).toEqual(expected);
});

test.each([
  ["another cluster than the grant's", "slack:T1/U1", "read", "prod.example.com", false],
  ["a name that only contains the pattern", "slack:T1/U1", "create", "a.dev.example.com.evil.test", false],
  ["a list of all, which is filtered", "slack:T1/U1", "read", null, true],
  ["a change of all, with a grant for some", "slack:T1/U1", "change", null, false],
  ["a change of all, with a grant for all", "slack:T1/U2", "change", null, true],
] as const)("%s", (_, principal, action, cluster, expected) => {
  expect(mayDo(rules, principal, action, cluster)).toBe(expected);
});

test("what a role may do can be configured", () => {
  const strict = AccessRules.parse({ principals: { "*": [{ role: "operator" }] }, roles: { operator: ["read"] } });

  expect(mayDo(strict, "slack:T1/U1", "create", "a")).toBe(false);
});

test("rules that say nothing give nobody anything, and everybody else's defaults", () => {
  expect(AccessRules.parse({ principals: { "slack:*": [{ role: "viewer" }] } })).toEqual({
    principals: { "slack:*": [{ role: "viewer", clusters: "*" }] },
    roles: {},
    secondPerson: [],
  });
});

test.each<[string, object]>([
  ["an unknown role", { principals: { a: [{ role: "owner" }] } }],
  ["an unknown action of a role", { principals: {}, roles: { viewer: ["destroy"] } }],
  ["actions of an unknown role", { principals: {}, roles: { owner: ["read"] } }],
  ["a field of a grant that nobody knows", { principals: { a: [{ role: "viewer", cluster: "x" }] } }],
  ["a field that nobody knows", { principals: {}, admins: [] }],
  ["a second person for reading", { principals: {}, secondPerson: ["read"] }],
])("rules with %s are refused", (_, wrong) => {
  expect(AccessRules.safeParse(wrong).success).toBe(false);
});

test("only what the rules name needs a second person", () => {
  const strict = AccessRules.parse({ principals: {}, secondPerson: ["delete", "administer"] });

  expect(ACTIONS.filter((action) => needsSecondPerson(strict, action))).toEqual(["delete", "administer"]);
});

test("all grants of all of a caller's names hold, each with its limits and whose it is", () => {
  const limited = AccessRules.parse({
    principals: {
      "slack:*": [{ role: "viewer" }, { role: "operator", clusters: "a.*", limits: { nodes: 2 } }],
      "jwt:sub=ada": [{ role: "operator", clusters: "*" }],
      "jwt:sub=eve": [{ role: "admin" }],
    },
  });

  expect(grantsFor(limited, ["slack:T1/U1", "jwt:sub=ada"], "create", "a.b")).toEqual([
    { role: "operator", clusters: "a.*", limits: { nodes: 2 }, of: "slack:*" },
    { role: "operator", clusters: "*", of: "jwt:sub=ada" },
  ]);
});

test("what principals may do by themselves, without what takes two persons", () => {
  const strict = AccessRules.parse({
    principals: { "jwt:sub=ada": [{ role: "operator", clusters: "*.dev" }], "jwt:sub=*": [{ role: "viewer" }] },
    secondPerson: ["administer", "change"],
  });

  expect(grantsFrom(strict, ["jwt:sub=ada"])).toEqual([
    { actions: ["read", "create", "repair"], clusters: "*.dev" },
    { actions: ["read"], clusters: "*" },
  ]);
  expect(grantsFrom(strict, ["slack:T1/U1"])).toEqual([]);
});

test("a colon in a principal that is no ARN parts nothing, and a principal that is too short for a pattern is another", () => {
  expect(isPrincipal("*:ops", "jwt:sub=a:ops")).toBe(true);
  expect(isPrincipal("iam:arn:aws:iam::*:user/ada", "iam:arn:aws")).toBe(false);
});

test("a pattern of many stars is answered at once", () => {
  const slow = AccessRules.parse({ principals: { [`${"a*".repeat(100)}b`]: [{ role: "viewer" }] } });

  expect(mayDo(slow, "a".repeat(10_000), "read", "x")).toBe(false);
});

test.each([
  ["GET", "/clusters?next=b", undefined, { action: "read", cluster: null }],
  ["GET", "/clusters/ha/events", undefined, { action: "read", cluster: "ha" }],
  ["POST", "/plan", { spec: { name: "ha" } }, { action: "create", cluster: "ha" }],
  ["POST", "/clusters", { spec: { name: "ha" } }, { action: "create", cluster: "ha" }],
  ["POST", "/clusters", { spec: 1 }, { action: "create", cluster: null }],
  ["PATCH", "/clusters/ha", {}, { action: "change", cluster: "ha" }],
  ["DELETE", "/clusters/ha", undefined, { action: "delete", cluster: "ha" }],
  ["POST", "/clusters/ha/repair", {}, { action: "repair", cluster: "ha" }],
  ["POST", "/clusters/ha/roll", {}, { action: "change", cluster: "ha" }],
  ["POST", "/fleets", {}, { action: "change", cluster: null }],
  ["GET", "/endpoints", undefined, { action: "read", cluster: "*" }],
  ["DELETE", "/endpoints/eu", undefined, { action: "delete", cluster: null }],
  ["GET", "/fleets/prod", undefined, { action: "read", cluster: "*" }],
  ["PATCH", "/rollouts/rollout-1", { action: "approve" }, { action: "change", cluster: null }],
  ["DELETE", "/clusters/a%2Fb", undefined, { action: "delete", cluster: "a/b" }],
])("%s %s asks for what it does", (method, path, body, expected) => {
  expect(demandOf(method, path, body)).toEqual(expected);
});

test.each([
  ["GET", "/clusters", undefined, true],
  ["POST", "/fleets/prod/rollouts/plan", {}, true],
  ["POST", "/fleets", { name: "prod", dryRun: true }, true],
  ["POST", "/fleets", { name: "prod", dryRun: false }, false],
  ["PATCH", "/clusters/ha", { spec: {}, dryRun: true }, true],
  ["DELETE", "/clusters/ha", undefined, false],
])("%s %s with %j: it only reads: %s", (method, path, body, expected) => {
  expect(changesNothing(method, path, body)).toBe(expected);
});
