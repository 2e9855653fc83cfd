import { expect, test } from "vitest";
import { createResolver } from "./resolver.ts";
import { TemplateSchema } from "./template-schema.ts";

const TEMPLATE = TemplateSchema.parse({
  Parameters: { Stage: { Type: "String", Default: "test" }, Reserved: { Type: "Number", Default: 0 } },
  Mappings: { Sizes: { test: { masters: 3 } } },
  Conditions: {
    Reserves: { "Fn::Not": [{ "Fn::Equals": [{ Ref: "Reserved" }, "0"] }] },
    IsTest: { "Fn::Equals": [{ Ref: "Stage" }, "test"] },
    IsLive: { "Fn::Not": [{ Condition: "IsTest" }] },
    Both: { "Fn::And": [{ Condition: "IsTest" }, { Condition: "IsLive" }] },
    Either: { "Fn::Or": [{ Condition: "IsTest" }, { Condition: "IsLive" }] },
  },
  Resources: { Table: { Type: "AWS::DynamoDB::Table" } },
});
const resolver = createResolver({
  template: TEMPLATE,
  stackName: "Holdfast",
  region: "us-west-2",
  accountId: "123456789012",
  resource: (id) => (id === "Table" ? { ref: "clusters", attributes: { Arn: "arn:table" } } : undefined),
});

const CASES: readonly [behaviour: string, value: unknown, expected: unknown][] = [
  ["plain values", { a: [1, "b", true, null] }, { a: [1, "b", true, null] }],
  ["Ref of a resource", { Ref: "Table" }, "clusters"],
  ["Ref of a parameter", { Ref: "Stage" }, "test"],
  ["Ref of a pseudo parameter", { Ref: "AWS::Region" }, "us-west-2"],
  ["GetAtt as a list", { "Fn::GetAtt": ["Table", "Arn"] }, "arn:table"],
  ["GetAtt as a text", { "Fn::GetAtt": "Table.Arn" }, "arn:table"],
  ["Join", { "Fn::Join": ["/", [{ "Fn::GetAtt": ["Table", "Arn"] }, "index", 1]] }, "arn:table/index/1"],
  [
    "Sub",
    { "Fn::Sub": "${AWS::AccountId}:${Table}:${Table.Arn}:${!Literal}" },
    "123456789012:clusters:arn:table:${Literal}",
  ],
  ["Sub with variables", { "Fn::Sub": ["${x}-${Stage}", { x: { Ref: "Table" } }] }, "clusters-test"],
  ["Select and Split", { "Fn::Select": [1, { "Fn::Split": [":", { "Fn::GetAtt": ["Table", "Arn"] }] }] }, "table"],
  ["If, true", { "Fn::If": ["IsTest", "yes", "no"] }, "yes"],
  ["If, by a parameter that is a number", { "Fn::If": ["Reserves", "yes", "no"] }, "no"],
  ["If, false", { "Fn::If": ["IsLive", "yes", "no"] }, "no"],
  ["And", { "Fn::If": ["Both", "yes", "no"] }, "no"],
  ["Or", { "Fn::If": ["Either", "yes", "no"] }, "yes"],
  ["NoValue leaves its member out", { a: { Ref: "AWS::NoValue" }, b: [{ Ref: "AWS::NoValue" }, 1] }, { b: [1] }],
  ["FindInMap", { "Fn::FindInMap": ["Sizes", { Ref: "Stage" }, "masters"] }, 3],
  ["Base64", { "Fn::Base64": "ok" }, "b2s="],
  [
    "a policy's Condition is no condition of the template",
    { Condition: { Bool: { x: "true" } } },
    { Condition: { Bool: { x: "true" } } },
  ],
];

test.each(CASES)("%s", (_behaviour, value, expected) => {
  expect(resolver.resolve(value)).toEqual(expected);
});

const REFUSED: readonly [value: unknown, message: string][] = [
  [{ Ref: "Nobody" }, "Nobody is referenced, but no such resource or parameter exists"],
  [{ "Fn::GetAtt": ["Table", "Colour"] }, "does not know the attribute Colour of Table (AWS::DynamoDB::Table)"],
  [{ "Fn::ImportValue": "x" }, "does not know the intrinsic function Fn::ImportValue"],
  [{ "Fn::If": ["Missing", 1, 2] }, "The condition Missing is not declared"],
];

test.each(REFUSED)("%j is refused", (value, message) => {
  expect(() => resolver.resolve(value)).toThrow(message);
});
