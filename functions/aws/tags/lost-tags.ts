import {
  type AutoScalingClient,
  CreateOrUpdateTagsCommand,
  paginateDescribeAutoScalingGroups,
} from "@aws-sdk/client-auto-scaling";
import type { EC2Client } from "@aws-sdk/client-ec2";
import { DescribeLaunchTemplateVersionsCommand, type Filter } from "@aws-sdk/client-ec2";
import {
  AddTagsCommand,
  DescribeTagsCommand,
  type ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Tagged, TaggedGroup } from "../../domain/drift/tag-drift.ts";
import type { TemplateFacts } from "../../domain/ownership/adoption.ts";
import { call, collect, ignoring } from "../common/aws-errors.ts";
import { fromTags, toTags } from "../ec2/client.ts";
import { list } from "../ec2/owned.ts";

/** So many values each of these calls takes at most. */
const VALUES = { filter: 200, groups: 100, balancing: 20 } as const;

async function inParts<T>(
  values: readonly string[],
  size: number,
  read: (part: string[]) => Promise<readonly T[]>,
): Promise<T[]> {
  const parts = Array.from({ length: Math.ceil(values.length / size) }, (_, part) =>
    values.slice(part * size, (part + 1) * size),
  );
  return (await Promise.all(parts.map(read))).flat();
}

function filter(Name: string, Values: string[]): Filter {
  return { Name, Values };
}

/** Instances with these ids that are there, with their tags. */
export function findInstanceTags(ec2: EC2Client, ids: readonly string[]): Promise<Tagged[]> {
  return inParts(ids, VALUES.filter, async (part) =>
    (await list(ec2).instances(filter("instance-id", part))).map(({ InstanceId: id = "", Tags }) => ({
      id,
      tags: fromTags(Tags),
    })),
  );
}

/** Security groups with these ids that are there, with their tags. */
export function findSecurityGroupTags(ec2: EC2Client, ids: readonly string[]): Promise<Tagged[]> {
  return inParts(ids, VALUES.filter, async (part) =>
    (await list(ec2).securityGroups(filter("group-id", part))).map(({ GroupId: id = "", Tags }) => ({
      id,
      tags: fromTags(Tags),
    })),
  );
}

/** Launch templates with these names that are there, with their tags. */
export function findTemplateTags(
  ec2: EC2Client,
  names: readonly string[],
): Promise<(Tagged & { readonly name: string })[]> {
  return inParts(names, VALUES.filter, async (part) =>
    (await list(ec2).launchTemplates(filter("launch-template-name", part))).map((each) => {
      const { LaunchTemplateId: id = "", LaunchTemplateName: name = "", Tags } = each;
      return { id, name, tags: fromTags(Tags) };
    }),
  );
}

/** What the default version of a launch template names. */
export async function readTemplate(ec2: EC2Client, LaunchTemplateId: string): Promise<TemplateFacts> {
  const { LaunchTemplateVersions: [version] = [] } = await call(
    ec2.send(new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId, Versions: ["$Default"] })),
  );
  const { IamInstanceProfile, NetworkInterfaces } = version?.LaunchTemplateData ?? {};
  return {
    instanceProfile: IamInstanceProfile?.Name,
    interfaceId: NetworkInterfaces?.[0]?.NetworkInterfaceId,
  };
}

/** Auto Scaling groups with these names that are there, with their tags. */
export function findGroupTags(autoScaling: AutoScalingClient, names: readonly string[]): Promise<TaggedGroup[]> {
  return inParts(names, VALUES.groups, async (AutoScalingGroupNames) => {
    const pages = paginateDescribeAutoScalingGroups(
      { client: autoScaling, pageSize: VALUES.groups },
      { AutoScalingGroupNames },
    );
    return (await collect(pages, (page) => page.AutoScalingGroups)).map((group) => ({
      id: group.AutoScalingGroupName ?? "",
      tags: Object.fromEntries((group.Tags ?? []).map(({ Key = "", Value = "" }) => [Key, Value])),
      launchTemplateId: group.LaunchTemplate?.LaunchTemplateId,
    }));
  });
}

/** Load balancers and target groups with these ARNs that are there, with their tags. */
export function findBalancingTags(elb: ElasticLoadBalancingV2Client, arns: readonly string[]): Promise<Tagged[]> {
  return inParts(arns, VALUES.balancing, async (part) => {
    const found = await describeBalancing(elb, part);
    if (found !== undefined) return found;
    // One that is gone fails the call for all of them.
    return (await Promise.all(part.map((arn) => describeBalancing(elb, [arn])))).flatMap((one) => one ?? []);
  });
}

async function describeBalancing(
  elb: ElasticLoadBalancingV2Client,
  ResourceArns: string[],
): Promise<Tagged[] | undefined> {
  const answer = await ignoring(
    ["LoadBalancerNotFoundException", "TargetGroupNotFoundException"],
    elb.send(new DescribeTagsCommand({ ResourceArns })),
  );
  return answer?.TagDescriptions?.map(({ ResourceArn: id = "", Tags }) => ({ id, tags: fromTags(Tags) }));
}

/** Permissions allow this only for what has no owner's tag (infra/permissions/ec2.ts, `restoreTags` and its likes). */
export async function putBalancingTags(elb: ElasticLoadBalancingV2Client, arn: string, tags: Tags): Promise<void> {
  await call(elb.send(new AddTagsCommand({ ResourceArns: [arn], Tags: toTags(tags) })));
}

/** The same of an Auto Scaling group. */
export async function putGroupTags(autoScaling: AutoScalingClient, name: string, tags: Tags): Promise<void> {
  const group = { ResourceId: name, ResourceType: "auto-scaling-group", PropagateAtLaunch: false };
  await call(
    autoScaling.send(new CreateOrUpdateTagsCommand({ Tags: toTags(tags).map((tag) => ({ ...group, ...tag })) })),
  );
}

type Tags = Readonly<Record<string, string>>;
