import { expect, test } from "vitest";
import type { CallContext } from "../wire/contract.ts";
import { limitRates } from "./rate-limits.ts";

function call(service: string, operation: string): CallContext {
  return {
    requestId: "1",
    service,
    operation,
    region: "us-west-2",
    principal: { arn: "arn:aws:iam::111122223333:user/any" },
  };
}

/** How many of so many calls at one instant are answered. */
function passing() {
  let now = 0;
  const intercept = limitRates(() => now);
  const answered = async (service: string, operation: string, calls: number): Promise<number> => {
    const tries = Array.from({ length: calls }, async () => intercept(call(service, operation), {}, async () => 1));
    return (await Promise.allSettled(tries)).filter(({ status }) => status === "fulfilled").length;
  };
  return { answered, pass: (ms: number) => (now += ms) };
}

test.each([
  ["ssm", "PutParameter", 3, 3],
  ["ssm", "GetParameter", 40, 40],
  ["ec2", "DescribeInstances", 100, 20],
  ["ec2", "AttachVolume", 50, 5],
  ["ec2", "CreateNatGateway", 10, 1],
])("%s:%s: a burst of %i, then %i a second", async (service, operation, burst, perSecond) => {
  const { answered, pass } = passing();

  expect(await answered(service, operation, 200)).toBe(burst);
  expect(await answered(service, operation, 200)).toBe(0);
  pass(1_000);
  expect(await answered(service, operation, 200)).toBe(perSecond);
});

test("EC2 counts each action by itself; reads of parameters share what they have", async () => {
  const { answered } = passing();

  expect(await answered("ec2", "DescribeInstances", 101)).toBe(100);
  expect(await answered("ec2", "DescribeVolumes", 101)).toBe(100);
  expect(await answered("ssm", "GetParameter", 30)).toBe(30);
  expect(await answered("ssm", "GetParametersByPath", 30)).toBe(10);
});

test("what publishes no rate is not limited", async () => {
  expect(await passing().answered("autoscaling", "DescribeAutoScalingGroups", 500)).toBe(500);
});

test("the error is the service's own", () => {
  const intercept = limitRates(() => 0);
  for (let at = 0; at < 3; at++) intercept(call("ssm", "PutParameter"), {}, async () => 1);

  expect(() => intercept(call("ssm", "PutParameter"), {}, async () => 1)).toThrow("Rate exceeded");
});
