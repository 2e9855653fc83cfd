import { expect, test } from "vitest";
import { createStage, oneInstance } from "../testing/groups.ts";
import { VirtualClock } from "../testing/virtual-clock.ts";
import { AwsError } from "../wire/contract.ts";
import { localTimings } from "./timings.ts";

async function inService() {
  const stage = createStage();
  await stage.aws("CreateAutoScalingGroup", {
    ...oneInstance,
    Tags: [
      { Key: "cluster", Value: "demo", PropagateAtLaunch: true },
      { Key: "private", Value: "x" },
    ],
  });
  await stage.clock.advance(0);
  stage.ec2.setState("i-1", "running");
  await stage.clock.advance(100);
  return stage;
}

test("a new group launches its instances, tags them and puts them in service", async () => {
  const { ec2, members, activities } = await inService();

  expect(await members()).toEqual(["i-1 InService"]);
  expect(ec2.instances.get("i-1")?.tags).toEqual([
    { Key: "cluster", Value: "demo" },
    { Key: "aws:autoscaling:groupName", Value: "g" },
  ]);
  expect(await activities()).toMatchObject([
    {
      StatusCode: "Successful",
      Description: "Launching a new EC2 instance: i-1",
      Cause:
        "At 2026-11-22T12:00:00Z a user request created an AutoScalingGroup changing the desired capacity from 0 to 1.  At 2026-11-22T12:00:00Z an instance was started in response to a difference between desired and actual capacity, increasing the capacity from 0 to 1.",
    },
  ]);
});

test("the launch event has the shape that EventBridge rules match", async () => {
  const { eventsOf } = await inService();

  expect(eventsOf("EC2 Instance Launch Successful")).toEqual([
    {
      source: "aws.autoscaling",
      detailType: "EC2 Instance Launch Successful",
      resources: [
        expect.stringMatching(
          /^arn:aws:autoscaling:us-west-2:111122223333:autoScalingGroup:[0-9a-f-]{36}:autoScalingGroupName\/g$/,
        ),
        "arn:aws:ec2:us-west-2:111122223333:instance/i-1",
      ],
      detail: {
        StatusCode: "InProgress",
        StatusMessage: "",
        Description: "Launching a new EC2 instance: i-1",
        Cause: expect.stringContaining("increasing the capacity from 0 to 1."),
        AutoScalingGroupName: "g",
        ActivityId: expect.any(String),
        RequestId: expect.any(String),
        EC2InstanceId: "i-1",
        StartTime: "2026-11-22T12:00:00.000Z",
        EndTime: "2026-11-22T12:00:00.050Z",
        Details: { "Subnet ID": "subnet-a", "Availability Zone": "us-west-2a" },
        Origin: "EC2",
        Destination: "AutoScalingGroup",
      },
    },
  ]);
});

test.each(["stopping", "stopped", "shutting-down", "terminated"] as const)(
  "an instance that is %s is replaced: terminated and launched in parallel",
  async (state) => {
    const { clock, ec2, members, activities } = await inService();

    ec2.setState("i-1", state);
    await clock.advance(199);
    expect(await members()).toEqual(["i-1 InService"]);
    await clock.advance(2);

    expect(await members()).toContain("i-2 Pending");
    expect(ec2.instances.get("i-1")?.state).toMatch(/shutting-down|terminated/);
    expect((await activities()).map(({ Cause }) => Cause?.replace(/^At \S+ /, ""))).toEqual([
      "an instance was launched in response to an unhealthy instance needing to be replaced.",
      "an instance was taken out of service in response to an EC2 health check indicating it has been terminated or stopped.",
      expect.any(String),
    ]);
  },
);

test("a terminated instance leaves the group with its own event", async () => {
  const { clock, ec2, members, eventsOf } = await inService();

  ec2.setState("i-1", "terminated");
  await clock.advance(400);
  ec2.setState("i-2", "running");
  await clock.advance(400);

  expect(await members()).toEqual(["i-2 InService"]);
  expect(eventsOf("EC2 Instance Terminate Successful")).toMatchObject([
    { detail: { EC2InstanceId: "i-1", Origin: "AutoScalingGroup", Destination: "EC2", StatusCode: "InProgress" } },
  ]);
});

test("an instance with impaired status checks is given time to recover before it is replaced", async () => {
  const { clock, ec2, members } = await inService();
  const instance = ec2.instances.get("i-1");
  if (instance) instance.impaired = true;

  await clock.advance(3_500);
  expect(await members()).toEqual(["i-1 InService"]);
  await clock.advance(1_000);

  expect(await members()).toEqual(["i-1 Terminating", "i-2 Pending"]);
});

test("suspended ReplaceUnhealthy leaves a dead instance alone until it is resumed", async () => {
  const { aws, clock, ec2, members } = await inService();
  await aws("SuspendProcesses", { AutoScalingGroupName: "g", ScalingProcesses: ["ReplaceUnhealthy"] });

  ec2.setState("i-1", "terminated");
  await clock.advance(10_000);
  expect(await members()).toEqual(["i-1 InService"]);
  await aws("ResumeProcesses", { AutoScalingGroupName: "g", ScalingProcesses: ["ReplaceUnhealthy"] });
  await clock.advance(1);

  expect(await members()).toEqual(["i-2 Pending"]);
});

test("SetInstanceHealth Unhealthy replaces, unless the grace period spares the instance", async () => {
  const { aws, clock, members } = await inService();
  await aws("UpdateAutoScalingGroup", { AutoScalingGroupName: "g", HealthCheckGracePeriod: 300 });

  await aws("SetInstanceHealth", { InstanceId: "i-1", HealthStatus: "Unhealthy" });
  await clock.advance(1);
  expect(await members()).toEqual(["i-1 InService"]);
  await aws("SetInstanceHealth", { InstanceId: "i-1", HealthStatus: "Unhealthy", ShouldRespectGracePeriod: false });
  await clock.advance(1);

  expect(await members()).toEqual(["i-1 Terminating", "i-2 Pending"]);
});

test("a launch that finds its interface in use fails, says so, and succeeds when the interface is free", async () => {
  const stage = createStage();
  const { aws, clock, ec2, eventsOf, members, activities } = stage;
  ec2.templates.set("lt-member", { interfaceId: "eni-1" });
  ec2.failure = new AwsError("InvalidNetworkInterface.InUse", "Interface: [eni-1] in use.");
  await aws("CreateAutoScalingGroup", {
    ...oneInstance,
    LaunchTemplate: { LaunchTemplateId: "lt-member", Version: "1" },
  });

  await clock.advance(20_000);
  const tries = ec2.runRequests.length;
  ec2.failure = undefined;
  await clock.advance(5_000);

  // 300, 600, 1200, 2400, 4800 ms, then every 5 s.
  expect(tries).toBe(8);
  expect(await members()).toEqual(["i-1 Pending"]);
  expect((await activities())[1]).toMatchObject({
    StatusCode: "Failed",
    StatusMessage: "Interface: [eni-1] in use. Launching EC2 instance failed.",
    Description:
      "Launching a new EC2 instance.  Status Reason: Interface: [eni-1] in use. Launching EC2 instance failed.",
  });
  expect(eventsOf("EC2 Instance Launch Unsuccessful")[0]?.detail).toMatchObject({
    StatusCode: "Failed",
    StatusMessage: "Interface: [eni-1] in use. Launching EC2 instance failed.",
    EC2InstanceId: "",
  });
});

test("a restarted cloud finds out what happened to its instances meanwhile", async () => {
  const before = await inService();
  before.autoscaling.close();
  const saved = JSON.parse(JSON.stringify(before.autoscaling.snapshot()));
  before.ec2.setState("i-1", "terminated");

  const after = createStage(saved, before.ec2);
  await after.clock.advance(2_000);

  expect(await after.members()).toEqual(["i-2 Pending"]);
});

/** As a real one: timers fire a little early, and time continues between two looks at it. */
class RealisticClock extends VirtualClock {
  readonly #early: number;
  #ticks = 0;

  constructor(early: number) {
    super();
    this.#early = early;
  }

  override now(): number {
    this.#ticks += 1;
    return super.now() + this.#ticks;
  }

  override sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return super.sleep(Math.max(0, ms - this.#early), signal);
  }
}

test("E1: a group whose launches fail tries again, whatever tick falls between its look and its next alarm", async () => {
  for (let early = 0; early < 8; early += 1) {
    const clock = new RealisticClock(early);
    const { ec2, aws } = createStage(undefined, undefined, clock);
    ec2.failure = new AwsError("InsufficientInstanceCapacity", "There is no capacity.");
    await aws("CreateAutoScalingGroup", oneInstance);
    await clock.advance(20_000);
    ec2.failure = undefined;
    await clock.advance(20_000);

    expect([early, ec2.instances.size]).toEqual([early, 1]);
  }
});

test("M5: an instance that ended outside its group counts as healthy until the health check's period is over, or somebody says so", async () => {
  const { detection } = localTimings;
  const stage = createStage(undefined, undefined, undefined, { detection });
  await stage.aws("CreateAutoScalingGroup", oneInstance);
  await stage.clock.advance(0);
  stage.ec2.setState("i-1", "running");
  await stage.clock.advance(100);

  stage.ec2.setState("i-1", "shutting-down");
  stage.ec2.setState("i-1", "terminated");
  await stage.clock.advance(detection - 500);
  expect(await stage.members()).toEqual(["i-1 InService"]);
  await stage.clock.advance(1_000);
  expect(await stage.members()).toEqual(["i-2 Pending"]);

  stage.ec2.setState("i-2", "running");
  await stage.clock.advance(100);
  stage.ec2.setState("i-2", "terminated");
  await stage.aws("SetInstanceHealth", {
    InstanceId: "i-2",
    HealthStatus: "Unhealthy",
    ShouldRespectGracePeriod: false,
  });
  await stage.clock.advance(100);
  expect(await stage.members()).toEqual(["i-3 Pending"]);
});

test("--timings aws: a group launches some seconds after it has decided to", async () => {
  const { aws, clock, members, activities } = createStage(undefined, undefined, undefined, { reaction: 5_000 });
  await aws("CreateAutoScalingGroup", oneInstance);

  await clock.advance(4_000);
  expect(await members()).toEqual([]);
  expect(await activities()).toHaveLength(1);
  await clock.advance(1_000);

  expect(await members()).toEqual(["i-1 Pending"]);
});
