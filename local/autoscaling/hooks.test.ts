import { expect, test } from "vitest";
import { createStage, launchHook, oneInstance } from "../testing/groups.ts";

async function waiting() {
  const stage = createStage();
  await stage.aws("CreateAutoScalingGroup", { ...oneInstance, LifecycleHookSpecificationList: [launchHook] });
  await stage.clock.advance(0);
  stage.ec2.setState("i-1", "running");
  await stage.clock.advance(0);
  return stage;
}

const action = { AutoScalingGroupName: "g", LifecycleHookName: "ready" };

test("a launch hook holds the first instance in Pending:Wait and announces it", async () => {
  const { members, eventsOf } = await waiting();

  expect(await members()).toEqual(["i-1 Pending:Wait"]);
  expect(eventsOf("EC2 Instance-launch Lifecycle Action")).toEqual([
    {
      source: "aws.autoscaling",
      detailType: "EC2 Instance-launch Lifecycle Action",
      resources: [expect.stringContaining(":autoScalingGroupName/g")],
      detail: {
        LifecycleActionToken: expect.stringMatching(/^[0-9a-f-]{36}$/),
        AutoScalingGroupName: "g",
        LifecycleHookName: "ready",
        EC2InstanceId: "i-1",
        LifecycleTransition: "autoscaling:EC2_INSTANCE_LAUNCHING",
        NotificationMetadata: '{"cluster":"demo"}',
        Origin: "EC2",
        Destination: "AutoScalingGroup",
      },
    },
  ]);
});

test("CONTINUE by token puts the instance in service", async () => {
  const { aws, clock, members, token } = await waiting();

  await aws("CompleteLifecycleAction", { ...action, LifecycleActionToken: token(), LifecycleActionResult: "CONTINUE" });
  expect(await members()).toEqual(["i-1 Pending:Proceed"]);
  await clock.advance(100);

  expect(await members()).toEqual(["i-1 InService"]);
});

test("completing twice is a ValidationError that names the token or the instance", async () => {
  const { aws, token } = await waiting();
  const request = { ...action, LifecycleActionToken: token(), LifecycleActionResult: "CONTINUE" };
  await aws("CompleteLifecycleAction", request);

  await expect(aws("CompleteLifecycleAction", request)).rejects.toMatchObject({
    code: "ValidationError",
    message: `No active Lifecycle Action found with token ${request.LifecycleActionToken}`,
  });
  await expect(
    aws("CompleteLifecycleAction", { ...action, InstanceId: "i-1", LifecycleActionResult: "CONTINUE" }),
  ).rejects.toThrow("No active Lifecycle Action found with instance ID i-1");
});

test("a hook that nobody completes is abandoned when its heartbeat runs out, and another instance is launched", async () => {
  const { clock, ec2, members, activities, token, eventsOf } = await waiting();
  const reason = `Instance failed to complete user's Lifecycle Action: Lifecycle Action with token ${token()} was abandoned: Lifecycle Action Completed with ABANDON Result`;

  await clock.advance(59_000);
  expect(await members()).toEqual(["i-1 Pending:Wait"]);
  await clock.advance(1_500);

  expect(await members()).toEqual(["i-1 Terminating", "i-2 Pending"]);
  expect(ec2.instances.get("i-1")?.state).toBe("shutting-down");
  expect((await activities()).find(({ StatusCode }) => StatusCode === "Cancelled")?.StatusMessage).toBe(reason);
  expect(eventsOf("EC2 Instance Launch Unsuccessful")).toMatchObject([{ detail: { EC2InstanceId: "i-1" } }]);
});

test("a heartbeat gives the hook its whole time again", async () => {
  const { aws, clock, members } = await waiting();

  await clock.advance(50_000);
  await aws("RecordLifecycleActionHeartbeat", { ...action, InstanceId: "i-1" });
  await clock.advance(50_000);

  expect(await members()).toEqual(["i-1 Pending:Wait"]);
});

test("an instance that dies while its hook waits is replaced", async () => {
  const { clock, ec2, members, activities } = await waiting();

  ec2.setState("i-1", "terminated");
  await clock.advance(1_000);

  expect(await members()).toEqual(["i-2 Pending"]);
  expect((await activities()).find(({ StatusCode }) => StatusCode === "Cancelled")?.StatusMessage).toContain(
    "Instance became unhealthy while waiting for instance to be in InService state.",
  );
});

test("a terminating hook holds the instance in Terminating:Wait, and ABANDON ends it all the same", async () => {
  const { aws, clock, ec2, members, eventsOf } = await waiting();
  await aws("CompleteLifecycleAction", { ...action, InstanceId: "i-1", LifecycleActionResult: "CONTINUE" });
  await clock.advance(100);
  await aws("PutLifecycleHook", {
    AutoScalingGroupName: "g",
    LifecycleHookName: "drain",
    LifecycleTransition: "autoscaling:EC2_INSTANCE_TERMINATING",
  });

  const { Activity } = await aws("TerminateInstanceInAutoScalingGroup", {
    InstanceId: "i-1",
    ShouldDecrementDesiredCapacity: false,
  });
  await clock.advance(1);

  expect(Activity?.Description).toBe("Terminating EC2 instance: i-1");
  expect(await members()).toEqual(["i-1 Terminating:Wait", "i-2 Pending"]);
  expect(eventsOf("EC2 Instance-terminate Lifecycle Action")[0]?.detail).not.toHaveProperty("NotificationMetadata");
  await aws("CompleteLifecycleAction", {
    AutoScalingGroupName: "g",
    LifecycleHookName: "drain",
    InstanceId: "i-1",
    LifecycleActionResult: "ABANDON",
  });
  await clock.advance(1);
  ec2.setState("i-1", "terminated");
  await clock.advance(1);
  expect(await members()).toEqual(["i-2 Pending"]);
});

test("deleting a hook abandons the launch that waits for it", async () => {
  const { aws, clock, members } = await waiting();

  await aws("DeleteLifecycleHook", action);
  await clock.advance(500);

  expect(await members()).toEqual(["i-1 Terminating", "i-2 Pending"]);
});

test("a heartbeat below 30 seconds is refused", async () => {
  const { aws } = await waiting();

  await expect(aws("PutLifecycleHook", { ...action, HeartbeatTimeout: 10 })).rejects.toMatchObject({
    code: "ValidationError",
  });
});
