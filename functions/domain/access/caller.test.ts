import { expect, test } from "vitest";
import { AccessRules, isPrincipal } from "./authorization.ts";
import {
  type Caller,
  callerMay,
  DEFAULT_ACCESS,
  kubernetesUser,
  payloadOf,
  principalsOfClaims,
  signatureOf,
} from "./caller.ts";

function callerOf(...principals: string[]): Caller {
  return {
    principals,
    authMethod: "iam",
    sourceIp: "203.0.113.7",
    userAgent: "x".repeat(500),
  };
}

function token(claims: Record<string, string>) {
  return callerOf(...principalsOfClaims(claims, claims));
}

test("unless somebody sets rules, whoever IAM lets in may do all", () => {
  const caller = callerOf("iam:arn:aws:sts::111122223333:assumed-role/ops/ada");

  expect(callerMay(DEFAULT_ACCESS, caller, "delete", "prod.example.com")).toBe(true);
});

test("the rules where nobody has set others", () => {
  expect(DEFAULT_ACCESS).toEqual({
    principals: {
      "iam:*": [{ role: "admin", clusters: "*" }],
      "jwt:holdfast_role=viewer": [{ role: "viewer", clusters: "*" }],
      "jwt:holdfast_role=operator": [{ role: "operator", clusters: "*" }],
      "jwt:holdfast_role=admin": [{ role: "admin", clusters: "*" }],
    },
    roles: {},
    secondPerson: [],
  });
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

const ISSUER = "https://login.example.com";

test("each value of a list of claims is a name of the caller, and what is about the token is none", () => {
  const verified = {
    sub: "ada",
    groups: "[dev ops]",
    iss: ISSUER,
    aud: "holdfast",
    auth_time: "1",
    exp: "1",
    iat: "1",
    jti: "1",
    nbf: "1",
  };
  const payload = { sub: "ada", groups: ["dev", "ops"], iss: ISSUER, aud: "holdfast", exp: 1 };

  expect(principalsOfClaims(verified, payload)).toEqual(["jwt:sub=ada", "jwt:groups=dev", "jwt:groups=ops"]);
});

test.each([
  ["one group with a space", { groups: ["dev ops"] }, ["jwt:groups=dev ops"]],
  ["a text that looks like a list", { groups: "[dev ops]" }, ["jwt:groups=[dev ops]"]],
  ["a list of lists", { groups: [["dev", "ops"]] }, []],
  ["a list that API Gateway did not see", { groups: ["dev", "ops", "admins"] }, []],
  ["an object", { groups: { dev: 1 } }, []],
  ["no such claim", {}, []],
  ["another subject", { sub: "eve", groups: ["dev", "ops"] }, []],
  ["another issuer", { iss: "https://evil.example", groups: ["dev", "ops"] }, []],
])("M5: `[dev ops]`, where the token has %s", (_, payload, expected) => {
  const verified = { sub: "ada", iss: ISSUER, groups: "[dev ops]" };

  expect(principalsOfClaims(verified, { sub: "ada", iss: ISSUER, ...payload })).toEqual(["jwt:sub=ada", ...expected]);
});

test("M5: a list in which not all is text names nobody, since its numbers could be another's names", () => {
  expect(principalsOfClaims({ sub: "ada", groups: "[dev 1]" }, { sub: "ada", groups: ["dev", 1] })).toEqual([
    "jwt:sub=ada",
  ]);
});

test.each(["[dev", "dev]"])("a text like %s is no list, though no payload says so", (groups) => {
  expect(principalsOfClaims({ sub: "ada", groups }, {})).toEqual(["jwt:sub=ada", `jwt:groups=${groups}`]);
});

test("a token without a subject names nobody, and a claim's name with an equals sign is no name", () => {
  expect(principalsOfClaims({ holdfast_role: "admin" }, {})).toEqual([]);
  expect(principalsOfClaims({ sub: "ada", "groups=ops": "x" }, {})).toEqual(["jwt:sub=ada"]);
});

test.each([
  ["Bearer", `Bearer h.${Buffer.from('{"sub":"ada"}').toString("base64url")}.s`, { sub: "ada" }],
  ["bare", `h.${Buffer.from('{"sub":"ada"}').toString("base64url")}.s`, { sub: "ada" }],
  ["in small letters", `bearer head.${Buffer.from('{"sub":"ada"}').toString("base64url")}.sign`, { sub: "ada" }],
  ["with more behind it", `h.${Buffer.from('{"sub":"ada"}').toString("base64url")}.s,Bearer`, {}],
  ["no object but a text", `h.${Buffer.from('"ada"').toString("base64url")}.s`, {}],
  ["no object but null", `h.${Buffer.from("null").toString("base64url")}.s`, {}],
  ["two headers joined", `Bearer h.e30.s,Bearer h.${Buffer.from('{"sub":"ada"}').toString("base64url")}.s`, {}],
  ["no JSON", "Bearer h.e3.s", {}],
  ["a list", "Bearer h.W10.s", {}],
  ["nothing", undefined, {}],
])("the payload of a token: %s", (_, header, expected) => {
  expect(payloadOf(header)).toEqual(expected);
});

test.each([
  ["iam:arn:*:assumed-role/ops/*", "iam:arn:aws:iam::111122223333:user/x:assumed-role/ops/eve", false],
  ["iam:arn:aws:iam::*:user/ada", "iam:arn:aws:iam::111122223333:user/x:user/ada", false],
  ["iam:arn:aws:sts::111122223333:assumed-role/ops/*", "iam:arn:aws:sts::111122223333:assumed-role/ops/ada", true],
  ["iam:arn:aws:sts::*:assumed-role/ops/*", "iam:arn:aws:sts::111122223333:assumed-role/ops/ada", true],
  ["iam:arn:*", "iam:arn:aws:sts::111122223333:assumed-role/ops/ada", true],
  ["iam:*", "iam:arn:aws:sts::111122223333:assumed-role/ops/ada", true],
  ["iam:arn:aws:iam::111122223333:user/a:b", "iam:arn:aws:iam::111122223333:user/a:b", true],
  ["iam:arn:aws:iam::111122223333:user/*b", "iam:arn:aws:iam::111122223333:user/a:b", true],
  ["iam:arn:aws:iam::111122223333:user/a:b", "iam:arn:aws:iam::111122223333:user/ab", false],
  ["iam:arn:aws:iam::111122223333:user/a", "iam:arn:aws:iam::111122223333:user/a:b", false],
])("L1: %s is %s: %s", (pattern, principal, expected) => {
  expect(isPrincipal(pattern, principal)).toBe(expected);
});

test("L8: Kubernetes knows a caller by the end of the name and a hash of all of it, in 64 visible characters", () => {
  const long = (first: string) =>
    kubernetesUser(`iam:arn:aws:sts::111122223333:assumed-role/${first}/${"s".repeat(64)}`);

  expect(kubernetesUser("jwt:sub=ada")).toBe("holdfast:jwt:sub=ada#c43dbaeb0bfae2dd");
  expect(kubernetesUser("jwt:sub=ädä ")).toMatch(/^holdfast:jwt:sub=\?d\?\?#[0-9a-f]{16}$/);
  expect(long("ops")).toMatch(/^holdfast:s{38}#[0-9a-f]{16}$/);
  expect(long("ops")).not.toBe(long("dev"));
});

test("rules give roles by names of clusters, to any of the caller's names", () => {
  const rules = AccessRules.parse({
    principals: {
      "jwt:groups=dev": [{ role: "admin", clusters: "*.dev.example.com" }],
      "jwt:groups=*": [{ role: "viewer" }],
    },
  });
  const caller = callerOf("jwt:sub=ada", "jwt:groups=dev");

  expect(callerMay(rules, caller, "delete", "a.dev.example.com")).toBe(true);
  expect(callerMay(rules, caller, "delete", "prod.example.com")).toBe(false);
  expect(callerMay(rules, caller, "read", "prod.example.com")).toBe(true);
  expect(callerMay(rules, callerOf("iam:arn:aws:iam::111122223333:user/eve"), "read", "prod.example.com")).toBe(false);
});

test("the event history remembers one name, and not all of a long user agent", () => {
  expect(signatureOf(callerOf("iam:a", "iam:b"))).toEqual({
    principal: "iam:a",
    authMethod: "iam",
    sourceIp: "203.0.113.7",
    userAgent: "x".repeat(120),
  });
});

test("the event history has a word for a caller without a name", () => {
  expect(signatureOf({ ...callerOf(), authMethod: "token", userAgent: "curl" })).toEqual({
    principal: "nobody",
    authMethod: "token",
    sourceIp: "203.0.113.7",
    userAgent: "curl",
  });
});
