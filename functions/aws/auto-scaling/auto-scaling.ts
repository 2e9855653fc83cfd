import {
  type AutoScalingClient,
  type AutoScalingGroup,
  CompleteLifecycleActionCommand,
  CreateAutoScalingGroupCommand,
  type CreateAutoScalingGroupCommandInput,
  DeleteAutoScalingGroupCommand,
  DescribeAccountLimitsCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeLifecycleHooksCommand,
  DescribeScalingActivitiesCommand,
  paginateDescribeAutoScalingGroups,
  ResumeProcessesCommand,
  SetInstanceHealthCommand,
  SuspendProcessesCommand,
  TerminateInstanceInAutoScalingGroupCommand,
  UpdateAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
import { DefaultVpcMissing, NotReadyYet } from "../../domain/cluster/errors.ts";
import { LAUNCH_HOOK, type Owner, ownerTags, TAG } from "../../domain/cluster/naming.ts";
import type { FoundResource } from "../../domain/deletion/deletion.ts";
import type { GroupFacts, GroupInstance } from "../../domain/drift/group-drift.ts";
import { groupDifferences, requireOwn, tagDifferences } from "../../domain/ownership/adoption.ts";
import type { Owned } from "../../domain/ownership/ownership.ts";
import { call, collect, ignoring, present, unlessGone } from "../common/aws-errors.ts";

const groupTags = (owner: Owner, group: string, resource: string) =>
  Object.entries(ownerTags(owner, resource)).map(([Key, Value]) => ({
    ResourceId: group,
    ResourceType: "auto-scaling-group",
    Key,
    Value,
    // Instances get their tags from the launch template; twice would be a conflict of logical names.
    PropagateAtLaunch: false,
  }));

const sizesOf = (size: number) => ({ MinSize: size, MaxSize: size, DesiredCapacity: size });

interface GroupRequest {
  readonly name: string;
  readonly resource: string;
  readonly launchTemplateId: string;
}

const ensureGroup = async (
  autoScaling: AutoScalingClient,
  owner: Owner,
  request: GroupRequest,
  input: Omit<CreateAutoScalingGroupCommandInput, "AutoScalingGroupName">,
): Promise<void> => {
  const made = await ignoring(
    ["AlreadyExists", "AlreadyExistsFault"],
    autoScaling.send(
      new CreateAutoScalingGroupCommand({
        ...input,
        AutoScalingGroupName: request.name,
        LaunchTemplate: { LaunchTemplateId: request.launchTemplateId, Version: "$Default" },
        HealthCheckType: "EC2",
        Tags: groupTags(owner, request.name, request.resource),
      }),
    ),
  );
  if (!made) await requireOwnGroup(autoScaling, owner, request);
};

/** Sizes, zones and processes may have been changed since; they are corrected where it matters. */
const requireOwnGroup = async (
  autoScaling: AutoScalingClient,
  owner: Owner,
  { name, resource, launchTemplateId }: GroupRequest,
): Promise<void> => {
  const { AutoScalingGroups = [] } = await call(
    autoScaling.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] })),
  );
  const [found] = AutoScalingGroups;
  if (!found || found.Status !== undefined) throw new NotReadyYet(`group ${name} is not listed yet, or being deleted`);
  requireOwn(`Auto Scaling group ${name}`, owner, [
    ...tagDifferences(owner, resource, tagsOf(found.Tags)),
    ...groupDifferences(launchTemplateId, { launchTemplateId: found.LaunchTemplate?.LaunchTemplateId }),
  ]);
};

/**
 * The group of one master: size 1, one zone, no subnet (its launch template names the interface), and a launch hook
 * that ABANDONs by default, so that a master is InService only when its member is healthy. No maintenance policy: it
 * terminates before it launches. No terminate hook: that would hold dead instances
 * (docs/references/aws.md#asg-replacement, #hooks, #fixed-interface).
 */
export const ensureMasterGroup = (
  autoScaling: AutoScalingClient,
  owner: Owner,
  request: GroupRequest & { readonly zone: string; readonly heartbeatSeconds: number },
): Promise<void> =>
  ensureGroup(autoScaling, owner, request, {
    ...sizesOf(1),
    AvailabilityZones: [request.zone],
    LifecycleHookSpecificationList: [
      {
        LifecycleHookName: LAUNCH_HOOK,
        LifecycleTransition: "autoscaling:EC2_INSTANCE_LAUNCHING",
        DefaultResult: "ABANDON",
        HeartbeatTimeout: request.heartbeatSeconds,
      },
    ],
  });

/** There cannot be such a template, so nothing can be made from it. */
const NO_TEMPLATE = "lt-00000000000000000";

/**
 * Asks whether Auto Scaling takes a group that names a zone and no subnet, which is not documented for a Region without
 * a default VPC. Makes nothing. Throws DefaultVpcMissing; any other answer, such as that the template is unknown, tells
 * nothing against it.
 */
export const requireZoneGroups = async (
  autoScaling: AutoScalingClient,
  owner: Owner,
  name: string,
  zone: string,
): Promise<void> => {
  const asked = new CreateAutoScalingGroupCommand({
    ...sizesOf(0),
    AutoScalingGroupName: name,
    AvailabilityZones: [zone],
    LaunchTemplate: { LaunchTemplateId: NO_TEMPLATE, Version: "$Default" },
    Tags: groupTags(owner, name, "group/question"),
  });
  await call(autoScaling.send(asked)).catch((error: unknown) => {
    if (error instanceof DefaultVpcMissing) throw error;
  });
};

export const ensureNodeGroup = (
  autoScaling: AutoScalingClient,
  owner: Owner,
  request: GroupRequest & { readonly subnetId: string; readonly size: number },
): Promise<void> =>
  ensureGroup(autoScaling, owner, request, { ...sizesOf(request.size), VPCZoneIdentifier: request.subnetId });

/** Brings a group to this size. */
export const resizeGroup = async (
  autoScaling: AutoScalingClient,
  { name, minSize, maxSize, desired }: GroupFacts,
  size: number,
): Promise<void> => {
  if ([minSize, maxSize, desired].every((now) => now === size)) return;
  await call(autoScaling.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: name, ...sizesOf(size) })));
};

const toFacts = (group: AutoScalingGroup): GroupFacts => ({
  name: group.AutoScalingGroupName ?? "",
  uid: tagsOf(group.Tags)[TAG.uid] ?? "",
  launchTemplateId: group.LaunchTemplate?.LaunchTemplateId,
  minSize: group.MinSize ?? 0,
  maxSize: group.MaxSize ?? 0,
  desired: group.DesiredCapacity ?? 0,
  suspended: (group.SuspendedProcesses ?? []).map(({ ProcessName = "", SuspensionReason = "" }) => ({
    process: ProcessName,
    reason: SuspensionReason,
  })),
  instances: (group.Instances ?? []).map((instance) => ({
    instanceId: instance.InstanceId ?? "",
    lifecycleState: instance.LifecycleState ?? "",
    healthy: instance.HealthStatus === "Healthy",
  })),
});

/** Groups by name, a hundred at most; a group that does not exist is not in the map. */
export const findGroups = async (
  autoScaling: AutoScalingClient,
  names: readonly string[],
): Promise<Map<string, GroupFacts>> => {
  const { AutoScalingGroups = [] } = await call(
    autoScaling.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [...names], MaxRecords: 100 })),
  );
  return new Map(AutoScalingGroups.map(toFacts).map((group) => [group.name, group]));
};

/** Every group that carries our tag, of all clusters and of none, or of one, by name: a call for a hundred of them. */
export const listOwnedGroups = async (
  autoScaling: AutoScalingClient,
  uid?: string,
): Promise<Map<string, GroupFacts>> => {
  const groups = new Map<string, GroupFacts>();
  const pages = paginateDescribeAutoScalingGroups(
    { client: autoScaling, pageSize: 100 },
    {
      Filters: [uid === undefined ? { Name: "tag-key", Values: [TAG.uid] } : { Name: `tag:${TAG.uid}`, Values: [uid] }],
    },
  );
  for await (const { AutoScalingGroups = [] } of pages)
    for (const group of AutoScalingGroups.map(toFacts)) groups.set(group.name, group);
  return groups;
};

/** It is there to stay: launching or in service, and not on its way out. */
export const isUsable = ({ healthy, lifecycleState }: GroupInstance): boolean =>
  healthy && /^(Pending|InService)/.test(lifecycleState);

/** Instances by group name; a group that does not exist is not in the map. */
export const listGroupInstances = async (
  autoScaling: AutoScalingClient,
  groups: readonly string[],
): Promise<Map<string, readonly GroupInstance[]>> =>
  new Map([...(await findGroups(autoScaling, groups))].map(([name, { instances }]) => [name, instances]));

/** A master's group has one instance, no fewer and no more. */
export const setSizeToOne = async (autoScaling: AutoScalingClient, AutoScalingGroupName: string): Promise<void> => {
  await call(autoScaling.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName, ...sizesOf(1) })));
};

/** The group of a master launches in this zone from now on; what it has elsewhere is ended by who asked for this. */
export const setGroupZone = async (
  autoScaling: AutoScalingClient,
  AutoScalingGroupName: string,
  zone: string,
): Promise<void> => {
  await call(autoScaling.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName, AvailabilityZones: [zone] })));
};

/** The group launches nothing until `Launch` is resumed; what it has it keeps, and may end. */
export const suspendLaunch = async (autoScaling: AutoScalingClient, group: string): Promise<void> => {
  await call(
    autoScaling.send(new SuspendProcessesCommand({ AutoScalingGroupName: group, ScalingProcesses: ["Launch"] })),
  );
};

export const resumeProcesses = async (
  autoScaling: AutoScalingClient,
  group: string,
  processes: readonly string[],
): Promise<void> => {
  await call(
    autoScaling.send(new ResumeProcessesCommand({ AutoScalingGroupName: group, ScalingProcesses: [...processes] })),
  );
};

/** Names of the group's terminate hooks: masters are made without, so each was left by a user. */
export const listTerminateHooks = async (autoScaling: AutoScalingClient, group: string): Promise<string[]> => {
  const { LifecycleHooks = [] } = await call(
    autoScaling.send(new DescribeLifecycleHooksCommand({ AutoScalingGroupName: group })),
  );
  return LifecycleHooks.filter(
    ({ LifecycleTransition }) => LifecycleTransition === "autoscaling:EC2_INSTANCE_TERMINATING",
  ).map(({ LifecycleHookName = "" }) => LifecycleHookName);
};

/** Whether a master's group holds new instances until their member is healthy. */
export const hasLaunchHook = async (autoScaling: AutoScalingClient, AutoScalingGroupName: string): Promise<boolean> => {
  const request = new DescribeLifecycleHooksCommand({ AutoScalingGroupName, LifecycleHookNames: [LAUNCH_HOOK] });
  // A group that is gone is a ValidationError, and has none.
  const answer = await ignoring(["ValidationError"], autoScaling.send(request));
  return (answer?.LifecycleHooks ?? []).length > 0;
};

/** How many groups the Region may have, and has. */
export const groupLimits = async (autoScaling: AutoScalingClient): Promise<{ limit: number; used: number }> => {
  const answer = await call(autoScaling.send(new DescribeAccountLimitsCommand({})));
  return {
    limit: present(answer.MaxNumberOfAutoScalingGroups, "a limit of groups"),
    used: answer.NumberOfAutoScalingGroups ?? 0,
  };
};

/** Why the group's latest launch failed, in AWS's words, and when it began; undefined if it did not fail. */
export const lastLaunchFailure = async (
  autoScaling: AutoScalingClient,
  group: string,
): Promise<{ message: string; begunAt: number } | undefined> => {
  const { Activities = [] } = await call(
    autoScaling.send(new DescribeScalingActivitiesCommand({ AutoScalingGroupName: group, MaxRecords: 1 })),
  );
  const latest = Activities[0];
  if (latest?.StatusCode !== "Failed") return undefined;
  return { message: latest.StatusMessage ?? "", begunAt: latest.StartTime?.getTime() ?? 0 };
};

/** Lets a launching instance into service; false when its hook does not hold it: not yet, or no longer. */
export const completeLaunch = (autoScaling: AutoScalingClient, group: string, instanceId: string): Promise<boolean> =>
  completeHook(autoScaling, group, LAUNCH_HOOK, instanceId);

/** Lets an instance continue that a hook holds; false when that hook does not hold it: not yet, or no longer. */
export const completeHook = (
  autoScaling: AutoScalingClient,
  group: string,
  hook: string,
  instanceId: string,
): Promise<boolean> => concludeHook(autoScaling, group, hook, instanceId, "CONTINUE");

/** Gives a launching instance up: its group ends it and launches another. False when its hook does not hold it. */
export const abandonLaunch = (
  autoScaling: AutoScalingClient,
  group: string,
  instance: Owned<"instance">,
): Promise<boolean> => concludeHook(autoScaling, group, LAUNCH_HOOK, instance.id, "ABANDON");

const concludeHook = async (
  autoScaling: AutoScalingClient,
  group: string,
  hook: string,
  InstanceId: string,
  result: "CONTINUE" | "ABANDON",
): Promise<boolean> => {
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
};

/**
 * Ends an instance so that its group puts another in its place. Polite: the group knows at once, where a plain
 * termination waits for its health check (docs/references/aws.md#asg-replacement). An instance that is gone, or going,
 * is done.
 */
export const replaceInstance = async (autoScaling: AutoScalingClient, { id }: Owned<"instance">): Promise<void> => {
  await ignoring(
    ["ValidationError", "ScalingActivityInProgress", "ScalingActivityInProgressFault"],
    autoScaling.send(
      new TerminateInstanceInAutoScalingGroupCommand({
        InstanceId: id,
        ShouldDecrementDesiredCapacity: false,
      }),
    ),
  );
};

/**
 * Tells a group that an instance of its own has ended, which it would learn from its health check minutes later. Only
 * for what EC2 calls terminated: of that nothing can be lost. False if the group does not have it any more.
 */
export const reportEnded = async (autoScaling: AutoScalingClient, InstanceId: string): Promise<boolean> => {
  const taken = await ignoring(
    ["ValidationError"],
    autoScaling.send(
      new SetInstanceHealthCommand({ InstanceId, HealthStatus: "Unhealthy", ShouldRespectGracePeriod: false }),
    ),
  );
  return taken !== undefined;
};

/** A group as it was found, with its tags. */
export interface TaggedGroup extends FoundResource<"auto-scaling-group"> {
  /** Its deletion is in progress: it has a status only then. */
  readonly isGoing: boolean;
}

/** Groups with this tag, and those of these names: what lost its tags is still found by its name. */
export const findOwnGroups = async (
  autoScaling: AutoScalingClient,
  tag: { key: string; value: string },
  names: readonly string[],
): Promise<TaggedGroup[]> => {
  const filter = { Filters: [{ Name: `tag:${tag.key}`, Values: [tag.value] }] };
  const [tagged, named] = await Promise.all([
    collect(paginateDescribeAutoScalingGroups({ client: autoScaling }, filter), (page) => page.AutoScalingGroups),
    names.length === 0
      ? []
      : collect(
          paginateDescribeAutoScalingGroups({ client: autoScaling }, { AutoScalingGroupNames: [...names] }),
          (page) => page.AutoScalingGroups,
        ),
  ]);
  const groups = [...tagged, ...named].map(({ AutoScalingGroupName: id = "", Tags, Status }): TaggedGroup => {
    const tags = tagsOf(Tags);
    return { kind: "auto-scaling-group", id, name: tags[TAG.resource] ?? id, tags, isGoing: Status !== undefined };
  });
  return [...new Map(groups.map((group) => [group.id, group])).values()];
};

const tagsOf = (tags: AutoScalingGroup["Tags"] = []): Record<string, string> =>
  Object.fromEntries(tags.map(({ Key = "", Value = "" }) => [Key, Value]));

/**
 * Deletes a group with its instances, and asks no hook: nothing is launched again (docs/references/aws.md#deletion).
 */
export const deleteGroup = (
  autoScaling: AutoScalingClient,
  { id: AutoScalingGroupName }: Owned<"auto-scaling-group">,
): Promise<void> =>
  unlessGone(
    autoScaling
      .send(new DeleteAutoScalingGroupCommand({ AutoScalingGroupName, ForceDelete: true }))
      // A group that is not there, or that is being deleted already, is a ValidationError like any other.
      .catch((error: unknown) => {
        if (!(error instanceof Error) || error.name !== "ValidationError") throw error;
        if (/protect/i.test(error.message)) throw error;
      }),
  );
