import { expect, test } from "vitest";
import { wildcardFor } from "./wildcards.ts";

function reasonFor(action: string, resource: string, ...conditions: string[]) {
  return wildcardFor({ policy: "reconcileRoleDefaultPolicy0A1B2C3D", action, resource, conditions })?.reason;
}

test("a wildcard is explained by a condition on the owner's tag, and not without one", () => {
  const volumes = "arn:<AWS::Partition>:ec2:<AWS::Region>:<AWS::AccountId>:volume/*";

  expect(reasonFor("ec2:DeleteVolume", volumes)).toBe(undefined);
  expect(reasonFor("ec2:DeleteVolume", volumes, "aws:ResourceTag/holdfast:uid")).toBe(
    "Ids are AWS's; the condition asks for the owner's tag on the resource",
  );
});

test("reading a secret is not explained as looking at what exists", () => {
  expect(reasonFor("ssm:GetParameter", "arn:<AWS::Partition>:ssm:r:a:parameter/other/*")).toBe(undefined);
  expect(reasonFor("ec2:DescribeVolumes", "*")).toBe(
    "Describe has no resource types in these services, and a filter in the request is no condition key.",
  );
});

test("what only one policy may do is not explained in another", () => {
  const groups = "arn:<AWS::Partition>:ec2:<AWS::Region>:<AWS::AccountId>:security-group/*";
  const use = { action: "ec2:RevokeSecurityGroupIngress", resource: groups, conditions: [] };

  expect(wildcardFor({ ...use, policy: "WorkloadsRoleDefaultPolicy" })?.reason).toMatch(/session's own policy/);
  expect(wildcardFor({ ...use, policy: "deletenetworkRoleDefaultPolicy" })).toBe(undefined);
});
