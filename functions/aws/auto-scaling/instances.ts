import {
  type AutoScalingClient,
  CompleteLifecycleActionCommand,
  DescribeLifecycleHooksCommand,
  DescribeScalingActivitiesCommand,
  SetInstanceHealthCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
import { LAUNCH_HOOK } from "../../domain/cluster/naming.ts";
import type { Owned } from "../../domain/ownership/ownership.ts";
import { call, ignoring } from "../common/aws-errors.ts";

/** Names of the group's terminate hooks: masters are made without, so each was left by a user. */
export async function listTerminateHooks(autoScaling: AutoScalingClient, group: string): Promise<string[]> {
  const { LifecycleHooks = [] } = await call(
    autoScaling.send(new DescribeLifecycleHooksCommand({ AutoScalingGroupName: group })),
  );
  return LifecycleHooks.filter(
    ({ LifecycleTransition }) => LifecycleTransition === "autoscaling:EC2_INSTANCE_TERMINATING",
  ).map(({ LifecycleHookName = "" }) => LifecycleHookName);
}

/** Whether a master's group holds new instances until their member is healthy. */
export async function hasLaunchHook(autoScaling: AutoScalingClient, AutoScalingGroupName: string): Promise<boolean> {
  const request = new DescribeLifecycleHooksCommand({ AutoScalingGroupName, LifecycleHookNames: [LAUNCH_HOOK] });
  // A group that is gone is a ValidationError, and has none.
  const answer = await ignoring(["ValidationError"], autoScaling.send(request));
  return (answer?.LifecycleHooks ?? []).length > 0;
}

/** Why the group's latest launch failed, in AWS's words, and when it began; undefined if it did not fail. */
export async function lastLaunchFailure(
  autoScaling: AutoScalingClient,
  group: string,
): Promise<{ message: string; begunAt: number } | undefined> {
  const { Activities = [] } = await call(
    autoScaling.send(new DescribeScalingActivitiesCommand({ AutoScalingGroupName: group, MaxRecords: 1 })),
  );
  const latest = Activities[0];
  if (latest?.StatusCode !== "Failed") return undefined;
  return { message: latest.StatusMessage ?? "", begunAt: latest.StartTime?.getTime() ?? 0 };
}

/** Lets a launching instance into service; false when its hook does not hold it: not yet, or no longer. */
export function completeLaunch(autoScaling: AutoScalingClient, group: string, instanceId: string): Promise<boolean> {
  return completeHook(autoScaling, group, LAUNCH_HOOK, instanceId);
}

/** Lets an instance continue that a hook holds; false when that hook does not hold it: not yet, or no longer. */
export function completeHook(
  autoScaling: AutoScalingClient,
  group: string,
  hook: string,
  instanceId: string,
): Promise<boolean> {
  return concludeHook(autoScaling, group, hook, instanceId, "CONTINUE");
}

/** Gives a launching instance up: its group ends it and launches another. False when its hook does not hold it. */
export function abandonLaunch(
  autoScaling: AutoScalingClient,
  group: string,
  instance: Owned<"instance">,
): Promise<boolean> {
  return concludeHook(autoScaling, group, LAUNCH_HOOK, instance.id, "ABANDON");
}

async function concludeHook(
  autoScaling: AutoScalingClient,
  group: string,
  hook: string,
  InstanceId: string,
  result: "CONTINUE" | "ABANDON",
): Promise<boolean> {
  const accepted = await ignoring(
    ["ValidationError"],
    autoScaling.send(
      new CompleteLifecycleActionCommand({
        AutoScalingGroupName: group,
        LifecycleHookName: hook,
        InstanceId,
        LifecycleActionResult: result,
      }),
    ),
  );
  return accepted !== undefined;
}

/**
 * Ends an instance so that its group puts another in its place. Polite: the group knows at once, where a plain
 * termination waits for its health check (docs/references/aws.md#asg-replacement). An instance that is gone, or going,
 * is done.
 */
export async function replaceInstance(autoScaling: AutoScalingClient, { id }: Owned<"instance">): Promise<void> {
  await ignoring(
    ["ValidationError", "ScalingActivityInProgress", "ScalingActivityInProgressFault"],
    autoScaling.send(
      new TerminateInstanceInAutoScalingGroupCommand({
        InstanceId: id,
        ShouldDecrementDesiredCapacity: false,
      }),
    ),
  );
}

/**
 * Reports to a group that an instance of its own has ended; its own health check would find that minutes later. Only
 * for what EC2 calls terminated: of that nothing can be lost. False if the group does not have it any more.
 */
export async function reportEnded(autoScaling: AutoScalingClient, InstanceId: string): Promise<boolean> {
  const taken = await ignoring(
    ["ValidationError"],
    autoScaling.send(
      new SetInstanceHealthCommand({ InstanceId, HealthStatus: "Unhealthy", ShouldRespectGracePeriod: false }),
    ),
  );
  return taken !== undefined;
}
