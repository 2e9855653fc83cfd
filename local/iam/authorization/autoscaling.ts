import type * as autoscaling from "@aws-sdk/client-auto-scaling";
import { arnIn, type CloudState } from "./cloud-state.ts";
import {
  type ConditionKeys,
  type Demand,
  type Demands,
  demand,
  type Mapping,
  mappingOf,
  requestTags,
  resourceTags,
} from "./demand.ts";
import { launchDemands } from "./ec2-launch.ts";
import { serviceLinkedRole } from "./service-linked-roles.ts";

type GroupInput = autoscaling.CreateAutoScalingGroupType | autoscaling.UpdateAutoScalingGroupType;

/** "Actions, resources, and condition keys for Amazon EC2 Auto Scaling". */
export function autoScalingMapping(cloud: CloudState): Mapping {
  const act = (action: string, name: string | undefined, keys: ConditionKeys = {}): Demand[] => [
    demand(`autoscaling:${action}`, groupArn(cloud, name), { ...groupTags(cloud, name), ...keys }),
  ];
  const onTagged = (action: string, tags: readonly autoscaling.Tag[] | undefined): Demand[] => {
    const names = [...new Set((tags ?? []).map(({ ResourceId }) => ResourceId))];
    return names.flatMap((name) =>
      act(action, name, requestTags((tags ?? []).filter(({ ResourceId }) => ResourceId === name))),
    );
  };
  const demands: Demands<typeof autoscaling> = {
    CreateAutoScalingGroup: (input) => [
      ...serviceLinkedRole(cloud, "autoscaling.amazonaws.com"),
      ...create(cloud, input),
      ...templateDemands(cloud, input),
    ],
    UpdateAutoScalingGroup: (input) => [
      ...act("UpdateAutoScalingGroup", input.AutoScalingGroupName, sizes(input)),
      ...templateDemands(cloud, input),
    ],
    DeleteAutoScalingGroup: (input) => act("DeleteAutoScalingGroup", input.AutoScalingGroupName),
    SetDesiredCapacity: (input) => act("SetDesiredCapacity", input.AutoScalingGroupName),
    CompleteLifecycleAction: (input) => act("CompleteLifecycleAction", input.AutoScalingGroupName),
    RecordLifecycleActionHeartbeat: (input) => act("RecordLifecycleActionHeartbeat", input.AutoScalingGroupName),
    PutLifecycleHook: (input) => act("PutLifecycleHook", input.AutoScalingGroupName),
    DeleteLifecycleHook: (input) => act("DeleteLifecycleHook", input.AutoScalingGroupName),
    SuspendProcesses: (input) => act("SuspendProcesses", input.AutoScalingGroupName),
    ResumeProcesses: (input) => act("ResumeProcesses", input.AutoScalingGroupName),
    AttachInstances: (input) => act("AttachInstances", input.AutoScalingGroupName),
    DetachInstances: (input) => act("DetachInstances", input.AutoScalingGroupName),
    EnterStandby: (input) => act("EnterStandby", input.AutoScalingGroupName),
    ExitStandby: (input) => act("ExitStandby", input.AutoScalingGroupName),
    SetInstanceProtection: (input) => act("SetInstanceProtection", input.AutoScalingGroupName),
    SetInstanceHealth: (input) => act("SetInstanceHealth", groupOf(cloud, input.InstanceId)),
    TerminateInstanceInAutoScalingGroup: (input) =>
      act("TerminateInstanceInAutoScalingGroup", groupOf(cloud, input.InstanceId)),
    CreateOrUpdateTags: (input) => onTagged("CreateOrUpdateTags", input.Tags),
    DeleteTags: (input) => onTagged("DeleteTags", input.Tags),
  };
  return mappingOf("autoscaling", demands, /^Describe/);
}

/**
 * A new group is checked with the tags of the request; those are what it will have, so `aws:ResourceTag` has them
 * too. Tags of the request need no permission of their own: they are condition keys of CreateAutoScalingGroup.
 */
function create(cloud: CloudState, input: autoscaling.CreateAutoScalingGroupType): Demand[] {
  const name = input.AutoScalingGroupName;
  const tags = Object.fromEntries((input.Tags ?? []).map(({ Key = "", Value = "" }) => [Key, Value]));
  const keys = { ...requestTags(input.Tags), ...resourceTags(tags, "autoscaling:ResourceTag"), ...sizes(input) };
  return [demand("autoscaling:CreateAutoScalingGroup", groupArn(cloud, name), keys)];
}

function sizes(input: GroupInput): ConditionKeys {
  return {
    ...(input.MinSize !== undefined && { "autoscaling:MinSize": input.MinSize }),
    ...(input.MaxSize !== undefined && { "autoscaling:MaxSize": input.MaxSize }),
    ...(input.LaunchTemplate && {
      "autoscaling:LaunchTemplateVersionSpecified": !["$Default", "$Latest", undefined].includes(
        input.LaunchTemplate.Version,
      ),
    }),
  };
}

/**
 * "An IAM identity that creates or updates a group using a launch template must have permission to use
 * ec2:RunInstances", and whatever else the launch of its instances would be checked for (Auto Scaling user guide,
 * "Control Amazon EC2 launch template usage in Auto Scaling groups").
 */
function templateDemands(cloud: CloudState, { LaunchTemplate, VPCZoneIdentifier = "" }: GroupInput): Demand[] {
  if (!LaunchTemplate || !exists(cloud, LaunchTemplate)) return [];
  const once = { MinCount: 1, MaxCount: 1, LaunchTemplate };
  const subnets = VPCZoneIdentifier.split(",").filter(Boolean);
  const launches = subnets.length === 0 ? [once] : subnets.map((SubnetId) => ({ ...once, SubnetId }));
  const all = launches.flatMap((launch) => launchDemands(cloud, launch));
  return [...new Map(all.map((each) => [JSON.stringify(each), each])).values()];
}

/** One that does not exist is Auto Scaling's to refuse. */
function exists(cloud: CloudState, template: autoscaling.LaunchTemplateSpecification): boolean {
  return cloud.ec2.launchTemplates
    .list()
    .some(({ id, name }) => id === template.LaunchTemplateId || name === template.LaunchTemplateName);
}

/** Of a group that does not exist the uuid in the ARN is open. */
function groupArn(cloud: CloudState, name = ""): string {
  const found = cloud.autoScaling().groups[name];
  return found?.arn ?? arnIn(cloud, "autoscaling", `autoScalingGroup:*:autoScalingGroupName/${name}`);
}

function groupTags(cloud: CloudState, name = ""): ConditionKeys {
  const tags = cloud.autoScaling().groups[name]?.tags ?? [];
  return resourceTags(Object.fromEntries(tags.map(({ key, value }) => [key, value])), "autoscaling:ResourceTag");
}

function groupOf(cloud: CloudState, instanceId: string | undefined): string | undefined {
  const groups = Object.values(cloud.autoScaling().groups);
  return groups.find(({ members }) => members.some((member) => member.instanceId === instanceId))?.name;
}
