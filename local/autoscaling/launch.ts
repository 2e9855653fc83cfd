import { randomUUID } from "node:crypto";
import type { RunInstancesCommandInput } from "@aws-sdk/client-ec2";
import { advanceActivity, causeNow, endActivity, startActivity } from "./activities.ts";
import type { Engine } from "./engine.ts";
import { beginActions } from "./hooks.ts";
import { launchTemplateInterfaces } from "./launch-template.ts";
import type { Activity, Group, Member } from "./model.ts";
import { choosePlacement, type Placement } from "./placement.ts";
import { beginTermination } from "./terminate.ts";

/** Starts one instance. Returns at once; the call to EC2 and all that follows happens later and wakes the group. */
export function launchOne(engine: Engine, group: Group, cause: string): void {
  const underWay = engine.launching.get(group.name) ?? [];
  const placement = choosePlacement(group, underWay);
  const activity = startActivity(engine, group, {
    kind: "launch",
    description: "Launching a new EC2 instance",
    cause,
    instanceId: "",
    details: {
      ...(placement.subnetId === undefined ? {} : { "Subnet ID": placement.subnetId }),
      "Availability Zone": placement.zone,
    },
  });
  engine.launching.set(group.name, [...underWay, placement]);
  void runInstance(engine, group, placement, activity).finally(() => {
    const others = (engine.launching.get(group.name) ?? []).filter((other) => other !== placement);
    engine.launching.set(group.name, others);
    engine.wake(group);
  });
}

async function runInstance(engine: Engine, group: Group, placement: Placement, activity: Activity): Promise<void> {
  try {
    if (engine.timings.reaction > 0) await engine.context.clock.sleep(engine.timings.reaction);
    const answer = await engine.ec2("RunInstances", await runRequest(engine, group, placement));
    const instance = answer.Instances?.[0];
    if (!instance?.InstanceId) throw new Error("EC2 did not return an instance.");
    const now = engine.context.clock.now();
    const member: Member = {
      instanceId: instance.InstanceId,
      instanceType: instance.InstanceType ?? "",
      zone: instance.Placement?.AvailabilityZone ?? placement.zone,
      subnetId: instance.SubnetId ?? placement.subnetId ?? "",
      imageId: instance.ImageId ?? "",
      launchTemplate: group.launchTemplate,
      launchedAt: now,
      state: "Pending",
      health: "Healthy",
      unhealthyCause: "",
      protectedFromScaleIn: group.protectNewInstances,
      ec2State: instance.State?.Name ?? "pending",
      ec2StateSince: now,
      dueAt: now,
      activityId: activity.id,
      actions: [],
      terminateSent: false,
    };
    group.members.push(member);
    activity.instanceId = member.instanceId;
    activity.description = `Launching a new EC2 instance: ${member.instanceId}`;
    activity.details = { "Subnet ID": member.subnetId, "Availability Zone": member.zone };
    advanceActivity(engine, activity.id, "PreInService", 30);
    // The group may have been deleted by force while EC2 answered.
    if (group.deleting)
      beginTermination(engine, group, member, {
        cause: causeNow(engine, "a user request deleted the AutoScalingGroup."),
        hooks: false,
      });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    endActivity(engine, activity.id, "Failed", `${message.replace(/\.?$/, ".")} Launching EC2 instance failed.`);
    delayNextLaunch(engine, group);
  }
}

async function runRequest(engine: Engine, group: Group, placement: Placement): Promise<RunInstancesCommandInput> {
  const interfaces =
    placement.subnetId === undefined ? [] : await launchTemplateInterfaces(engine, group.launchTemplate);
  // A template's interfaces and a call's SubnetId exclude each other; Auto Scaling puts its subnet into the first
  // interface.
  const network =
    placement.subnetId === undefined
      ? {}
      : interfaces.length > 0
        ? {
            NetworkInterfaces: interfaces.map((each, index) =>
              index === 0 ? { ...each, SubnetId: placement.subnetId } : each,
            ),
          }
        : { SubnetId: placement.subnetId };
  const propagated = group.tags
    .filter(({ propagate }) => propagate)
    .map(({ key, value }) => ({ Key: key, Value: value }));
  return {
    MinCount: 1,
    MaxCount: 1,
    ClientToken: randomUUID(),
    LaunchTemplate: { LaunchTemplateId: group.launchTemplate.id, Version: group.launchTemplate.version },
    ...network,
    ...(placement.subnetId === undefined ? { Placement: { AvailabilityZone: placement.zone } } : {}),
    TagSpecifications: [
      {
        ResourceType: "instance",
        Tags: [...propagated, { Key: "aws:autoscaling:groupName", Value: group.name }],
      },
    ],
  };
}

/** Failed and abandoned launches slow the next ones down, so that a group that cannot succeed does not spin. */
export function delayNextLaunch(engine: Engine, group: Group): void {
  const wait = Math.min(engine.timings.firstRetry * 2 ** group.failedLaunches, engine.timings.maxRetry);
  group.failedLaunches += 1;
  group.retryAt = engine.context.clock.now() + wait;
}

/** One step of a launching member that no hook holds. */
export function stepLaunch(engine: Engine, group: Group, member: Member): void {
  const now = engine.context.clock.now();
  if (member.state === "Pending" && member.ec2State === "running") {
    if (beginActions(engine, group, member, "autoscaling:EC2_INSTANCE_LAUNCHING")) {
      member.state = "Pending:Wait";
      advanceActivity(engine, member.activityId, "MidLifecycleAction", 60);
    } else {
      proceedLaunch(engine, group, member);
    }
  } else if (member.state === "Pending:Proceed" && member.dueAt <= now) {
    member.state = "InService";
    member.inServiceSince = now;
    group.failedLaunches = 0;
    for (const arn of group.targetGroupArns) engine.targets?.registerInstance(arn, member.instanceId);
    endActivity(engine, member.activityId, "Successful");
  }
}

export function proceedLaunch(engine: Engine, group: Group, member: Member): void {
  member.actions = [];
  member.state = "Pending:Proceed";
  member.dueAt = engine.context.clock.now() + engine.timings.proceed;
  engine.wake(group);
}

/**
 * A launch that will not come into service: its activity is `Cancelled`, and the instance is ended without ceremony.
 */
export function cancelLaunch(engine: Engine, group: Group, member: Member, reason: string): void {
  endActivity(engine, member.activityId, "Cancelled", reason);
  delayNextLaunch(engine, group);
  beginTermination(engine, group, member, {
    cause: causeNow(engine, "an instance was taken out of service in response to a failed launch."),
    hooks: false,
  });
}

export function capacityCause(engine: Engine, group: Group, from: number, to: number): string {
  const verb = to > from ? "an instance was started" : "an instance was taken out of service";
  const change = to > from ? "increasing" : "shrinking";
  const difference = "in response to a difference between desired and actual capacity";
  const cause = causeNow(engine, `${verb} ${difference}, ${change} the capacity from ${from} to ${to}.`);
  return group.capacityCause ? `${group.capacityCause}  ${cause}` : cause;
}
