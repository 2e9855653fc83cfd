import { expect, test } from "vitest";
import { specFromFlags } from "./parse-spec.ts";
import { checkableSpec, furtherProblems, isPlannable } from "./refused-spec.ts";
import type { Problem } from "./spec.ts";

function refused(given: Readonly<Record<string, string>>) {
  const parsed = specFromFlags(Object.entries(given).map(([flag, value]) => ({ flag, value })));
  if (parsed.ok) throw new Error("it is not refused");
  return parsed;
}

function problem(flag: string, value: string): Problem {
  return { flag, value, message: `${flag}: ${value}` };
}

test("an unknown flag, or an even number of masters, leaves a whole spec to check", () => {
  for (const wrong of [{ "--bogus": "x" }, { "--master-count": "2" }]) {
    const one = refused({ NAME: "ha", "--zones": "us-west-2a", "--image": "ami-12345678", ...wrong });

    expect(checkableSpec(one)).toMatchObject({ name: "ha", zones: ["us-west-2a"], image: "ami-12345678" });
    expect(isPlannable(one)).toBe(true);
  }
});

test("without zones there is nothing to check, and without a size no plan", () => {
  expect(checkableSpec(refused({ NAME: "ha" }))).toBeUndefined();
  const one = refused({ NAME: "ha", "--zones": "us-west-2a", "--node-size": "large" });
  expect(checkableSpec(one)).toMatchObject({ nodeSize: "t3.medium" });
  expect(isPlannable(one)).toBe(false);
  expect(isPlannable(refused({ NAME: "ha", "--zones": "us-west-2a", "--network-cidr": "10.0.0.0/8" }))).toBe(false);
});

test("what stands in for a refused value has no problem of its own, and no fault is reported twice", () => {
  const groups = "sg-12345678,i-abcd1234";
  const one = refused({
    NAME: "ha",
    "--zones": "us-west-2a",
    "--node-size": "large",
    "--control-plane-security-groups": groups,
  });
  const ofAccount = [
    problem("--node-size", "t3.medium"),
    problem("--master-security-groups", "sg-12345678"),
    problem("--master-security-groups", "i-abcd1234"),
    problem("--topology", "public"),
    problem("NAME", "ha"),
  ];

  expect(furtherProblems(one, ofAccount).map(({ flag, value }) => `${flag} ${value}`)).toEqual([
    "--master-security-groups sg-12345678",
    "--topology public",
    "NAME ha",
  ]);
});
