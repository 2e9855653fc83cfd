import { SSMClient } from "@aws-sdk/client-ssm";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import * as z from "zod";
import { findSetting } from "./settings.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"] }));
afterEach(() => void vi.useRealTimers());

/** A Parameter Store without parameters, and how often it was asked. */
function emptyStore() {
  const asked: unknown[] = [];
  const ssm = new SSMClient({ region: "us-west-2" });
  ssm.middlewareStack.add(
    () => async (args) => {
      asked.push(args.input);
      throw Object.assign(new Error("none"), { name: "ParameterNotFound" });
    },
    { step: "initialize" },
  );
  return { ssm, asked };
}

test("a setting that is not there is asked for again after two seconds, or when the caller says", async () => {
  const { ssm, asked } = emptyStore();
  const find = async (name: string, belief = {}) => {
    const before = asked.length;
    expect(await findSetting(ssm, name, z.string(), belief)).toBeUndefined();
    return asked.length - before;
  };

  expect([await find("/x"), await find("/y", { absentMs: 30_000 })]).toEqual([1, 1]);
  vi.advanceTimersByTime(2_001);
  expect([await find("/x"), await find("/y", { absentMs: 30_000 })]).toEqual([1, 0]);
  vi.advanceTimersByTime(28_000);
  expect(await find("/y", { absentMs: 30_000 })).toBe(1);
});
