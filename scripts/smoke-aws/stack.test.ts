import type { Stack } from "@aws-sdk/client-cloudformation";
import { expect, test } from "vitest";
import { stackUse } from "./stack.ts";

const RUN = "smoke-20261130-0123-ab12";
const API = "https://api.example.com";
const base: Stack = { StackName: "Holdfast", CreationTime: new Date(0), StackStatus: "CREATE_COMPLETE" };
const outputs = { Outputs: [{ OutputKey: "ApiUrl", OutputValue: API }] };

function tags(Value: string) {
  return { Tags: [{ Key: "holdfast-smoke", Value }] };
}

test("a stack that stands is used as it is, and one of the run is the run's own", () => {
  expect(stackUse(undefined, RUN)).toEqual({ kind: "none" });
  expect(stackUse({ ...base, ...outputs }, RUN)).toEqual({ kind: "use", api: API });
  expect(stackUse({ ...base, ...outputs, ...tags(RUN) }, RUN)).toEqual({ kind: "own" });
  expect(stackUse({ ...base, StackStatus: "ROLLBACK_COMPLETE", ...tags(RUN) }, RUN)).toEqual({ kind: "own" });
  expect(stackUse({ ...base, StackStatus: "REVIEW_IN_PROGRESS" }, RUN)).toEqual({ kind: "own" });
});

test("a stack that somebody deploys now, or whose deployment failed, is neither deployed over nor removed", () => {
  for (const StackStatus of ["CREATE_IN_PROGRESS", "ROLLBACK_COMPLETE"] as const)
    expect(stackUse({ ...base, StackStatus }, RUN)).toEqual({
      kind: "foreign",
      why: `somebody's stack Holdfast stands in ${StackStatus}, without an API: finish or remove it`,
    });
});

test("the stack of another run is not used, since it goes when that run ends", () => {
  const other = { ...base, ...outputs, ...tags("smoke-20261130-0100-cd34") };

  expect(stackUse(other, RUN)).toEqual({
    kind: "foreign",
    why: "the stack Holdfast is that of smoke-20261130-0100-cd34, which removes it when it ends",
  });
});
