import { expect, test } from "vitest";
import { reasonFor } from "../../infra/nag-wildcards.ts";

const statement = (Action: string, Condition: Record<string, Record<string, unknown>> = {}) => ({
  Effect: "Allow",
  Action: [Action],
  Resource: ["*"],
  Condition,
});

test("a wildcard is explained by a condition on the owner's tag, and not without one", () => {
  const volumes = "arn:<AWS::Partition>:ec2:<AWS::Region>:<AWS::AccountId>:volume/*";
  const tagged = { Null: { "aws:ResourceTag/holdfast:uid": "false" } };

  expect(reasonFor(statement("ec2:DeleteVolume"), volumes)).toBe(undefined);
  expect(reasonFor(statement("ec2:DeleteVolume", tagged), volumes)).toBe(
    "Ids are AWS's; the condition asks for the owner's tag on the resource",
  );
});

test("reading a secret is not explained as looking at what exists", () => {
  expect(reasonFor(statement("ssm:GetParameter"), "arn:<AWS::Partition>:ssm:r:a:parameter/other/*")).toBe(undefined);
  expect(reasonFor(statement("ec2:DescribeVolumes"), "*")).toBe(
    "Describe has no resource types in these services, and a filter in the request is no condition key.",
  );
});
