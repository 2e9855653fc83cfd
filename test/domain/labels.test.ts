import { expect, test } from "vitest";
import { readCloudLabels } from "../../functions/domain/spec-rules/labels.ts";
import type { Findings } from "../../functions/domain/spec-values.ts";

function read(value: unknown) {
  const findings: Findings = { problems: [], warnings: [] };
  const labels = readCloudLabels({ flag: "--cloud-labels", value }, findings);
  return { labels, messages: findings.problems.map(({ message }) => message) };
}

test.each([
  ["Team=Dev,Owner=John Doe", { Team: "Dev", Owner: "John Doe" }],
  ['Team="Dev=Ops",Owner=Me', { Team: "Dev=Ops", Owner: "Me" }],
  ['"a key"="a value"', { "a key": "a value" }],
  ["Empty=", { Empty: "" }],
  [{ Team: "Dev" }, { Team: "Dev" }],
])("%j are labels", (value, expected) => {
  expect(read(value)).toEqual({ labels: expected, messages: [] });
});

test.each([
  ["Team", /exactly key=value/],
  ["a=b=c", /exactly key=value/],
  ["a=b,", /exactly key=value/],
  ["=b", /a key is missing/],
  ["a=1,a=2", /"a" is given twice/],
  ["Name=x", /"Name" is reserved/],
  ["KubernetesCluster=x", /reserved/],
  ["kubernetes.io/cluster/x=owned", /reserved/],
  ["k8s.io/role/master=1", /reserved/],
  ["kops.k8s.io/instancegroup=x", /reserved/],
  ["AWS:x=y", /reserved/],
  ["holdfast:cluster=x", /reserved/],
  ["a=$(x)", /not allowed in a label/],
  [`${"k".repeat(129)}=v`, /longer than 128/],
  [`k=${"v".repeat(257)}`, /longer than 256/],
  [Array.from({ length: 41 }, (_, index) => `k${index}=v`).join(), /at most 40/],
  [{ a: 1 }, /is not text/],
  [["a=b"], /not a mapping/],
])("%j are refused", (value, message) => {
  expect(read(value).messages).toEqual([expect.stringMatching(message)]);
});
