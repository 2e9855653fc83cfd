import {
  DescribeAddressesCommand,
  type Filter,
  paginateDescribeInstances,
  paginateDescribeInternetGateways,
  paginateDescribeLaunchTemplates,
  paginateDescribeNatGateways,
  paginateDescribeNetworkInterfaces,
  paginateDescribeRouteTables,
  paginateDescribeSecurityGroups,
  paginateDescribeSubnets,
  paginateDescribeTags,
  paginateDescribeVolumes,
  paginateDescribeVpcs,
  type Tag,
} from "@aws-sdk/client-ec2";
import type { OwnedResource } from "../../domain/deletion.ts";
import { TAG } from "../../domain/naming.ts";
import type { TaggedResource } from "../../domain/orphans.ts";
import type { ResourceKind } from "../../domain/views.ts";
import { call, collect } from "../aws-errors.ts";
import { ec2, fromTags } from "./client.ts";

/** A tag by which things are found: the owner's uid, or the cluster's name where the uid is not known. */
export interface TagMatch {
  readonly key: string;
  readonly value: string;
}

export const byTag = ({ key, value }: TagMatch): Filter => ({ Name: `tag:${key}`, Values: [value] });
export const inVpcs = (vpcIds: readonly string[]): Filter => ({ Name: "vpc-id", Values: [...vpcIds] });

const client = { client: ec2 };

/** What there is of each kind. What EC2 still shows though it is gone (for up to an hour) is left out. */
export const list = {
  vpcs: (...Filters: Filter[]) => collect(paginateDescribeVpcs(client, { Filters }), ({ Vpcs }) => Vpcs),
  subnets: (...Filters: Filter[]) => collect(paginateDescribeSubnets(client, { Filters }), ({ Subnets }) => Subnets),
  routeTables: (...Filters: Filter[]) =>
    collect(paginateDescribeRouteTables(client, { Filters }), ({ RouteTables }) => RouteTables),
  internetGateways: (...Filters: Filter[]) =>
    collect(paginateDescribeInternetGateways(client, { Filters }), ({ InternetGateways }) => InternetGateways),
  securityGroups: (...Filters: Filter[]) =>
    collect(paginateDescribeSecurityGroups(client, { Filters }), ({ SecurityGroups }) => SecurityGroups),
  interfaces: (...Filters: Filter[]) =>
    collect(paginateDescribeNetworkInterfaces(client, { Filters }), ({ NetworkInterfaces }) => NetworkInterfaces),
  addresses: async (...Filters: Filter[]) =>
    (await call(ec2.send(new DescribeAddressesCommand({ Filters })))).Addresses ?? [],
  launchTemplates: (...Filters: Filter[]) =>
    collect(paginateDescribeLaunchTemplates(client, { Filters }), ({ LaunchTemplates }) => LaunchTemplates),
  natGateways: (...filters: Filter[]) => {
    const present = { Name: "state", Values: ["pending", "available", "deleting"] };
    return collect(
      paginateDescribeNatGateways(client, { Filter: [...filters, present] }),
      ({ NatGateways }) => NatGateways,
    );
  },
  instances: (...filters: Filter[]) => {
    const present = {
      Name: "instance-state-name",
      Values: ["pending", "running", "shutting-down", "stopping", "stopped"],
    };
    return collect(paginateDescribeInstances(client, { Filters: [...filters, present] }), ({ Reservations = [] }) =>
      Reservations.flatMap(({ Instances = [] }) => Instances),
    );
  },
  volumes: async (...Filters: Filter[]) =>
    (await collect(paginateDescribeVolumes(client, { Filters }), ({ Volumes }) => Volumes)).filter(
      ({ State }) => State !== "deleted",
    ),
} as const;

/** All that EC2 has with this tag. */
export const listOwnedEc2 = async (tag: TagMatch): Promise<OwnedResource[]> => {
  const filter = byTag(tag);
  const kinds = await Promise.all([
    owned("instance", list.instances(filter), (each) => [each.InstanceId, each.Placement?.AvailabilityZone]),
    owned("nat-gateway", list.natGateways(filter), (each) => [each.NatGatewayId]),
    owned("address", list.addresses(filter), (each) => [each.AllocationId]),
    owned("network-interface", list.interfaces(filter).then(withTags), (each) => [
      each.NetworkInterfaceId,
      each.AvailabilityZone,
    ]),
    owned("volume", list.volumes(filter), (each) => [each.VolumeId, each.AvailabilityZone]),
    owned("security-group", list.securityGroups(filter), (each) => [each.GroupId]),
    owned("subnet", list.subnets(filter), (each) => [each.SubnetId, each.AvailabilityZone]),
    owned("route-table", list.routeTables(filter), (each) => [each.RouteTableId]),
    owned("internet-gateway", list.internetGateways(filter), (each) => [each.InternetGatewayId]),
    owned("vpc", list.vpcs(filter), (each) => [each.VpcId]),
    owned("launch-template", list.launchTemplates(filter), (each) => [each.LaunchTemplateId]),
  ]);
  return kinds.flat();
};

const withTags = <T extends { TagSet?: Tag[] | undefined }>(items: T[]) =>
  items.map((item) => ({ ...item, Tags: item.TagSet }));

const owned = async <T extends { Tags?: Tag[] | undefined }>(
  kind: ResourceKind,
  found: Promise<T[]>,
  identify: (item: T) => readonly [id: string | undefined, zone?: string | undefined],
): Promise<OwnedResource[]> =>
  (await found).map((item) => {
    const [id = "", zone] = identify(item);
    const tags = fromTags(item.Tags);
    const name = tags[TAG.resource] ?? tags["Name"] ?? id;
    return { kind, id, name, uid: tags[TAG.uid] ?? "", ...(zone === undefined ? {} : { zone }) };
  });

/** Everything of EC2 in the account that carries our tag, volumes to addresses: a call for a thousand of them. */
export const listOwnedResources = async (): Promise<TaggedResource[]> => {
  const found: TaggedResource[] = [];
  const pages = paginateDescribeTags(
    { client: ec2, pageSize: 1_000 },
    { Filters: [{ Name: "key", Values: [TAG.uid] }] },
  );
  for await (const { Tags = [] } of pages)
    for (const { ResourceId = "", Value = "" } of Tags) found.push({ id: ResourceId, uid: Value });
  return found;
};
