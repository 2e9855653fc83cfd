import {
  type AutoScalingClient,
  type AutoScalingGroup,
  DescribeAccountLimitsCommand,
  DescribeAutoScalingGroupsCommand,
  paginateDescribeAutoScalingGroups,
  ResumeProcessesCommand,
  SuspendProcessesCommand,
  UpdateAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
import { TAG } from "../../domain/cluster/naming.ts";
import type { GroupFacts, GroupInstance } from "../../domain/drift/group-drift.ts";
import { call, present } from "../common/aws-errors.ts";

export function sizesOf(size: number) {
  return { MinSize: size, MaxSize: size, DesiredCapacity: size };
}

/** Brings a group to this size. */
export async function resizeGroup(
  autoScaling: AutoScalingClient,
  { name, minSize, maxSize, desired }: GroupFacts,
  size: number,
): Promise<void> {
  if ([minSize, maxSize, desired].every((now) => now === size)) return;
  await call(autoScaling.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: name, ...sizesOf(size) })));
}

function toFacts(group: AutoScalingGroup): GroupFacts {
  return {
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
  };
}

/** Groups by name, a hundred at most; a group that does not exist is not in the map. */
export async function findGroups(
  autoScaling: AutoScalingClient,
  names: readonly string[],
): Promise<Map<string, GroupFacts>> {
  const { AutoScalingGroups = [] } = await call(
    autoScaling.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [...names], MaxRecords: 100 })),
  );
  return new Map(AutoScalingGroups.map(toFacts).map((group) => [group.name, group]));
}

/** Every group that carries our tag, of all clusters and of none, or of one, by name: a call for a hundred of them. */
export async function listOwnedGroups(autoScaling: AutoScalingClient, uid?: string): Promise<Map<string, GroupFacts>> {
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
}

/** It is there to stay: launching or in service, and not on its way out. */
export function isUsable({ healthy, lifecycleState }: GroupInstance): boolean {
  return healthy && /^(Pending|InService)/.test(lifecycleState);
}

/** Instances by group name; a group that does not exist is not in the map. */
export async function listGroupInstances(
  autoScaling: AutoScalingClient,
  groups: readonly string[],
): Promise<Map<string, readonly GroupInstance[]>> {
  return new Map([...(await findGroups(autoScaling, groups))].map(([name, { instances }]) => [name, instances]));
}

/** A master's group has one instance, no fewer and no more. */
export async function setSizeToOne(autoScaling: AutoScalingClient, AutoScalingGroupName: string): Promise<void> {
  await call(autoScaling.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName, ...sizesOf(1) })));
}

/** The group of a master launches in this zone from now on; what it has elsewhere is ended by who asked for this. */
export async function setGroupZone(
  autoScaling: AutoScalingClient,
  AutoScalingGroupName: string,
  zone: string,
): Promise<void> {
  await call(autoScaling.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName, AvailabilityZones: [zone] })));
}

/** The group launches nothing until `Launch` is resumed; what it has it keeps, and may end. */
export async function suspendLaunch(autoScaling: AutoScalingClient, group: string): Promise<void> {
  await call(
    autoScaling.send(new SuspendProcessesCommand({ AutoScalingGroupName: group, ScalingProcesses: ["Launch"] })),
  );
}

export async function resumeProcesses(
  autoScaling: AutoScalingClient,
  group: string,
  processes: readonly string[],
): Promise<void> {
  await call(
    autoScaling.send(new ResumeProcessesCommand({ AutoScalingGroupName: group, ScalingProcesses: [...processes] })),
  );
}

/** How many groups the Region may have, and has. */
export async function groupLimits(autoScaling: AutoScalingClient): Promise<{ limit: number; used: number }> {
  const answer = await call(autoScaling.send(new DescribeAccountLimitsCommand({})));
  return {
    limit: present(answer.MaxNumberOfAutoScalingGroups, "a limit of groups"),
    used: answer.NumberOfAutoScalingGroups ?? 0,
  };
}

export function tagsOf(tags: AutoScalingGroup["Tags"] = []): Record<string, string> {
  return Object.fromEntries(tags.map(({ Key = "", Value = "" }) => [Key, Value]));
}
