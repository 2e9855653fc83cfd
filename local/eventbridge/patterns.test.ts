import { expect, test } from "vitest";
import { compilePattern } from "./patterns.ts";

const EVENT = {
  source: "aws.ec2",
  "detail-type": "EC2 Instance State-change Notification",
  resources: ["arn:aws:ec2:us-west-2:123456789012:instance/i-1", "arn:aws:ec2:us-west-2:123456789012:volume/vol-1"],
  detail: {
    state: "terminated",
    count: 3,
    address: "172.20.1.7",
    empty: "",
    nothing: null,
    live: true,
    tags: [
      { key: "a", value: "1" },
      { key: "b", value: "2" },
    ],
  },
};

const CASES: readonly [behaviour: string, pattern: unknown, matches: boolean][] = [
  ["a listed value", { source: ["aws.ec2", "aws.autoscaling"] }, true],
  ["no listed value", { source: ["aws.autoscaling"] }, false],
  ["every member must match", { source: ["aws.ec2"], detail: { state: ["running"] } }, false],
  ["nested members", { detail: { state: ["terminated"], live: [true] } }, true],
  ["a number", { detail: { count: [3] } }, true],
  ["a number is no text", { detail: { count: ["3"] } }, false],
  ["null", { detail: { nothing: [null] } }, true],
  ["null is not absence", { detail: { missing: [null] } }, false],
  ["the empty text", { detail: { empty: [""] } }, true],
  ["one element of an array", { resources: [{ suffix: "volume/vol-1" }] }, true],
  ["no element of an array", { resources: [{ suffix: "volume/vol-2" }] }, false],
  ["members of one element of an array of objects", { detail: { tags: { key: ["a"], value: ["1"] } } }, true],
  ["not members of different elements", { detail: { tags: { key: ["a"], value: ["2"] } } }, false],
  ["prefix", { source: [{ prefix: "aws." }] }, true],
  ["prefix of no text", { detail: { count: [{ prefix: "3" }] } }, false],
  ["prefix, ignoring case", { source: [{ prefix: { "equals-ignore-case": "AWS." } }] }, true],
  ["suffix", { detail: { state: [{ suffix: "ated" }] } }, true],
  ["suffix that differs", { detail: { state: [{ suffix: "ing" }] } }, false],
  ["anything-but", { detail: { state: [{ "anything-but": "running" }] } }, true],
  ["anything-but the value itself", { detail: { state: [{ "anything-but": ["terminated", "stopped"] }] } }, false],
  ["anything-but needs the member", { detail: { missing: [{ "anything-but": "x" }] } }, false],
  ["anything-but a number", { detail: { count: [{ "anything-but": [3] }] } }, false],
  ["anything-but prefix", { detail: { state: [{ "anything-but": { prefix: "term" } }] } }, false],
  ["anything-but suffixes", { detail: { state: [{ "anything-but": { suffix: ["ing", "ped"] } }] } }, true],
  ["anything-but wildcard", { detail: { state: [{ "anything-but": { wildcard: "t*d" } }] } }, false],
  ["numeric equality", { detail: { count: [{ numeric: ["=", 3] }] } }, true],
  ["numeric range", { detail: { count: [{ numeric: [">", 0, "<=", 3] }] } }, true],
  ["outside a numeric range", { detail: { count: [{ numeric: [">=", 1, "<", 3] }] } }, false],
  ["numeric of a text", { detail: { state: [{ numeric: [">", 0] }] } }, false],
  ["exists", { detail: { state: [{ exists: true }] } }, true],
  ["exists of an absent member", { detail: { missing: [{ exists: true }] } }, false],
  ["exists false", { detail: { missing: [{ exists: false }] } }, true],
  ["exists false below an absent member", { detail: { missing: { deeper: [{ exists: false }] } } }, true],
  ["exists sees leaves only", { detail: [{ exists: true }] }, false],
  ["wildcard", { resources: [{ wildcard: "arn:*:instance/i-*" }] }, true],
  ["wildcard matches the whole text", { resources: [{ wildcard: "instance/*" }] }, false],
  ["equals-ignore-case", { detail: { state: [{ "equals-ignore-case": "TERMINATED" }] } }, true],
  ["cidr", { detail: { address: [{ cidr: "172.20.0.0/16" }] } }, true],
  ["outside the cidr", { detail: { address: [{ cidr: "10.0.0.0/8" }] } }, false],
  ["an address is not in a cidr of the other family", { detail: { address: [{ cidr: "fd00::/8" }] } }, false],
  ["$or, one branch", { $or: [{ source: ["x"] }, { detail: { state: ["terminated"] } }] }, true],
  ["$or, no branch", { $or: [{ source: ["x"] }, { detail: { state: ["running"] } }] }, false],
  ["$or beside other members", { source: ["x"], $or: [{ detail: { count: [3] } }, { detail: { count: [4] } }] }, false],
];

test.each(CASES)("%s", (_behaviour, pattern, matches) => {
  expect(compilePattern(pattern)(EVENT)).toBe(matches);
});

const REFUSED: readonly [pattern: unknown, reason: string][] = [
  [[], "Filter is not an object"],
  [{}, "Empty objects are not allowed"],
  [{ source: "aws.ec2" }, '"source" must be an object or an array'],
  [{ source: [] }, 'Empty arrays are not allowed at "source"'],
  [{ source: [{ like: "x" }] }, "Unrecognized match type like"],
  [{ source: [{ prefix: 3 }] }, "prefix match pattern must be a string"],
  [{ count: [{ numeric: ["~", 3] }] }, "Unrecognized numeric range operator: ~"],
  [{ address: [{ cidr: "172.20" }] }, "Malformed CIDR, one '/' required"],
];

test.each(REFUSED)("the pattern %j is refused", (pattern, reason) => {
  expect(() => compilePattern(pattern)).toThrow(`Event pattern is not valid. Reason: ${reason}`);
});
