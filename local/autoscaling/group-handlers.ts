import { randomUUID } from "node:crypto";
import type * as autoscaling from "@aws-sdk/client-auto-scaling";
import { paginate, required } from "../context/input.ts";
import { AwsError, type Handlers } from "../wire/contract.ts";
import { causeNow } from "./activities.ts";
import type { Engine } from "./engine.ts";
import {
  checkSizes,
  checkTargetGroups,
  refuseWhatIsNotEmulated,
  resolvePlacement,
  resolveTemplate,
  toGroupTags,
} from "./group-settings.ts";
import { toHook } from "./hook-handlers.ts";
import { getGroup, validationError } from "./lookup.ts";
import { type Group, isTerminating } from "./model.ts";
import { beginTermination } from "./terminate.ts";
import { viewGroup } from "./views.ts";

export function groupHandlers(engine: Engine): Handlers<typeof autoscaling> {
  return {
    CreateAutoScalingGroup: async (input) => {
      await createGroup(engine, input);
      return {};
    },
    UpdateAutoScalingGroup: async (input) => {
      await updateGroup(engine, input);
      return {};
    },
    DeleteAutoScalingGroup: (input) => {
      deleteGroup(engine, getGroup(engine.state, required(input.AutoScalingGroupName, "AutoScalingGroupName")), input);
      return {};
    },
    DescribeAutoScalingGroups: (input) => {
      const names = input.AutoScalingGroupNames ?? [];
      const groups = Object.values(engine.state.groups)
        .filter((group) => names.length === 0 || names.includes(group.name))
        .filter((group) => (input.Filters ?? []).every((filter) => matches(group, filter)))
        .toSorted((a, b) => a.name.localeCompare(b.name));
      const limit = input.MaxRecords ?? 50;
      if (limit < 1 || limit > 100) throw validationError("MaxRecords must be between 1 and 100.");
      const page = paginate(groups, { limit, token: input.NextToken, tokenError: "InvalidNextToken" });
      return {
        AutoScalingGroups: page.items.map((group) => viewGroup(engine, group, input.IncludeInstances !== false)),
        NextToken: page.nextToken,
      };
    },
    SetDesiredCapacity: (input) => {
      const group = getGroup(engine.state, required(input.AutoScalingGroupName, "AutoScalingGroupName"));
      const desired = required(input.DesiredCapacity, "DesiredCapacity");
      const refusal = `New SetDesiredCapacity value ${desired} is`;
      if (desired > group.maxSize)
        throw validationError(`${refusal} above max value ${group.maxSize} for the AutoScalingGroup.`);
      if (desired < group.minSize)
        throw validationError(`${refusal} below min value ${group.minSize} for the AutoScalingGroup.`);
      group.capacityCause = causeNow(
        engine,
        `a user request explicitly set group desired capacity changing the desired capacity from ${group.desired} to ${desired}.`,
      );
      group.desired = desired;
      engine.wake(group);
      return {};
    },
  };
}

async function createGroup(engine: Engine, input: autoscaling.CreateAutoScalingGroupType): Promise<void> {
  engine.ensureRole();
  const name = required(input.AutoScalingGroupName, "AutoScalingGroupName");
  refuseDuplicate(engine, name);
  refuseWhatIsNotEmulated(input);
  const minSize = required(input.MinSize, "MinSize");
  const maxSize = required(input.MaxSize, "MaxSize");
  const desired = input.DesiredCapacity ?? minSize;
  checkSizes({ min: minSize, max: maxSize, desired });
  checkTargetGroups(engine, input.TargetGroupARNs ?? []);
  const hooks = (input.LifecycleHookSpecificationList ?? []).map((each) => toHook(each, undefined));
  const placement = await resolvePlacement(engine, input);
  const launchTemplate = await resolveTemplate(engine, input, { ...placement, maxSize });
  // EC2 was asked in between: two requests for one name must not both succeed.
  refuseDuplicate(engine, name);
  if (Object.keys(engine.state.groups).length >= engine.quotas.limit("autoScalingGroups")) {
    throw new AwsError("LimitExceededFault", "The maximum number of Auto Scaling groups has been reached.");
  }
  const { region, accountId, clock } = engine.context;
  const group: Group = {
    name,
    arn: `arn:aws:autoscaling:${region}:${accountId}:autoScalingGroup:${randomUUID()}:autoScalingGroupName/${name}`,
    createdAt: clock.now(),
    minSize,
    maxSize,
    desired,
    launchTemplate,
    ...placement,
    targetGroupArns: input.TargetGroupARNs ?? [],
    healthCheckType: input.HealthCheckType ?? "EC2",
    healthCheckGracePeriod: input.HealthCheckGracePeriod ?? 0,
    defaultCooldown: input.DefaultCooldown ?? 300,
    terminationPolicies: input.TerminationPolicies ?? ["Default"],
    protectNewInstances: input.NewInstancesProtectedFromScaleIn ?? false,
    ...optionalSettings(input),
    tags: toGroupTags(input.Tags),
    hooks,
    suspended: [],
    members: [],
    capacityCause: causeNow(
      engine,
      `a user request created an AutoScalingGroup changing the desired capacity from 0 to ${desired}.`,
    ),
    replacementsOwed: 0,
    failedLaunches: 0,
    retryAt: 0,
    deleting: false,
  };
  engine.state.groups[name] = group;
  engine.wake(group);
}

function refuseDuplicate(engine: Engine, name: string): void {
  if (!engine.state.groups[name]) return;
  throw new AwsError(
    "AlreadyExistsFault",
    `AutoScalingGroup by this name already exists - A group with the name ${name} already exists`,
  );
}

/** What both requests carry and nothing but Describe reads. */
function optionalSettings(input: autoscaling.CreateAutoScalingGroupType | autoscaling.UpdateAutoScalingGroupType) {
  return {
    ...(input.DefaultInstanceWarmup === undefined ? {} : { defaultInstanceWarmup: input.DefaultInstanceWarmup }),
    ...(input.CapacityRebalance === undefined ? {} : { capacityRebalance: input.CapacityRebalance }),
    ...(input.InstanceMaintenancePolicy === undefined ? {} : { maintenancePolicy: input.InstanceMaintenancePolicy }),
  };
}

async function updateGroup(engine: Engine, input: autoscaling.UpdateAutoScalingGroupType): Promise<void> {
  const group = getGroup(engine.state, required(input.AutoScalingGroupName, "AutoScalingGroupName"));
  refuseWhatIsNotEmulated(input);
  const minSize = input.MinSize ?? group.minSize;
  const maxSize = input.MaxSize ?? group.maxSize;
  // Without a wish of its own, the desired capacity follows the new bounds.
  const desired = input.DesiredCapacity ?? Math.min(Math.max(group.desired, minSize), maxSize);
  checkSizes({ min: minSize, max: maxSize, desired });
  const moves = input.VPCZoneIdentifier !== undefined || input.AvailabilityZones !== undefined;
  const placement = moves ? await resolvePlacement(engine, input) : { zones: group.zones, subnets: group.subnets };
  const launchTemplate = input.LaunchTemplate
    ? await resolveTemplate(engine, input, { ...placement, maxSize })
    : group.launchTemplate;
  if (desired !== group.desired) {
    group.capacityCause = causeNow(
      engine,
      `a user request update of AutoScalingGroup constraints to min: ${minSize}, max: ${maxSize}, desired: ${desired} changing the desired capacity from ${group.desired} to ${desired}.`,
    );
  }
  Object.assign(group, { minSize, maxSize, desired, launchTemplate, ...placement, ...optionalSettings(input) });
  group.healthCheckType = input.HealthCheckType ?? group.healthCheckType;
  group.healthCheckGracePeriod = input.HealthCheckGracePeriod ?? group.healthCheckGracePeriod;
  group.defaultCooldown = input.DefaultCooldown ?? group.defaultCooldown;
  group.terminationPolicies = input.TerminationPolicies ?? group.terminationPolicies;
  group.protectNewInstances = input.NewInstancesProtectedFromScaleIn ?? group.protectNewInstances;
  engine.wake(group);
}

function deleteGroup(engine: Engine, group: Group, input: { ForceDelete?: boolean | undefined }): void {
  if (group.members.some((member) => !isTerminating(member)) && !input.ForceDelete) {
    throw new AwsError(
      "ResourceInUseFault",
      "You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) still in the group.",
    );
  }
  const busy = group.members.length > 0 || (engine.launching.get(group.name) ?? []).length > 0;
  if (busy && !input.ForceDelete) {
    throw new AwsError(
      "ScalingActivityInProgressFault",
      "You cannot delete an AutoScalingGroup while there are scaling activities in progress for that group.",
    );
  }
  if (!busy) {
    delete engine.state.groups[group.name];
    return;
  }
  group.deleting = true;
  group.desired = 0;
  const cause = causeNow(engine, "a user request deleted the AutoScalingGroup.");
  for (const member of group.members) {
    member.actions = [];
    if (member.state === "Terminating:Wait") member.state = "Terminating:Proceed";
    if (!isTerminating(member)) beginTermination(engine, group, member, { cause, hooks: false });
  }
  engine.wake(group);
}

/** `tag-key`, `tag-value` and `tag:<key>`: the filters that DescribeAutoScalingGroups documents. */
function matches(group: Group, filter: autoscaling.Filter): boolean {
  const values = filter.Values ?? [];
  const name = filter.Name ?? "";
  if (name === "tag-key") return group.tags.some((tag) => values.includes(tag.key));
  if (name === "tag-value") return group.tags.some((tag) => values.includes(tag.value));
  if (name.startsWith("tag:")) return group.tags.some((tag) => tag.key === name.slice(4) && values.includes(tag.value));
  throw validationError(`Filter type ${name} is not correct. Allowed Filter types are: tag-key, tag-value, tag:<key>`);
}
