import type { EC2Client, Filter, IpPermission, NatGateway, RouteTable, Tag } from "@aws-sdk/client-ec2";
import { TAG } from "../../domain/cluster/naming.ts";
import type { NetworkFacts, RouteTableFacts, RuleFacts } from "../../domain/drift/network-drift.ts";
import { fromTags } from "./client.ts";
import { byTag, list } from "./owned.ts";

const EVERY_OWNER: Filter = { Name: "tag-key", Values: [TAG.uid] };

/** The networks of one cluster, or of all by the same number of calls. */
export async function readNetworks(ec2: EC2Client, uid?: string): Promise<NetworkFacts> {
  const filter = uid === undefined ? EVERY_OWNER : byTag({ key: TAG.uid, value: uid });
  const [groups, routeTables, natGateways, addresses, templates] = await Promise.all([
    list(ec2).securityGroups(filter),
    list(ec2).routeTables(filter),
    list(ec2).natGateways(filter),
    list(ec2).addresses(filter),
    list(ec2).launchTemplates(filter),
  ]);
  return {
    groups: new Map(groups.map(({ GroupId = "", IpPermissions = [] }) => [GroupId, IpPermissions.flatMap(rulesOf)])),
    routeTables: routeTables.map(tableOf),
    natGateways: natGateways.map((each: NatGateway) => ({ ...named(each.Tags), state: String(each.State) })),
    addresses: addresses.map(({ Tags, PublicIp = "", NetworkInterfaceId }) => ({
      ...named(Tags),
      publicIp: PublicIp,
      interfaceId: NetworkInterfaceId ?? null,
    })),
    templates: new Set(templates.map(({ LaunchTemplateName = "" }) => LaunchTemplateName)),
  };
}

function named(list: readonly Tag[] | undefined): { uid: string; name: string } {
  const tags = fromTags(list);
  return { uid: tags[TAG.uid] ?? "", name: tags[TAG.resource] ?? "" };
}

function rulesOf({ IpProtocol, FromPort, ToPort, ...peers }: IpPermission): RuleFacts[] {
  const ports =
    FromPort === undefined || ToPort === undefined || FromPort < 0 ? {} : { ports: [FromPort, ToPort] as const };
  const all = [
    ...(peers.IpRanges ?? []).map(({ CidrIp }) => CidrIp),
    ...(peers.UserIdGroupPairs ?? []).map(({ GroupId }) => GroupId),
  ];
  return all.flatMap((peer) => (peer === undefined ? [] : [{ protocol: IpProtocol ?? "", ...ports, peer }]));
}

function tableOf({ Tags, Associations = [], Routes = [] }: RouteTable): RouteTableFacts {
  const route = Routes.find(({ DestinationCidrBlock }) => DestinationCidrBlock === "0.0.0.0/0");
  return {
    ...named(Tags),
    subnetIds: Associations.flatMap(({ SubnetId }) => SubnetId ?? []),
    defaultRoute: route
      ? { target: route.GatewayId ?? route.NatGatewayId ?? "", active: route.State !== "blackhole" }
      : null,
  };
}
