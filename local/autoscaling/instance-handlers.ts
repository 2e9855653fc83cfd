import type * as autoscaling from "@aws-sdk/client-auto-scaling";
import { paginate, required } from "../context/input.ts";
import { AwsError, type Handlers } from "../wire/contract.ts";
import { causeNow, endActivity, startActivity } from "./activities.ts";
import { attachInstances } from "./attach.ts";
import type { Engine } from "./engine.ts";
import { inGracePeriod, markUnhealthy } from "./health.ts";
import { getGroup, getMember, getMemberOf, validationError } from "./lookup.ts";
import { type Activity, type Group, isPending, isTerminating, type Member } from "./model.ts";
import { beginTermination } from "./terminate.ts";
import { viewActivity, viewInstanceDetails } from "./views.ts";

export function instanceHandlers(engine: Engine): Handlers<typeof autoscaling> {
  return { ...healthHandlers(engine), ...membershipHandlers(engine) };
}

function healthHandlers(engine: Engine): Handlers<typeof autoscaling> {
  const groupOf = (input: { AutoScalingGroupName: string | undefined }) =>
    getGroup(engine.state, required(input.AutoScalingGroupName, "AutoScalingGroupName"));
  return {
    DescribeAutoScalingInstances: (input) => {
      const ids = input.InstanceIds ?? [];
      const details = Object.values(engine.state.groups).flatMap((group) =>
        group.members
          .filter(({ instanceId }) => ids.length === 0 || ids.includes(instanceId))
          .map((member) => viewInstanceDetails(group, member)),
      );
      const page = paginate(details, {
        limit: input.MaxRecords ?? 50,
        token: input.NextToken,
        tokenError: "InvalidNextToken",
      });
      return { AutoScalingInstances: page.items, NextToken: page.nextToken };
    },
    TerminateInstanceInAutoScalingGroup: (input) => {
      const { group, member } = getMember(engine.state, required(input.InstanceId, "InstanceId"));
      const shrink = required(input.ShouldDecrementDesiredCapacity, "ShouldDecrementDesiredCapacity");
      return { Activity: viewActivity(engine, terminateOnRequest(engine, group, member, shrink)) };
    },
    SetInstanceHealth: (input) => {
      const { group, member } = getMember(engine.state, required(input.InstanceId, "InstanceId"));
      const status = required(input.HealthStatus, "HealthStatus");
      if (status !== "Healthy" && status !== "Unhealthy") {
        throw validationError(`Valid instance health states are: [Healthy, Unhealthy]. Found: ${status}`);
      }
      const spared = input.ShouldRespectGracePeriod !== false && inGracePeriod(engine, group, member);
      if (status === "Healthy") member.health = "Healthy";
      else if (!spared) markUnhealthy(member, "a user health-check");
      engine.wake(group);
      return {};
    },
    SetInstanceProtection: (input) => {
      const group = groupOf(input);
      for (const id of input.InstanceIds ?? []) {
        const member = getMemberOf(group, id);
        if (member.state !== "InService" && member.state !== "Standby") {
          throw validationError(`The instance ${id} is not in InService or EnteringStandby or Standby.`);
        }
        member.protectedFromScaleIn = required(input.ProtectedFromScaleIn, "ProtectedFromScaleIn");
      }
      return {};
    },
  };
}

/** Who belongs to a group, and who stands by. */
function membershipHandlers(engine: Engine): Handlers<typeof autoscaling> {
  const groupOf = (input: { AutoScalingGroupName: string | undefined }) =>
    getGroup(engine.state, required(input.AutoScalingGroupName, "AutoScalingGroupName"));
  return {
    AttachInstances: async (input) => {
      await attachInstances(engine, groupOf(input), input.InstanceIds ?? []);
      return {};
    },
    DetachInstances: (input) => {
      const group = groupOf(input);
      const members = inServiceMembers(group, input.InstanceIds ?? []);
      decrement(group, members.length, input.ShouldDecrementDesiredCapacity);
      group.members = group.members.filter((member) => !members.includes(member));
      return { Activities: members.map((member) => moved(engine, group, member, "Detaching EC2 instance")) };
    },
    EnterStandby: (input) => {
      const group = groupOf(input);
      const members = inServiceMembers(group, input.InstanceIds ?? []);
      decrement(group, members.length, input.ShouldDecrementDesiredCapacity);
      for (const member of members) member.state = "Standby";
      return { Activities: members.map((member) => moved(engine, group, member, "Moving EC2 instance to Standby")) };
    },
    ExitStandby: (input) => {
      const group = groupOf(input);
      const members = (input.InstanceIds ?? []).map((id) => getMemberOf(group, id));
      const stranger = members.find((member) => member.state !== "Standby");
      if (stranger) throw validationError(`The instance ${stranger.instanceId} is not in Standby.`);
      if (group.desired + members.length > group.maxSize) {
        throw validationError("AutoScalingGroup desired capacity would exceed its maximum size.");
      }
      group.desired += members.length;
      for (const member of members) member.state = "InService";
      return {
        Activities: members.map((member) => moved(engine, group, member, "Moving EC2 instance out of Standby")),
      };
    },
  };
}

function terminateOnRequest(engine: Engine, group: Group, member: Member, shrink: boolean): Activity {
  if (isTerminating(member)) {
    throw new AwsError(
      "ScalingActivityInProgressFault",
      `Activity ${member.activityId} is in progress for instance ${member.instanceId}.`,
    );
  }
  if (shrink && group.desired <= group.minSize) {
    throw validationError(
      `Currently, desiredSize equals minSize (${group.minSize}). Terminating instance without replacement will violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's min size.`,
    );
  }
  if (shrink) group.desired -= 1;
  if (isPending(member))
    endActivity(engine, member.activityId, "Cancelled", "The instance was terminated by a user request.");
  const suffix = shrink ? `, shrinking the capacity from ${group.desired + 1} to ${group.desired}` : "";
  return beginTermination(engine, group, member, {
    cause: causeNow(
      engine,
      `instance ${member.instanceId} was taken out of service in response to a user request${suffix}.`,
    ),
  });
}

function inServiceMembers(group: Group, ids: readonly string[]): Member[] {
  const members = ids.map((id) => getMemberOf(group, id));
  const stranger = members.find((member) => member.state !== "InService");
  if (stranger) throw validationError(`The instance ${stranger.instanceId} is not in InService.`);
  return members;
}

function decrement(group: Group, by: number, wanted: boolean | undefined): void {
  if (!required(wanted, "ShouldDecrementDesiredCapacity")) return;
  if (group.desired - by < group.minSize) {
    throw validationError(`AutoScalingGroup desired capacity must not fall below its minimum size (${group.minSize}).`);
  }
  group.desired -= by;
}

/**
 * Records a move that Auto Scaling makes at once, takes the instance out of its target groups or back, and looks again.
 */
function moved(engine: Engine, group: Group, member: Member, description: string): autoscaling.Activity {
  const activity = startActivity(engine, group, {
    kind: "other",
    description: `${description}: ${member.instanceId}`,
    cause: causeNow(engine, `instance ${member.instanceId} was moved in response to a user request.`),
    instanceId: member.instanceId,
    details: { "Subnet ID": member.subnetId, "Availability Zone": member.zone },
  });
  endActivity(engine, activity.id, "Successful");
  for (const arn of group.targetGroupArns) {
    if (member.state === "InService" && group.members.includes(member))
      engine.targets?.registerInstance(arn, member.instanceId);
    else engine.targets?.deregisterInstance(arn, member.instanceId);
  }
  engine.wake(group);
  return viewActivity(engine, activity);
}
