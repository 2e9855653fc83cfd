import { expect, test } from "vitest";
import type { AuthorizationRecord } from "../../../local/iam/authorization/authorization-record.ts";
import type { PolicyDocument, Statement } from "../../../local/iam/policy.ts";
import { examine, permissionsOf, shortRole } from "./permissions.ts";

const ROLE = "Holdfast-createnetworkRole7184FE97-AB12";

function allow(action: string | string[], more: Partial<Statement> = {}): Statement {
  return {
    Effect: "Allow",
    Action: action,
    Resource: "*",
    ...more,
  };
}

function evaluated(policies: readonly PolicyDocument[], action: string, context = {}): AuthorizationRecord {
  return {
    role: ROLE,
    request: { action, resource: "arn:aws:ec2:us-west-2:1:vpc/vpc-1", context },
    policies,
    boundary: undefined,
    sessionPolicy: undefined,
    decision: "allow",
  };
}

/** `DECISION ACTION` of every permission, by requests that were allowed in the flow `create`. */
function results(statements: Statement[], ...requests: { action: string; context?: object }[]): string[] {
  const policies = [{ Statement: statements }];
  const noted = requests.map(({ action, context }) => ({
    authorization: evaluated(policies, action, context),
    flow: "create",
  }));
  return permissionsOf("createnetwork", policies).map((permission) => {
    const { result, witness } = examine(permission, noted);
    return [result, permission.action, witness?.flow].join(" ").trim();
  });
}

test("a permission without which a request would be denied is needed, and the flow is named", () => {
  expect(results([allow(["ec2:CreateVpc", "ec2:DeleteVpc"])], { action: "ec2:CreateVpc" })).toEqual([
    "needed ec2:CreateVpc create",
    "unused ec2:DeleteVpc",
  ]);
});

test("what two statements grant is redundant in both", () => {
  expect(results([allow("ec2:CreateVpc"), allow(["ec2:CreateVpc"])], { action: "ec2:CreateVpc" })).toEqual([
    "redundant ec2:CreateVpc",
    "redundant ec2:CreateVpc",
  ]);
});

test("of two statements under conditions each is needed by the requests that only it allows", () => {
  const tagged = (key: string) => allow("ec2:CreateVpc", { Condition: { Null: { [key]: "false" } } });

  expect(
    results([tagged("aws:RequestTag/a"), tagged("aws:ResourceTag/a")], {
      action: "ec2:CreateVpc",
      context: { "aws:RequestTag/a": "1" },
    }),
  ).toEqual(["needed ec2:CreateVpc create", "unused ec2:CreateVpc"]);
});

test("a statement that denies is no permission", () => {
  expect(results([allow("ec2:CreateVpc"), { ...allow("ec2:CreateVpc"), Effect: "Deny" }])).toEqual([
    "unused ec2:CreateVpc",
  ]);
});

test("roles are named alike whatever the stack and the cluster", () => {
  expect(
    [ROLE, "Holdfast-RepairMasterMachineRole1-X", "holdfast-a.example.com-masters-b-9a042188"].map(shortRole),
  ).toEqual(["createnetwork", "RepairMasterMachine", "masters"]);
});
