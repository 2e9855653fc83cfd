import { expect, test } from "vitest";
import { awsTimings as awsAutoScaling, localTimings as localAutoScaling } from "../autoscaling/timings.ts";
import { awsTimings as awsEc2, localTimings as localEc2 } from "../ec2/timings.ts";
import { awsTimings as awsElb, localTimings as localElb } from "../elbv2/timings.ts";
import { awsTimings as awsHosts, isPrepared, localTimings as localHosts } from "../hosts/timings.ts";
import { client } from "../testing/service-context.ts";
import { stepFunctions } from "../testing/stepfunctions.ts";
import { VirtualClock } from "../testing/virtual-clock.ts";
import { awsTimings, delayCalls } from "./timings.ts";

test.each([
  ["EC2", awsEc2, localEc2],
  ["Auto Scaling", awsAutoScaling, localAutoScaling],
  ["load balancing", awsElb, localElb],
  ["hosts", awsHosts, localHosts],
])("--timings aws: nothing of %s is quicker than the local cloud's own short waits", (_, aws, local) => {
  const quicker = Object.entries(local).filter(
    ([name, ms]) => (Object.entries(aws).find(([key]) => key === name)?.[1] ?? 0) < ms,
  );

  expect(quicker).toEqual([]);
});

test("--timings aws: a call takes its time before it does anything", async () => {
  const clock = new VirtualClock();
  const call = { requestId: "", service: "ec2", operation: "RunInstances", region: "", principal: { arn: "" } };
  let done = 0;
  const delayed = delayCalls(clock, awsTimings.call)(call, {}, async () => {
    done = clock.now();
    return {};
  });
  const begun = clock.now();

  await clock.advance(400);
  await delayed;

  expect(done - begun).toBe(400);
  expect(awsTimings.call({ ...call, operation: "DescribeInstances" })).toBe(150);
  expect(awsTimings.call({ ...call, service: "dynamodb", operation: "PutItem" })).toBe(8);
});

test("an image of docs/images.md's name has everything, others do not", () => {
  expect(isPrepared({ imageName: "holdfast-1.36" })).toBe(true);
  expect(isPrepared({ imageName: "al2023-ami-2023.9" })).toBe(false);
  expect(isPrepared({})).toBe(false);
});

test("--timings aws: a workflow takes its time from one state to the next", async () => {
  const { clock, service, started } = stepFunctions({ transitionMs: 75 });
  const arn = await started({
    StartAt: "One",
    States: { One: { Type: "Pass", Next: "Two" }, Two: { Type: "Succeed" } },
  });
  const status = async () => (await client(service.handlers)("DescribeExecution", { executionArn: arn })).status;

  await clock.advance(149);
  expect(await status()).toBe("RUNNING");
  await clock.advance(1);

  expect(await status()).toBe("SUCCEEDED");
});
