import { expect, test } from "vitest";
import { evaluate } from "./evaluate.ts";
import type { PolicyDocument, Statement } from "./policy.ts";

function policy(...Statement: Statement[]): PolicyDocument[] {
  return [{ Version: "2012-10-17", Statement }];
}

const run = { action: "ec2:RunInstances", resource: "arn:aws:ec2:us-west-2:111122223333:instance/*", context: {} };
function decide(statement: Partial<Statement>, request: Partial<typeof run> & { context?: object } = {}) {
  return evaluate(policy({ Effect: "Allow", Action: "*", Resource: "*", ...statement }), { ...run, ...request })
    .decision;
}

test("what nothing allows is denied", () => {
  expect(evaluate([], run)).toEqual({ decision: "implicitDeny" });
});

test("an explicit deny wins over an allow in another policy", () => {
  const deny: Statement = { Effect: "Deny", Action: "ec2:*", Resource: "*" };
  const policies = [...policy({ Effect: "Allow", Action: "*", Resource: "*" }), ...policy(deny)];

  expect(evaluate(policies, run)).toEqual({ decision: "deny", statement: deny });
});

test.each([
  ["ec2:RunInstances", "allow"],
  ["EC2:runinstances", "allow"],
  ["ec2:Run*", "allow"],
  ["ec2:?unInstances", "allow"],
  ["ec2:Describe*", "implicitDeny"],
])("the action %s decides %s", (Action, decision) => {
  expect(decide({ Action })).toBe(decision);
});

test.each([
  ["arn:aws:s3:::amzn-s3-demo-bucket/*", "arn:aws:s3:::amzn-s3-demo-bucket/test/object.jpg", "allow"],
  ["arn:aws:s3:::amzn-s3-demo-bucket/*", "arn:aws:s3:::amzn-s3-demo-bucket", "implicitDeny"],
  ["arn:aws:iam::111122223333:role/a.b", "arn:aws:iam::111122223333:role/axb", "implicitDeny"],
])("the resource %s on %s decides %s", (Resource, resource, decision) => {
  expect(decide({ Resource }, { resource })).toBe(decision);
});

test("NotAction and NotResource match all but what they name", () => {
  const { Action: _action, Resource: _resource, ...rest } = { Effect: "Allow", Action: "", Resource: "" } as const;
  const all = (statement: Partial<Statement>) => evaluate(policy({ ...rest, ...statement }), run).decision;

  expect(all({ NotAction: "iam:*", Resource: "*" })).toBe("allow");
  expect(all({ NotAction: ["iam:*", "ec2:*"], Resource: "*" })).toBe("implicitDeny");
  expect(all({ Action: "*", NotResource: "arn:aws:ec2:*:*:instance/*" })).toBe("implicitDeny");
  expect(all({ Action: "*", NotResource: "arn:aws:ec2:*:*:volume/*" })).toBe("allow");
});

test.each<[string, Record<string, string | string[] | boolean>, Record<string, string | string[] | boolean>, string]>([
  [
    "StringEquals",
    { "aws:ResourceTag/holdfast:cluster": ["demo", "test"] },
    { "aws:ResourceTag/holdfast:cluster": "demo" },
    "allow",
  ],
  [
    "StringEquals",
    { "aws:ResourceTag/holdfast:cluster": "demo" },
    { "aws:ResourceTag/holdfast:cluster": "Demo" },
    "implicitDeny",
  ],
  ["StringEquals", { "aws:ResourceTag/holdfast:cluster": "demo" }, {}, "implicitDeny"],
  ["StringEqualsIfExists", { "aws:ResourceTag/holdfast:cluster": "demo" }, {}, "allow"],
  ["StringEquals", { "AWS:requestedregion": "us-west-2" }, { "aws:RequestedRegion": "us-west-2" }, "allow"],
  ["StringEqualsIgnoreCase", { "aws:username": "JOHNDOE" }, { "aws:username": "johndoe" }, "allow"],
  ["StringNotEquals", { "aws:PrincipalTag/job": "iamuser-admin" }, { "aws:PrincipalTag/job": "other" }, "allow"],
  ["StringNotEquals", { "aws:PrincipalTag/job": ["a", "b"] }, { "aws:PrincipalTag/job": "b" }, "implicitDeny"],
  ["StringNotEquals", { "aws:PrincipalTag/job": "a" }, {}, "allow"],
  ["StringLike", { "s3:prefix": ["", "home/*"] }, { "s3:prefix": "home/x" }, "allow"],
  [
    "ArnLike",
    { "aws:SourceArn": "arn:aws:sns:*:123456789012:my-*" },
    { "aws:SourceArn": "arn:aws:sns:us-east-1:123456789012:my-topic" },
    "allow",
  ],
  [
    "ArnLike",
    { "aws:SourceArn": "arn:aws:sns:*:topic" },
    { "aws:SourceArn": "arn:aws:sns:us-east-1:123456789012:topic" },
    "implicitDeny",
  ],
  [
    "ArnEquals",
    { "ec2:Vpc": "arn:aws:ec2:us-west-2:111122223333:vpc/vpc-1" },
    { "ec2:Vpc": "arn:aws:ec2:us-west-2:111122223333:vpc/vpc-1" },
    "allow",
  ],
  ["Bool", { "aws:SecureTransport": "true" }, { "aws:SecureTransport": true }, "allow"],
  ["Bool", { "aws:SecureTransport": "true" }, {}, "implicitDeny"],
  ["BoolIfExists", { "aws:MultiFactorAuthPresent": "false" }, {}, "allow"],
  ["Null", { "aws:TokenIssueTime": "true" }, {}, "allow"],
  ["Null", { "aws:RequestTag/owner": "false" }, { "aws:RequestTag/owner": "me" }, "allow"],
  ["NumericLessThanEquals", { "s3:max-keys": "10" }, { "s3:max-keys": "10" }, "allow"],
  ["NumericGreaterThan", { "s3:max-keys": "10" }, { "s3:max-keys": "9" }, "implicitDeny"],
  [
    "ForAllValues:StringEquals",
    { "aws:TagKeys": ["environment", "CostCenter"] },
    { "aws:TagKeys": ["environment"] },
    "allow",
  ],
  [
    "ForAllValues:StringEquals",
    { "aws:TagKeys": ["environment"] },
    { "aws:TagKeys": ["environment", "other"] },
    "implicitDeny",
  ],
  ["ForAllValues:StringEquals", { "aws:TagKeys": ["environment"] }, {}, "allow"],
  [
    "ForAnyValue:StringEquals",
    { "aws:TagKeys": ["environment"] },
    { "aws:TagKeys": ["environment", "other"] },
    "allow",
  ],
  ["ForAnyValue:StringEquals", { "aws:TagKeys": ["environment"] }, {}, "implicitDeny"],
])("%s %j against %j decides %s", (operator, expected, context, decision) => {
  expect(decide({ Condition: { [operator]: expected } }, { context })).toBe(decision);
});

test("a policy variable stands for the request's value, in resources and in conditions", () => {
  const context = { "aws:PrincipalTag/cluster": "demo", "aws:ResourceTag/cluster": "demo" };

  expect(
    decide(
      { Resource: "arn:aws:s3:::backups/${aws:PrincipalTag/cluster}/*" },
      { resource: "arn:aws:s3:::backups/demo/1", context },
    ),
  ).toBe("allow");
  expect(
    decide({ Condition: { StringEquals: { "aws:ResourceTag/cluster": "${aws:PrincipalTag/cluster}" } } }, { context }),
  ).toBe("allow");
});

test("a policy variable without a value matches nothing, not even its own text", () => {
  const variable = "${ec2:SourceInstanceARN}";
  const LeadingKeys = { "dynamodb:LeadingKeys": `HEARTBEAT#1#${variable}` };

  expect(decide({ Resource: `arn:aws:s3:::${variable}` }, { resource: `arn:aws:s3:::${variable}` })).toBe(
    "implicitDeny",
  );
  expect(decide({ Condition: { "ForAllValues:StringEquals": LeadingKeys } }, { context: LeadingKeys })).toBe(
    "implicitDeny",
  );
  const context = { "ec2:SourceInstanceARN": "arn:i-1", "dynamodb:LeadingKeys": "HEARTBEAT#1#arn:i-1" };
  expect(decide({ Condition: { "ForAllValues:StringEquals": LeadingKeys } }, { context })).toBe("allow");
});

test("an operator that is not known is an error, not a guess", () => {
  expect(() => decide({ Condition: { DateLessThan: { "aws:CurrentTime": "2026-01-01T00:00:00Z" } } })).toThrow(
    "Policy condition operator DateLessThan is not known.",
  );
});
