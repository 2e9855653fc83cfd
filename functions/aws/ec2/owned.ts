import type { EC2Client } from "@aws-sdk/client-ec2";
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
import type { ResourceKind } from "../../domain/api/views.ts";
import { TAG } from "../../domain/cluster/naming.ts";
import type { FoundResource } from "../../domain/deletion/deletion.ts";
import type { TaggedResource } from "../../domain/deletion/orphans.ts";
import { call, collect } from "../common/aws-errors.ts";
import { fromTags } from "./client.ts";

/** A tag by which things are found: the owner's uid, or the cluster's name where the uid is not known. */
export interface TagMatch {
  readonly key: string;
  readonly value: string;
}

export function byTag({ key, value }: TagMatch): Filter {
  return { Name: `tag:${key}`, Values: [value] };
}

export function inVpcs(vpcIds: readonly string[]): Filter {
  return { Name: "vpc-id", Values: [...vpcIds] };
}

function client(ec2: EC2Client) {
  return { client: ec2 };
}

/** What there is of each kind. What EC2 still shows though it is gone (for up to an hour) is left out. */
export function list(ec2: EC2Client) {
  return {
    vpcs: (...Filters: Filter[]) => collect(paginateDescribeVpcs(client(ec2), { Filters }), ({ Vpcs }) => Vpcs),
    subnets: (...Filters: Filter[]) =>
      collect(paginateDescribeSubnets(client(ec2), { Filters }), ({ Subnets }) => Subnets),
    routeTables: (...Filters: Filter[]) =>
      collect(paginateDescribeRouteTables(client(ec2), { Filters }), ({ RouteTables }) => RouteTables),
    internetGateways: (...Filters: Filter[]) =>
      collect(paginateDescribeInternetGateways(client(ec2), { Filters }), ({ InternetGateways }) => InternetGateways),
    securityGroups: (...Filters: Filter[]) =>
      collect(paginateDescribeSecurityGroups(client(ec2), { Filters }), ({ SecurityGroups }) => SecurityGroups),
    interfaces: (...Filters: Filter[]) =>
      collect(
        paginateDescribeNetworkInterfaces(client(ec2), { Filters }),
        ({ NetworkInterfaces }) => NetworkInterfaces,
      ),
    addresses: async (...Filters: Filter[]) =>
      (await call(ec2.send(new DescribeAddressesCommand({ Filters })))).Addresses ?? [],
    launchTemplates: (...Filters: Filter[]) =>
      collect(paginateDescribeLaunchTemplates(client(ec2), { Filters }), ({ LaunchTemplates }) => LaunchTemplates),
    natGateways: (...filters: Filter[]) => {
      const present = { Name: "state", Values: ["pending", "available", "deleting"] };
      return collect(
        paginateDescribeNatGateways(client(ec2), { Filter: [...filters, present] }),
        ({ NatGateways }) => NatGateways,
      );
    },
    instances: (...filters: Filter[]) => {
      const present = {
        Name: "instance-state-name",
        Values: ["pending", "running", "shutting-down", "stopping", "stopped"],
      };
      return collect(
        paginateDescribeInstances(client(ec2), { Filters: [...filters, present] }),
        ({ Reservations = [] }) => Reservations.flatMap(({ Instances = [] }) => Instances),
      );
    },
    volumes: async (...Filters: Filter[]) =>
      (await collect(paginateDescribeVolumes(client(ec2), { Filters }), ({ Volumes }) => Volumes)).filter(
        ({ State }) => State !== "deleted",
      ),
  } as const;
}

/** A resource as it was found, with all that EC2 says of it. */
export interface Found<K extends ResourceKind, Item> extends FoundResource<K> {
  readonly item: Item;
}

function finder<K extends ResourceKind, Item>(
  kind: K,
  read: (...filters: Filter[]) => Promise<Item[]>,
  identify: (
    item: Item,
  ) => readonly [id: string | undefined, tags: readonly Tag[] | undefined, zone?: string | undefined],
) {
  return async (...filters: Filter[]): Promise<Found<K, Item>[]> =>
    (await read(...filters)).map((item) => {
      const [id = "", tagList, zone] = identify(item);
      const tags = fromTags(tagList);
      const name = tags[TAG.resource] ?? tags["Name"] ?? id;
      return { kind, id, name, tags, item, ...(zone === undefined ? {} : { zone }) };
    });
}

/** The same as `list`, with kind, id and tags in one form. */
export function find(ec2: EC2Client) {
  return {
    instances: finder("instance", list(ec2).instances, (each) => [
      each.InstanceId,
      each.Tags,
      each.Placement?.AvailabilityZone,
    ]),
    natGateways: finder("nat-gateway", list(ec2).natGateways, (each) => [each.NatGatewayId, each.Tags]),
    addresses: finder("address", list(ec2).addresses, (each) => [each.AllocationId, each.Tags]),
    interfaces: finder("network-interface", list(ec2).interfaces, (each) => [
      each.NetworkInterfaceId,
      each.TagSet,
      each.AvailabilityZone,
    ]),
    volumes: finder("volume", list(ec2).volumes, (each) => [each.VolumeId, each.Tags, each.AvailabilityZone]),
    securityGroups: finder("security-group", list(ec2).securityGroups, (each) => [each.GroupId, each.Tags]),
    subnets: finder("subnet", list(ec2).subnets, (each) => [each.SubnetId, each.Tags, each.AvailabilityZone]),
    routeTables: finder("route-table", list(ec2).routeTables, (each) => [each.RouteTableId, each.Tags]),
    internetGateways: finder("internet-gateway", list(ec2).internetGateways, (each) => [
      each.InternetGatewayId,
      each.Tags,
    ]),
    vpcs: finder("vpc", list(ec2).vpcs, (each) => [each.VpcId, each.Tags]),
    launchTemplates: finder("launch-template", list(ec2).launchTemplates, (each) => [each.LaunchTemplateId, each.Tags]),
  } as const;
}

/** All that EC2 has with this tag. */
export async function listOwnedEc2(ec2: EC2Client, tag: TagMatch): Promise<FoundResource[]> {
  return (await Promise.all(Object.values(find(ec2)).map((each): Promise<FoundResource[]> => each(byTag(tag))))).flat();
}

/** Everything of EC2 in the account that carries our tag, volumes to addresses: a call for a thousand of them. */
export async function listOwnedResources(ec2: EC2Client): Promise<TaggedResource[]> {
  const found: TaggedResource[] = [];
  const pages = paginateDescribeTags(
    { client: ec2, pageSize: 1_000 },
    { Filters: [{ Name: "key", Values: [TAG.uid] }] },
  );
  for await (const { Tags = [] } of pages)
    for (const { ResourceId = "", Value = "" } of Tags) found.push({ id: ResourceId, uid: Value });
  return found;
}
