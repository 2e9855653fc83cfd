import { expect, test } from "vitest";
import { costOfCases } from "./cost.ts";
import { planText, reportJson, reportOf, reportText } from "./report.ts";
import { newState, type RunState } from "./state.ts";

const RUN = "smoke-20261130-0123-ab12";
const choice = {
  region: "us-west-2",
  yes: true,
  size: "t3.medium",
  image: null,
  api: null,
  resume: null,
  directory: ".",
};
const VERSIONS = { holdfast: "0.1.0", commit: "abc1234", node: "24.0.0" };

function stateOf(message: string): RunState {
  return {
    ...newState({ ...choice, cases: ["private"] }, RUN, new Date("2026-11-30T01:23:45Z")),
    left: [],
    results: [
      { check: "account", status: "passed", message, startedAt: "", seconds: 1.24, evidence: { said: [message] } },
      { check: "stack", status: "skipped", message: "why", startedAt: "", seconds: 0, evidence: {} },
    ],
  };
}

test("the report counts, and says what is left", () => {
  const text = reportText(reportOf(stateOf("3 zones"), VERSIONS));

  expect(text).toContain("passed  account                1 s  3 zones");
  expect(text).toContain("1 passed, 0 failed, 1 skipped.");
  expect(text).toContain("Nothing with the run's tag is left in the account.");
  const left = reportText(reportOf({ ...stateOf(""), left: ["volume vol-1"] }, VERSIONS));
  expect(left).toContain("Still in the account:\n  volume vol-1");
  const unknown = reportOf({ ...stateOf(""), left: null }, VERSIONS);
  expect(unknown.left).toBeNull();
  expect(reportText(unknown)).toContain("It is not known what is left in the account: nothing could be looked at.");
});

test.each([
  "arn:aws:iam::123456789012:user/me",
  "key AKIAIOSFODNN7EXAMPLE",
  "session ASIAIOSFODNN7EXAMPLE",
  "kubeadm join --token abcdef.0123456789abcdef",
  "-----BEGIN PRIVATE KEY-----\nMIG\n-----END PRIVATE KEY-----",
  "authorization: Bearer abc.def",
  "https://x?X-Amz-Signature=0123abcd",
])("no report shows a secret: %s", (secret) => {
  const report = reportOf(stateOf(secret), VERSIONS);
  const found = /123456789012|IOSFODNN7|0123456789abcdef|MIG|abc\.def|0123abcd/;

  expect(reportJson(report)).not.toMatch(found);
  expect(reportText(report)).not.toMatch(found);
  expect(() => JSON.parse(reportJson(report))).not.toThrow();
});

test("what is said before anything is made names each cluster with its price", () => {
  const costs = costOfCases(["private", "ha"], RUN, "us-west-2", "t3.medium");
  const text = planText(costs, "us-west-2");

  expect(costs.map(({ of, minutes }) => [of, minutes])).toEqual([
    ["private", 23],
    ["ha", 30],
  ]);
  expect(text).toMatch(/private: \$0\.\d\d for 23 minutes \(t3\.medium instances: 2, /);
  expect(text).toMatch(/Together about \$0\.\d\d by list prices, and 53 minutes\./);
});

test("a Region without prices is no obstacle", () => {
  const costs = costOfCases(["ha"], RUN, "ap-south-2", "t3.medium");

  expect(planText(costs, "ap-south-2")).toContain("Together about an unknown amount");
});
