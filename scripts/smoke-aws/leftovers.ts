import { DescribeAutoScalingGroupsCommand } from "@aws-sdk/client-auto-scaling";
import {
  DescribeInstancesCommand,
  DescribeNatGatewaysCommand,
  DescribeTagsCommand,
  type TagDescription,
} from "@aws-sdk/client-ec2";
import {
  DescribeTagsCommand as DescribeElbTagsCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { ListInstanceProfilesCommand, ListRolesCommand } from "@aws-sdk/client-iam";
import { GetParametersByPathCommand } from "@aws-sdk/client-ssm";
import { CASE_NAMES, clusterName, RUN_TAG } from "./cases.ts";
import type { clientsFor } from "./tools.ts";

type Clients = ReturnType<typeof clientsFor>;

/** A resource of a run. EC2's types are those of its tags: `instance`, `natgateway`, `elastic-ip`… */
export interface Leftover {
  readonly type: string;
  readonly id: string;
}

const IAM_PATH = "/holdfast/";
const ELB_TAGS_A_CALL = 20;

/** What of a run is in the account. What EC2 still describes although it is gone does not count. */
export async function leftovers(aws: Clients, run: string): Promise<Leftover[]> {
  const parts = [ofEc2, ofAutoScaling, ofLoadBalancing, ofIam, ofParameters];
  return (await Promise.all(parts.map((part) => part(aws, run)))).flat();
}

/** Names of all runs of which EC2 knows something. */
export async function runsInAccount(aws: Clients): Promise<string[]> {
  const tags = await ec2Tags(aws, [{ Name: "key", Values: [RUN_TAG] }]);
  const alive = await Promise.all(
    [...new Set(tags.flatMap(({ Value }) => Value ?? []))].map(async (run) =>
      (await ofEc2(aws, run)).length > 0 ? [run] : [],
    ),
  );
  return alive.flat();
}

async function ec2Tags({ ec2 }: Clients, Filters: { Name: string; Values: string[] }[]): Promise<TagDescription[]> {
  const found: TagDescription[] = [];
  let NextToken: string | undefined;
  do {
    const page = await ec2.send(new DescribeTagsCommand({ Filters, ...(NextToken && { NextToken }) }));
    found.push(...(page.Tags ?? []));
    ({ NextToken } = page);
  } while (NextToken);
  return found;
}

async function ofEc2(aws: Clients, run: string): Promise<Leftover[]> {
  const tags = await ec2Tags(aws, [
    { Name: "key", Values: [RUN_TAG] },
    { Name: "value", Values: [run] },
  ]);
  const all = tags.map(({ ResourceType = "", ResourceId = "" }) => ({ type: ResourceType, id: ResourceId }));
  const gone = new Set([...(await goneInstances(aws, all)), ...(await goneGateways(aws, all))]);
  return all.filter(({ id }) => !gone.has(id));
}

function idsOf(all: readonly Leftover[], type: string): string[] {
  return all.filter((each) => each.type === type).map(({ id }) => id);
}

async function goneInstances({ ec2 }: Clients, all: readonly Leftover[]): Promise<string[]> {
  const Values = idsOf(all, "instance");
  if (Values.length === 0) return [];
  const alive = new DescribeInstancesCommand({ Filters: [{ Name: "instance-id", Values }] });
  const { Reservations = [] } = await ec2.send(alive);
  const known = Reservations.flatMap(({ Instances = [] }) => Instances);
  return Values.filter(
    (id) => (known.find(({ InstanceId }) => InstanceId === id)?.State?.Name ?? "terminated") === "terminated",
  );
}

async function goneGateways({ ec2 }: Clients, all: readonly Leftover[]): Promise<string[]> {
  const Values = idsOf(all, "natgateway");
  if (Values.length === 0) return [];
  const { NatGateways = [] } = await ec2.send(
    new DescribeNatGatewaysCommand({ Filter: [{ Name: "nat-gateway-id", Values }] }),
  );
  return Values.filter(
    (id) => (NatGateways.find(({ NatGatewayId }) => NatGatewayId === id)?.State ?? "deleted") === "deleted",
  );
}

async function ofAutoScaling({ autoScaling }: Clients, run: string): Promise<Leftover[]> {
  const Filters = [{ Name: `tag:${RUN_TAG}`, Values: [run] }];
  const { AutoScalingGroups = [] } = await autoScaling.send(new DescribeAutoScalingGroupsCommand({ Filters }));
  return AutoScalingGroups.map(({ AutoScalingGroupName = "" }) => ({ type: "group", id: AutoScalingGroupName }));
}

/** Elastic Load Balancing finds nothing by tags. */
async function ofLoadBalancing({ elb }: Clients, run: string): Promise<Leftover[]> {
  const { LoadBalancers = [] } = await elb.send(new DescribeLoadBalancersCommand({}));
  const { TargetGroups = [] } = await elb.send(new DescribeTargetGroupsCommand({}));
  const all: Leftover[] = [
    ...LoadBalancers.map(({ LoadBalancerArn = "" }) => ({ type: "load-balancer", id: LoadBalancerArn })),
    ...TargetGroups.map(({ TargetGroupArn = "" }) => ({ type: "target-group", id: TargetGroupArn })),
  ];
  const ours = new Set<string>();
  for (let first = 0; first < all.length; first += ELB_TAGS_A_CALL) {
    const ResourceArns = all.slice(first, first + ELB_TAGS_A_CALL).map(({ id }) => id);
    const { TagDescriptions = [] } = await elb.send(new DescribeElbTagsCommand({ ResourceArns }));
    for (const { ResourceArn = "", Tags = [] } of TagDescriptions)
      if (Tags.some(({ Key, Value }) => Key === RUN_TAG && Value === run)) ours.add(ResourceArn);
  }
  return all.filter(({ id }) => ours.has(id));
}

/** Roles bear the first 35 letters of their cluster's name, and so the whole name of the run. */
async function ofIam({ iam }: Clients, run: string): Promise<Leftover[]> {
  const { Roles = [] } = await iam.send(new ListRolesCommand({ PathPrefix: IAM_PATH, MaxItems: 1_000 }));
  const { InstanceProfiles = [] } = await iam.send(
    new ListInstanceProfilesCommand({ PathPrefix: IAM_PATH, MaxItems: 1_000 }),
  );
  return [
    ...InstanceProfiles.map(({ InstanceProfileName: id = "" }) => ({ type: "instance-profile", id })),
    ...Roles.map(({ RoleName: id = "" }) => ({ type: "role", id })),
  ].filter(({ id }) => id.includes(`.${run}.`));
}

async function ofParameters({ ssm }: Clients, run: string): Promise<Leftover[]> {
  const lists = await Promise.all(
    CASE_NAMES.map(async (of) => {
      const Path = `/holdfast/${clusterName(run, of)}`;
      const { Parameters = [] } = await ssm.send(new GetParametersByPathCommand({ Path, Recursive: true }));
      return Parameters.map(({ Name = "" }) => ({ type: "parameter", id: Name }));
    }),
  );
  return lists.flat();
}
