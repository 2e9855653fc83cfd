import type * as ec2 from "@aws-sdk/client-ec2";
import { AwsError, type Handlers } from "../../wire/contract.ts";
import { contains, formatNetwork, overlaps } from "../engine/cidr.ts";
import { arnOf, type Engine } from "../engine/engine.ts";
import { dependencyViolation, notEmulated, required } from "../engine/errors.ts";
import { type FilterAttributes, select } from "../engine/filters.ts";
import { kinds } from "../engine/kinds.ts";
import type { Subnet } from "../engine/state-network.ts";
import { newResource } from "../engine/store.ts";
import { tagList, tagsOnCreate } from "../engine/tags.ts";
import { freeAddresses } from "./address-pool.ts";
import { blocksOf } from "./vpc-blocks.ts";
import { networkOf } from "./vpc-networks.ts";
import { zoneNamed, zonesOf } from "./zones.ts";

/** @throws AwsError `InvalidSubnet.Range` outside the VPC, `InvalidSubnet.Conflict` over another subnet. */
function checkedCidr(engine: Engine, vpcId: string, cidr: string): string {
  const { store } = engine;
  const network = networkOf(cidr, "InvalidSubnet.Range");
  const blocks = blocksOf(engine, store.vpcs.get(vpcId)).map((block) => networkOf(block, "InvalidVpc.Range"));
  if (!blocks.some((block) => contains(block, network))) {
    throw new AwsError("InvalidSubnet.Range", `The CIDR '${cidr}' is invalid.`);
  }
  const neighbours = store.subnets.list().filter((subnet) => subnet.vpcId === vpcId);
  if (neighbours.some((subnet) => overlaps(networkOf(subnet.cidr, "InvalidSubnet.Range"), network))) {
    throw new AwsError("InvalidSubnet.Conflict", `The CIDR '${cidr}' conflicts with another subnet`);
  }
  return formatNetwork(network);
}

function chosenZone(
  engine: Engine,
  input: { AvailabilityZone?: string | undefined; AvailabilityZoneId?: string | undefined },
): string {
  const zones = zonesOf(engine.context.region);
  const byId = zones.find((zone) => zone.id === input.AvailabilityZoneId)?.name;
  return zoneNamed(engine, input.AvailabilityZone ?? byId ?? input.AvailabilityZoneId ?? zones[0]?.name ?? "").name;
}

export function subnetHandlers(engine: Engine): Handlers<typeof ec2> {
  const { store } = engine;
  return {
    CreateSubnet(input) {
      if (input.Ipv6CidrBlock || input.Ipv6Native) throw notEmulated("IPv6");
      const vpc = store.vpcs.get(required(input.VpcId, "VpcId"));
      const tags = tagsOnCreate(input.TagSpecifications, kinds.subnet);
      const zone = chosenZone(engine, input);
      const subnet = store.subnets.add({
        ...newResource(engine.context, kinds.subnet.prefix, tags),
        vpcId: vpc.id,
        cidr: checkedCidr(engine, vpc.id, required(input.CidrBlock, "CidrBlock")),
        zone,
        publicIpOnLaunch: false,
        defaultForZone: false,
      });
      return { Subnet: subnetView(engine, subnet) };
    },

    DescribeSubnets(input) {
      const { items, ...next } = select(store.subnets, input.SubnetIds, input, filters(engine));
      return { Subnets: items.map((subnet) => subnetView(engine, subnet)), ...next };
    },

    ModifySubnetAttribute(input) {
      const subnet = store.subnets.get(required(input.SubnetId, "SubnetId"));
      const isPublic = input.MapPublicIpOnLaunch?.Value;
      if (isPublic === undefined) throw notEmulated("this attribute of subnets");
      subnet.publicIpOnLaunch = isPublic;
      return {};
    },

    DeleteSubnet(input) {
      const subnet = store.subnets.get(required(input.SubnetId, "SubnetId"));
      if (store.networkInterfaces.list().some((each) => each.subnetId === subnet.id)) {
        throw dependencyViolation("subnet", subnet.id);
      }
      for (const table of store.routeTables.list()) {
        table.associations = table.associations.filter((association) => association.subnetId !== subnet.id);
      }
      store.subnets.remove(subnet.id);
      engine.addressCursors.delete(subnet.id);
      return {};
    },
  };
}

function stateOf(engine: Engine, subnet: Subnet): "pending" | "available" {
  return engine.context.clock.now() - subnet.createdAt < engine.timings.networkPending ? "pending" : "available";
}

function zoneIdOf(engine: Engine, subnet: Subnet): string {
  return zoneNamed(engine, subnet.zone).id;
}

function filters(engine: Engine): FilterAttributes<Subnet> {
  return {
    "subnet-id": (subnet) => subnet.id,
    "vpc-id": (subnet) => subnet.vpcId,
    "availability-zone": (subnet) => subnet.zone,
    availabilityZone: (subnet) => subnet.zone,
    "availability-zone-id": (subnet) => zoneIdOf(engine, subnet),
    "cidr-block": (subnet) => subnet.cidr,
    cidr: (subnet) => subnet.cidr,
    "default-for-az": (subnet) => subnet.defaultForZone,
    "map-public-ip-on-launch": (subnet) => subnet.publicIpOnLaunch,
    "owner-id": () => engine.context.accountId,
    state: (subnet) => stateOf(engine, subnet),
  };
}

function subnetView(engine: Engine, subnet: Subnet): ec2.Subnet {
  return {
    SubnetId: subnet.id,
    SubnetArn: arnOf(engine, `subnet/${subnet.id}`),
    VpcId: subnet.vpcId,
    CidrBlock: subnet.cidr,
    AvailabilityZone: subnet.zone,
    AvailabilityZoneId: zoneIdOf(engine, subnet),
    AvailableIpAddressCount: freeAddresses(engine, subnet),
    DefaultForAz: subnet.defaultForZone,
    MapPublicIpOnLaunch: subnet.publicIpOnLaunch,
    AssignIpv6AddressOnCreation: false,
    Ipv6Native: false,
    Ipv6CidrBlockAssociationSet: [],
    OwnerId: engine.context.accountId,
    State: stateOf(engine, subnet),
    Tags: tagList(subnet.tags),
  };
}
