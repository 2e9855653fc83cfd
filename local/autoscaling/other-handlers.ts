import type * as autoscaling from "@aws-sdk/client-auto-scaling";
import { paginate, required } from "../context/input.ts";
import type { Handlers } from "../wire/contract.ts";
import type { Engine } from "./engine.ts";
import { toGroupTags } from "./group-settings.ts";
import { getGroup, validationError } from "./lookup.ts";
import type { Group } from "./model.ts";
import { viewActivity, viewTag } from "./views.ts";

/** The processes that can be suspended (docs/references/aws.md#no-capacity). */
export const PROCESSES = [
  "Launch",
  "Terminate",
  "AddToLoadBalancer",
  "AlarmNotification",
  "AZRebalance",
  "HealthCheck",
  "InstanceRefresh",
  "ReplaceUnhealthy",
  "ScheduledActions",
];

/** Scaling activities, suspended processes, tags of groups. */
export function otherHandlers(engine: Engine): Handlers<typeof autoscaling> {
  return { ...activityHandlers(engine), ...tagHandlers(engine) };
}

function activityHandlers(engine: Engine): Handlers<typeof autoscaling> {
  return {
    DescribeScalingActivities: (input) => {
      const { AutoScalingGroupName: name, ActivityIds: ids = [] } = input;
      if (name !== undefined && !input.IncludeDeletedGroups) getGroup(engine.state, name);
      const arn = name === undefined ? undefined : engine.state.groups[name]?.arn;
      const wanted = engine.state.activities.filter(
        (activity) =>
          (name === undefined || activity.groupName === name) &&
          (ids.length === 0 || ids.includes(activity.id)) &&
          (input.IncludeDeletedGroups || name === undefined || activity.groupArn === arn),
      );
      const page = paginate(wanted, {
        limit: input.MaxRecords ?? 100,
        token: input.NextToken,
        tokenError: "InvalidNextToken",
      });
      return { Activities: page.items.map((activity) => viewActivity(engine, activity)), NextToken: page.nextToken };
    },
    DescribeAccountLimits: () => ({
      MaxNumberOfAutoScalingGroups: engine.quotas.limit("autoScalingGroups"),
      NumberOfAutoScalingGroups: Object.keys(engine.state.groups).length,
      MaxNumberOfLaunchConfigurations: 200,
      NumberOfLaunchConfigurations: 0,
    }),
    SuspendProcesses: (input) => {
      const group = getGroup(engine.state, required(input.AutoScalingGroupName, "AutoScalingGroupName"));
      const reason = `User suspended at ${new Date(engine.context.clock.now()).toISOString().slice(0, 19)}Z`;
      const names = processes(input.ScalingProcesses);
      const kept = group.suspended.filter(({ name }) => !names.includes(name));
      group.suspended = [...kept, ...names.map((name) => ({ name, reason }))];
      return {};
    },
    ResumeProcesses: (input) => {
      const group = getGroup(engine.state, required(input.AutoScalingGroupName, "AutoScalingGroupName"));
      const names = processes(input.ScalingProcesses);
      group.suspended = group.suspended.filter(({ name }) => !names.includes(name));
      engine.wake(group);
      return {};
    },
  };
}

function tagHandlers(engine: Engine): Handlers<typeof autoscaling> {
  return {
    CreateOrUpdateTags: (input) => {
      for (const tag of input.Tags ?? []) {
        const group = taggedGroup(engine, tag);
        group.tags = [...group.tags.filter(({ key }) => key !== tag.Key), ...toGroupTags([tag])];
      }
      return {};
    },
    DeleteTags: (input) => {
      for (const tag of input.Tags ?? []) {
        const group = taggedGroup(engine, tag);
        group.tags = group.tags.filter(({ key }) => key !== tag.Key);
      }
      return {};
    },
    DescribeTags: (input) => {
      const tags = Object.values(engine.state.groups).flatMap((group) => group.tags.map((tag) => viewTag(group, tag)));
      const wanted = tags.filter((tag) => (input.Filters ?? []).every((filter) => tagMatches(tag, filter)));
      const page = paginate(wanted, {
        limit: input.MaxRecords ?? 50,
        token: input.NextToken,
        tokenError: "InvalidNextToken",
      });
      return { Tags: page.items, NextToken: page.nextToken };
    },
  };
}

/** The processes that a request names; all of them if it names none. */
function processes(names: readonly string[] | undefined): string[] {
  if (!names || names.length === 0) return PROCESSES;
  const stranger = names.find((name) => !PROCESSES.includes(name));
  if (stranger) throw validationError(`${stranger} is not a valid scaling process.`);
  return [...names];
}

function taggedGroup(engine: Engine, tag: autoscaling.Tag): Group {
  if (tag.ResourceType !== "auto-scaling-group") throw validationError(`Invalid resource type: ${tag.ResourceType}`);
  return getGroup(engine.state, required(tag.ResourceId, "ResourceId"));
}

function tagMatches(tag: autoscaling.TagDescription, filter: autoscaling.Filter): boolean {
  const values = filter.Values ?? [];
  switch (filter.Name) {
    case "auto-scaling-group":
      return values.includes(tag.ResourceId ?? "");
    case "key":
      return values.includes(tag.Key ?? "");
    case "value":
      return values.includes(tag.Value ?? "");
    case "propagate-at-launch":
      return values.includes(String(tag.PropagateAtLaunch));
    default:
      throw validationError(`Filter type ${filter.Name} is not correct.`);
  }
}
