import { expect, test } from "vitest";
import { AccessRules } from "../../functions/domain/authorization.ts";
import {
  type Caller,
  callerMay,
  DEFAULT_ACCESS,
  principalsOfClaims,
  signatureOf,
} from "../../functions/domain/caller.ts";

const callerOf = (...principals: string[]): Caller => ({
  principals,
  door: "iam",
  sourceIp: "203.0.113.7",
  userAgent: "x".repeat(500),
});
const token = (claims: Record<string, string>) => callerOf(...principalsOfClaims(claims));

test("unless somebody sets rules, whoever IAM lets in may do all", () => {
  const caller = callerOf("iam:arn:aws:sts::111122223333:assumed-role/ops/ada");

  expect(callerMay(DEFAULT_ACCESS, caller, "delete", "prod.example.com")).toBe(true);
});

test.each([
  ["viewer", ["read"]],
  ["operator", ["read", "create", "change", "repair"]],
  ["admin", ["read", "create", "change", "repair", "delete"]],
  ["owner", []],
])("and a token may do what its holdfast_role %s says", (role, allowed) => {
  const caller = token({ sub: "ada", holdfast_role: role });

  const actions = ["read", "create", "change", "repair", "delete"] as const;
  expect(actions.filter((action) => callerMay(DEFAULT_ACCESS, caller, action, "prod.example.com"))).toEqual(allowed);
});

test("a token without that claim may do nothing", () => {
  expect(callerMay(DEFAULT_ACCESS, token({ sub: "ada", scope: "admin" }), "read", null)).toBe(false);
});

test("a subject cannot call itself a role", () => {
  const caller = token({ sub: "holdfast_role=admin", name: "holdfast_role=admin" });

  expect(caller.principals).toEqual(["jwt:sub=holdfast_role=admin", "jwt:name=holdfast_role=admin"]);
  expect(callerMay(DEFAULT_ACCESS, caller, "read", null)).toBe(false);
});

test("each value of a list of claims is a name of the caller, and what is about the token is none", () => {
  const claims = { sub: "ada", groups: "[dev ops]", iss: "https://login.example.com", aud: "holdfast", exp: "1" };

  expect(principalsOfClaims(claims)).toEqual(["jwt:sub=ada", "jwt:groups=dev", "jwt:groups=ops"]);
});

test("rules give roles by names of clusters, to any of the caller's names", () => {
  const rules = AccessRules.parse({
    principals: {
      "jwt:groups=dev": [{ role: "admin", clusters: "*.dev.example.com" }],
      "jwt:groups=*": [{ role: "viewer" }],
    },
  });
  const caller = token({ sub: "ada", groups: "[dev]" });

  expect(callerMay(rules, caller, "delete", "a.dev.example.com")).toBe(true);
  expect(callerMay(rules, caller, "delete", "prod.example.com")).toBe(false);
  expect(callerMay(rules, caller, "read", "prod.example.com")).toBe(true);
  expect(callerMay(rules, callerOf("iam:arn:aws:iam::111122223333:user/eve"), "read", "prod.example.com")).toBe(false);
});

test("the story remembers one name, and not all of a long user agent", () => {
  expect(signatureOf(callerOf("iam:a", "iam:b"))).toEqual({
    principal: "iam:a",
    door: "iam",
    sourceIp: "203.0.113.7",
    userAgent: "x".repeat(120),
  });
});
