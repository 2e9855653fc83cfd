import type * as autoScalingSdk from "@aws-sdk/client-auto-scaling";
import type * as ec2Sdk from "@aws-sdk/client-ec2";
import type * as elbSdk from "@aws-sdk/client-elastic-load-balancing-v2";
import type * as iamSdk from "@aws-sdk/client-iam";
import type * as ssmSdk from "@aws-sdk/client-ssm";
import { TAG } from "../../functions/domain/cluster/naming.ts";
import type { LocalCloud } from "../../local/cloud.ts";
import { callService } from "../../local/context/service-call.ts";
import type { Handlers, InputOf, OperationName, OutputOf } from "../../local/wire/contract.ts";

/** One resource that stands in the account and was not made by AWS for itself. */
export interface Resource {
  readonly kind: string;
  readonly id: string;
  /** The cluster's uid and the resource's logical name, by its tags. */
  readonly uid: string | undefined;
  readonly cluster: string | undefined;
  readonly name: string | undefined;
}

type Tags = readonly { Key?: string | undefined; Value?: string | undefined }[] | undefined;

/**
 * Everything in a local account that costs or counts, read through the services' own operations, past the wire and its
 * faults. What AWS makes by itself and takes away by itself (main route tables, default groups, interfaces of balancers
 * and gateways) is left out, and so is what is gone and only still shown.
 */
export async function listResources(cloud: LocalCloud): Promise<Resource[]> {
  const { ec2, autoScaling, elbV2, iam, ssm } = cloud.services;
  const lists = await Promise.all([
    ec2Resources(operator<typeof ec2Sdk>(cloud, "ec2", ec2.handlers)),
    groupResources(operator<typeof autoScalingSdk>(cloud, "autoscaling", autoScaling.handlers)),
    balancerResources(operator<typeof elbSdk>(cloud, "elasticloadbalancing", elbV2.handlers)),
    roleResources(operator<typeof iamSdk>(cloud, "iam", iam.handlers)),
    parameterResources(operator<typeof ssmSdk>(cloud, "ssm", ssm.handlers)),
  ]);
  return lists.flat();
}

type Call<M> = <N extends OperationName<M>>(operation: N & string, input: InputOf<M, N>) => Promise<OutputOf<M, N>>;

function operator<M>({ context }: LocalCloud, service: string, handlers: Handlers<M>): Call<M> {
  const principal = { arn: `arn:aws:iam::${context.accountId}:user/holdfast` };
  return (operation, input) => callService(handlers, operation, input, { service, region: context.region, principal });
}

function resource(kind: string, id: string | undefined, tags: Tags): Resource {
  const of = (key: string) => tags?.find(({ Key }) => Key === key)?.Value;
  return { kind, id: id ?? "?", uid: of(TAG.uid), cluster: of(TAG.cluster), name: of(TAG.resource) };
}

async function ec2Resources(call: Call<typeof ec2Sdk>): Promise<Resource[]> {
  return (await Promise.all([networkResources(call), computeResources(call)])).flat();
}

async function networkResources(call: Call<typeof ec2Sdk>): Promise<Resource[]> {
  const [vpcs, subnets, gateways, nats, addresses, tables, groups, interfaces] = await Promise.all([
    call("DescribeVpcs", {}),
    call("DescribeSubnets", {}),
    call("DescribeInternetGateways", {}),
    call("DescribeNatGateways", {}),
    call("DescribeAddresses", {}),
    call("DescribeRouteTables", {}),
    call("DescribeSecurityGroups", {}),
    call("DescribeNetworkInterfaces", {}),
  ]);
  return [
    ...(vpcs.Vpcs ?? []).map((item) => resource("vpc", item.VpcId, item.Tags)),
    ...(subnets.Subnets ?? []).map((item) => resource("subnet", item.SubnetId, item.Tags)),
    ...(gateways.InternetGateways ?? []).map((item) => resource("igw", item.InternetGatewayId, item.Tags)),
    ...(nats.NatGateways ?? [])
      .filter(({ State }) => State === "pending" || State === "available")
      .map((item) => resource("nat", item.NatGatewayId, item.Tags)),
    ...(addresses.Addresses ?? []).map((item) => resource("address", item.AllocationId, item.Tags)),
    ...(tables.RouteTables ?? [])
      .filter(({ Associations = [] }) => !Associations.some(({ Main }) => Main))
      .map((item) => resource("route-table", item.RouteTableId, item.Tags)),
    ...(groups.SecurityGroups ?? [])
      .filter(({ GroupName }) => GroupName !== "default")
      .map((item) => resource("group", item.GroupId, item.Tags)),
    ...(interfaces.NetworkInterfaces ?? [])
      .filter(({ RequesterManaged }) => !RequesterManaged)
      .map((item) => resource("interface", item.NetworkInterfaceId, item.TagSet)),
  ];
}

async function computeResources(call: Call<typeof ec2Sdk>): Promise<Resource[]> {
  const [volumes, instances, templates, snapshots] = await Promise.all([
    call("DescribeVolumes", {}),
    call("DescribeInstances", {}),
    call("DescribeLaunchTemplates", {}),
    call("DescribeSnapshots", { OwnerIds: ["self"] }),
  ]);
  return [
    ...(volumes.Volumes ?? []).map((item) => resource("volume", item.VolumeId, item.Tags)),
    ...(instances.Reservations ?? [])
      .flatMap(({ Instances = [] }) => Instances)
      .filter(({ State }) => State?.Name !== "terminated" && State?.Name !== "shutting-down")
      .map((item) => resource("instance", item.InstanceId, item.Tags)),
    ...(templates.LaunchTemplates ?? []).map((item) => resource("template", item.LaunchTemplateId, item.Tags)),
    ...(snapshots.Snapshots ?? []).map((item) => resource("snapshot", item.SnapshotId, item.Tags)),
  ];
}

async function groupResources(call: Call<typeof autoScalingSdk>): Promise<Resource[]> {
  const found: Resource[] = [];
  let NextToken: string | undefined;
  do {
    const page = await call("DescribeAutoScalingGroups", { MaxRecords: 100, NextToken });
    found.push(
      ...(page.AutoScalingGroups ?? []).map((item) => resource("scaling-group", item.AutoScalingGroupName, item.Tags)),
    );
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return found;
}

async function balancerResources(call: Call<typeof elbSdk>): Promise<Resource[]> {
  const [{ LoadBalancers = [] }, { TargetGroups = [] }] = await Promise.all([
    call("DescribeLoadBalancers", {}),
    call("DescribeTargetGroups", {}),
  ]);
  const listeners = await Promise.all(
    LoadBalancers.map(({ LoadBalancerArn }) => call("DescribeListeners", { LoadBalancerArn })),
  );
  const arns = [
    ...LoadBalancers.map(({ LoadBalancerArn = "" }) => ({ kind: "balancer", arn: LoadBalancerArn })),
    ...TargetGroups.map(({ TargetGroupArn = "" }) => ({ kind: "target-group", arn: TargetGroupArn })),
    ...listeners
      .flatMap(({ Listeners = [] }) => Listeners)
      .map(({ ListenerArn = "" }) => ({ kind: "listener", arn: ListenerArn })),
  ];
  return Promise.all(
    arns.map(async ({ kind, arn }) => {
      const { TagDescriptions = [] } = await call("DescribeTags", { ResourceArns: [arn] });
      return resource(kind, arn, TagDescriptions[0]?.Tags);
    }),
  );
}

async function roleResources(call: Call<typeof iamSdk>): Promise<Resource[]> {
  const ours = { PathPrefix: "/holdfast/", MaxItems: 1_000 };
  const [{ Roles = [] }, { InstanceProfiles = [] }] = await Promise.all([
    call("ListRoles", ours),
    call("ListInstanceProfiles", ours),
  ]);
  const roles = Roles.map(async ({ RoleName }) => {
    const { Tags } = await call("ListRoleTags", { RoleName });
    return resource("role", RoleName, Tags);
  });
  const profiles = InstanceProfiles.map(async ({ InstanceProfileName }) => {
    const { InstanceProfile } = await call("GetInstanceProfile", { InstanceProfileName });
    return resource("profile", InstanceProfileName, InstanceProfile?.Tags);
  });
  return Promise.all([...roles, ...profiles]);
}

async function parameterResources(call: Call<typeof ssmSdk>): Promise<Resource[]> {
  const names: string[] = [];
  let NextToken: string | undefined;
  do {
    const page = await call("DescribeParameters", { MaxResults: 50, NextToken });
    names.push(...(page.Parameters ?? []).map(({ Name = "" }) => Name));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return Promise.all(
    names.map(async (name) => {
      const { TagList } = await call("ListTagsForResource", { ResourceType: "Parameter", ResourceId: name });
      return resource("parameter", name, TagList);
    }),
  );
}
