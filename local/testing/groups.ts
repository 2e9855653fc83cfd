import { createAutoScaling } from "../autoscaling/autoscaling.ts";
import type { AutoScalingState } from "../autoscaling/model.ts";
import { FakeEc2 } from "./fake-ec2.ts";
import { client, recordingContext } from "./service-context.ts";
import { VirtualClock } from "./virtual-clock.ts";

/** Auto Scaling over an EC2 whose instances the test moves by hand. */
export function createStage(
  restored?: AutoScalingState,
  ec2 = new FakeEc2(),
  clock = new VirtualClock(),
  timings = {},
) {
  const context = recordingContext(clock);
  // A health check that is quicker than the local cloud's own keeps these tests short.
  const autoscaling = createAutoScaling(context, { ec2, timings: { detection: 200, ...timings } }, restored);
  const aws = client(autoscaling.handlers);
  const members = async (name = "g") => {
    const { AutoScalingGroups } = await aws("DescribeAutoScalingGroups", { AutoScalingGroupNames: [name] });
    return (AutoScalingGroups?.[0]?.Instances ?? []).map((each) => `${each.InstanceId} ${each.LifecycleState}`);
  };
  const eventsOf = (type: string) => context.events.filter(({ detailType }) => detailType === type);
  /** The token of the newest lifecycle action. */
  const token = () =>
    String(context.events.findLast(({ detail }) => detail["LifecycleActionToken"])?.detail["LifecycleActionToken"]);
  const activities = async () =>
    (await aws("DescribeScalingActivities", { AutoScalingGroupName: "g" })).Activities ?? [];
  return { clock, context, ec2, autoscaling, aws, members, eventsOf, token, activities };
}

export const launchHook = {
  LifecycleHookName: "ready",
  LifecycleTransition: "autoscaling:EC2_INSTANCE_LAUNCHING",
  HeartbeatTimeout: 60,
  NotificationMetadata: '{"cluster":"demo"}',
};

export const oneInstance = {
  AutoScalingGroupName: "g",
  MinSize: 1,
  MaxSize: 1,
  LaunchTemplate: { LaunchTemplateId: "lt-plain", Version: "1" },
  AvailabilityZones: ["us-west-2a"],
};
