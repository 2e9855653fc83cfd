import type {
  Activity as ActivityView,
  AutoScalingGroup,
  AutoScalingInstanceDetails,
  LifecycleHook as HookView,
  Instance,
  LaunchTemplateSpecification,
  TagDescription,
} from "@aws-sdk/client-auto-scaling";
import type { Engine } from "./engine.ts";
import { serviceLinkedRoleArn } from "./engine.ts";
import { globalTimeout } from "./hooks.ts";
import type { Activity, Group, GroupTag, LaunchTemplateReference, LifecycleHook, Member } from "./model.ts";

export function viewGroup(engine: Engine, group: Group, includeInstances: boolean): AutoScalingGroup {
  return {
    AutoScalingGroupName: group.name,
    AutoScalingGroupARN: group.arn,
    LaunchTemplate: viewTemplate(group.launchTemplate),
    MinSize: group.minSize,
    MaxSize: group.maxSize,
    DesiredCapacity: group.desired,
    DefaultCooldown: group.defaultCooldown,
    AvailabilityZones: [...new Set(group.zones)],
    LoadBalancerNames: [],
    TargetGroupARNs: group.targetGroupArns,
    HealthCheckType: group.healthCheckType,
    HealthCheckGracePeriod: group.healthCheckGracePeriod,
    Instances: includeInstances ? group.members.map(viewInstance) : [],
    CreatedTime: new Date(group.createdAt),
    SuspendedProcesses: group.suspended.map(({ name, reason }) => ({ ProcessName: name, SuspensionReason: reason })),
    VPCZoneIdentifier: group.subnets.join(","),
    Status: group.deleting ? "Delete in progress" : undefined,
    EnabledMetrics: [],
    Tags: group.tags.map((tag) => viewTag(group, tag)),
    TerminationPolicies: group.terminationPolicies,
    NewInstancesProtectedFromScaleIn: group.protectNewInstances,
    ServiceLinkedRoleARN: serviceLinkedRoleArn(engine.context.accountId),
    DefaultInstanceWarmup: group.defaultInstanceWarmup,
    CapacityRebalance: group.capacityRebalance,
    InstanceMaintenancePolicy: group.maintenancePolicy,
  };
}

export function viewTag(group: Group, tag: GroupTag): TagDescription {
  return {
    ResourceId: group.name,
    ResourceType: "auto-scaling-group",
    Key: tag.key,
    Value: tag.value,
    PropagateAtLaunch: tag.propagate,
  };
}

function viewTemplate(template: LaunchTemplateReference): LaunchTemplateSpecification {
  return { LaunchTemplateId: template.id, LaunchTemplateName: template.name, Version: template.version };
}

function viewInstance(member: Member): Instance {
  return {
    InstanceId: member.instanceId,
    InstanceType: member.instanceType,
    AvailabilityZone: member.zone,
    LifecycleState: member.state,
    HealthStatus: member.health,
    LaunchTemplate: viewTemplate(member.launchTemplate),
    ImageId: member.imageId,
    ProtectedFromScaleIn: member.protectedFromScaleIn,
  };
}

/** DescribeAutoScalingInstances spells the health in capitals, unlike DescribeAutoScalingGroups. */
export function viewInstanceDetails(group: Group, member: Member): AutoScalingInstanceDetails {
  return {
    ...viewInstance(member),
    AutoScalingGroupName: group.name,
    LifecycleState: member.state,
    HealthStatus: member.health.toUpperCase(),
  };
}

export function viewHook(group: Group, hook: LifecycleHook): HookView {
  return {
    LifecycleHookName: hook.name,
    AutoScalingGroupName: group.name,
    LifecycleTransition: hook.transition,
    HeartbeatTimeout: hook.heartbeatTimeout,
    GlobalTimeout: globalTimeout(hook),
    DefaultResult: hook.defaultResult,
    NotificationMetadata: hook.metadata,
    NotificationTargetARN: hook.notificationTarget,
    RoleARN: hook.role,
  };
}

export function viewActivity(engine: Engine, activity: Activity): ActivityView {
  const living = engine.state.groups[activity.groupName]?.arn === activity.groupArn;
  return {
    ActivityId: activity.id,
    AutoScalingGroupName: activity.groupName,
    AutoScalingGroupARN: activity.groupArn,
    AutoScalingGroupState: living ? undefined : "Deleted",
    Description: activity.description,
    Cause: activity.cause,
    StartTime: new Date(activity.startedAt),
    EndTime: activity.endedAt === undefined ? undefined : new Date(activity.endedAt),
    StatusCode: activity.status,
    StatusMessage: activity.message || undefined,
    Progress: activity.progress,
    Details: JSON.stringify(activity.details),
  };
}
