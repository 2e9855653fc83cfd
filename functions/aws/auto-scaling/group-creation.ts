import {
  type AutoScalingClient,
  CreateAutoScalingGroupCommand,
  type CreateAutoScalingGroupCommandInput,
  DescribeAutoScalingGroupsCommand,
} from "@aws-sdk/client-auto-scaling";
import { DefaultVpcMissing, NotReadyYet } from "../../domain/cluster/errors.ts";
import { LAUNCH_HOOK, type Owner, ownerTags } from "../../domain/cluster/naming.ts";
import { groupDifferences, requireOwn, tagDifferences } from "../../domain/ownership/adoption.ts";
import { call, ignoring } from "../common/aws-errors.ts";
import { sizesOf, tagsOf } from "./auto-scaling.ts";

function groupTags(owner: Owner, group: string, resource: string) {
  return Object.entries(ownerTags(owner, resource)).map(([Key, Value]) => ({
    ResourceId: group,
    ResourceType: "auto-scaling-group",
    Key,
    Value,
    // Instances get their tags from the launch template; twice would be a conflict of logical names.
    PropagateAtLaunch: false,
  }));
}

interface GroupRequest {
  readonly name: string;
  readonly resource: string;
  readonly launchTemplateId: string;
}

async function ensureGroup(
  autoScaling: AutoScalingClient,
  owner: Owner,
  request: GroupRequest,
  input: Omit<CreateAutoScalingGroupCommandInput, "AutoScalingGroupName">,
): Promise<void> {
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
}

/** Sizes, zones and processes may have been changed since; they are corrected where it matters. */
async function requireOwnGroup(
  autoScaling: AutoScalingClient,
  owner: Owner,
  { name, resource, launchTemplateId }: GroupRequest,
): Promise<void> {
  const { AutoScalingGroups = [] } = await call(
    autoScaling.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] })),
  );
  const [found] = AutoScalingGroups;
  if (!found || found.Status !== undefined) throw new NotReadyYet(`group ${name} is not listed yet, or being deleted`);
  requireOwn(`Auto Scaling group ${name}`, owner, [
    ...tagDifferences(owner, resource, tagsOf(found.Tags)),
    ...groupDifferences(launchTemplateId, { launchTemplateId: found.LaunchTemplate?.LaunchTemplateId }),
  ]);
}

/**
 * Creates the group of one master: size 1, one zone, no subnet, since its launch template names the interface
 * (docs/references/aws.md#fixed-interface). Its launch hook ABANDONs by default, so that InService means healthy. A
 * terminate hook would hold ended instances (docs/references/aws.md#hooks).
 */
export function ensureMasterGroup(
  autoScaling: AutoScalingClient,
  owner: Owner,
  request: GroupRequest & { readonly zone: string; readonly heartbeatSeconds: number },
): Promise<void> {
  return ensureGroup(autoScaling, owner, request, {
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
}

/** There cannot be such a template, so nothing can be made from it. */
const NO_TEMPLATE = "lt-00000000000000000";

/**
 * Checks that Auto Scaling accepts a group with a zone and no subnet, which AWS does not document without a default
 * VPC. Creates nothing. Throws DefaultVpcMissing; any other answer means that it does.
 */
export async function requireZoneGroups(
  autoScaling: AutoScalingClient,
  owner: Owner,
  name: string,
  zone: string,
): Promise<void> {
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
}

export function ensureNodeGroup(
  autoScaling: AutoScalingClient,
  owner: Owner,
  request: GroupRequest & { readonly subnetId: string; readonly size: number },
): Promise<void> {
  return ensureGroup(autoScaling, owner, request, { ...sizesOf(request.size), VPCZoneIdentifier: request.subnetId });
}
