import type * as ec2 from "@aws-sdk/client-ec2";
import { AwsError, type Handlers } from "../../wire/contract.ts";
import { formatNetwork } from "../engine/cidr.ts";
import type { Engine } from "../engine/engine.ts";
import { dependencyViolation, invalidCombination, notEmulated, required } from "../engine/errors.ts";
import { type FilterAttributes, select } from "../engine/filters.ts";
import { kinds } from "../engine/kinds.ts";
import type { Vpc } from "../engine/state-network.ts";
import { newResource } from "../engine/store.ts";
import { type Tags, tagList, tagsOnCreate } from "../engine/tags.ts";
import { defaultDhcpOptions } from "./dhcp-options.ts";
import { isMain } from "./route-tables.ts";
import { addDefaultGroup, removeGroup } from "./security-groups.ts";
import { blockViews } from "./vpc-blocks.ts";
import { networkOf } from "./vpc-networks.ts";

/** A VPC with what comes and goes with it: default security group, main route table, default network ACL. */
export function addVpc(engine: Engine, request: { cidr: string; isDefault: boolean; tags: Tags }): Vpc {
  const { context, store } = engine;
  const vpc = store.vpcs.add({
    ...newResource(context, kinds.vpc.prefix, request.tags),
    cidr: request.cidr,
    furtherBlocks: [],
    isDefault: request.isDefault,
    dhcpOptionsId: defaultDhcpOptions(engine).id,
    dnsSupport: true,
    dnsHostnames: request.isDefault,
  });
  addDefaultGroup(engine, vpc.id);
  store.routeTables.add({
    ...newResource(context, kinds.routeTable.prefix, {}),
    vpcId: vpc.id,
    routes: [],
    associations: [{ id: context.id("rtbassoc") }],
  });
  store.networkAcls.add({ ...newResource(context, kinds.networkAcl.prefix, {}), vpcId: vpc.id });
  return vpc;
}

function removeVpc(engine: Engine, vpcId: string): void {
  const { store } = engine;
  const isOfVpc = (item: { vpcId?: string | undefined }): boolean => item.vpcId === vpcId;
  const isUsed =
    store.subnets.list().some(isOfVpc) ||
    store.internetGateways.list().some(isOfVpc) ||
    store.networkInterfaces.list().some(isOfVpc) ||
    store.securityGroups.list().some((group) => isOfVpc(group) && group.name !== "default") ||
    store.routeTables.list().some((table) => isOfVpc(table) && !isMain(table));
  if (isUsed) throw dependencyViolation("vpc", vpcId);
  for (const group of store.securityGroups.list().filter(isOfVpc)) removeGroup(engine, group.id);
  for (const group of store.securityGroups.list()) {
    group.associations = group.associations.filter((association) => association.vpcId !== vpcId);
  }
  for (const table of store.routeTables.list().filter(isOfVpc)) store.routeTables.remove(table.id);
  for (const acl of store.networkAcls.list().filter(isOfVpc)) store.networkAcls.remove(acl.id);
  store.vpcs.remove(vpcId);
}

export function vpcHandlers(engine: Engine): Handlers<typeof ec2> {
  const { store } = engine;
  return {
    CreateVpc(input) {
      if (input.AmazonProvidedIpv6CidrBlock || input.Ipv6CidrBlock || input.Ipv6Pool) throw notEmulated("IPv6");
      if (input.InstanceTenancy && input.InstanceTenancy !== "default") throw notEmulated("dedicated tenancy");
      const cidr = formatNetwork(networkOf(required(input.CidrBlock, "CidrBlock"), "InvalidVpc.Range"));
      const tags = tagsOnCreate(input.TagSpecifications, kinds.vpc);
      if (store.vpcs.list().length >= engine.quotas.limit("vpcs")) {
        throw new AwsError("VpcLimitExceeded", "The maximum number of VPCs has been reached.");
      }
      return { Vpc: vpcView(engine, addVpc(engine, { cidr, isDefault: false, tags })) };
    },

    DescribeVpcs(input) {
      const { items, ...next } = select(store.vpcs, input.VpcIds, input, filters(engine));
      return { Vpcs: items.map((vpc) => vpcView(engine, vpc)), ...next };
    },

    DeleteVpc(input) {
      removeVpc(engine, store.vpcs.get(required(input.VpcId, "VpcId")).id);
      return {};
    },

    ModifyVpcAttribute(input) {
      const vpc = store.vpcs.get(required(input.VpcId, "VpcId"));
      const support = input.EnableDnsSupport?.Value;
      const hostnames = input.EnableDnsHostnames?.Value;
      if (support !== undefined && hostnames !== undefined) {
        throw invalidCombination("Fields for multiple attribute types specified. Only one attribute may be modified.");
      }
      if (support === undefined && hostnames === undefined) throw notEmulated("other attributes of VPCs");
      vpc.dnsSupport = support ?? vpc.dnsSupport;
      vpc.dnsHostnames = hostnames ?? vpc.dnsHostnames;
      return {};
    },

    DescribeVpcAttribute(input) {
      const vpc = store.vpcs.get(required(input.VpcId, "VpcId"));
      switch (required(input.Attribute, "Attribute")) {
        case "enableDnsSupport":
          return { VpcId: vpc.id, EnableDnsSupport: { Value: vpc.dnsSupport } };
        case "enableDnsHostnames":
          return { VpcId: vpc.id, EnableDnsHostnames: { Value: vpc.dnsHostnames } };
        default:
          throw notEmulated(`the VPC attribute ${input.Attribute}`);
      }
    },

    DescribeVpcEndpoints() {
      return { VpcEndpoints: [] };
    },
  };
}

function stateOf(engine: Engine, vpc: Vpc): "pending" | "available" {
  return engine.context.clock.now() - vpc.createdAt < engine.timings.networkPending ? "pending" : "available";
}

function filters(engine: Engine): FilterAttributes<Vpc> {
  return {
    "vpc-id": (vpc) => vpc.id,
    cidr: (vpc) => vpc.cidr,
    "cidr-block-association.association-id": (vpc) => blockViews(engine, vpc).map((view) => view.AssociationId ?? ""),
    "cidr-block-association.cidr-block": (vpc) => blockViews(engine, vpc).map((view) => view.CidrBlock ?? ""),
    "dhcp-options-id": (vpc) => vpc.dhcpOptionsId,
    "is-default": (vpc) => vpc.isDefault,
    isDefault: (vpc) => vpc.isDefault,
    "owner-id": () => engine.context.accountId,
    state: (vpc) => stateOf(engine, vpc),
  };
}

function vpcView(engine: Engine, vpc: Vpc): ec2.Vpc {
  return {
    VpcId: vpc.id,
    CidrBlock: vpc.cidr,
    CidrBlockAssociationSet: blockViews(engine, vpc),
    DhcpOptionsId: vpc.dhcpOptionsId,
    InstanceTenancy: "default",
    IsDefault: vpc.isDefault,
    OwnerId: engine.context.accountId,
    State: stateOf(engine, vpc),
    Tags: tagList(vpc.tags),
  };
}
