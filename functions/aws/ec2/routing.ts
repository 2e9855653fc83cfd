import type { EC2Client } from "@aws-sdk/client-ec2";
import {
  AllocateAddressCommand,
  AssociateRouteTableCommand,
  CreateNatGatewayCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  DescribeAddressesCommand,
  DescribeNatGatewaysCommand,
  DescribeRouteTablesCommand,
  type RouteTable,
} from "@aws-sdk/client-ec2";
import { clientToken, type Owner } from "../../domain/cluster/naming.ts";
import { natGatewayDifferences, placeDifferences, requireOwn } from "../../domain/ownership/adoption.ts";
import { call, ignoring, present } from "../common/aws-errors.ts";
import type { Ec2 } from "./client.ts";
import { byResource, createOnce, lookUp, ownedBy, tagDifferencesOf, tagged } from "./client.ts";

/** Elastic address and NAT gateway of each zone, by zone. Does not wait for the gateways to be available. */
export async function ensureNatGateways(
  ec2: Ec2,
  owner: Owner,
  subnetIds: Readonly<Record<string, string>>,
): Promise<Record<string, string>> {
  const [{ NatGateways = [] }, { Addresses = [] }] = await Promise.all([
    lookUp(owner, () =>
      ec2.send(
        new DescribeNatGatewaysCommand({
          Filter: [...ownedBy(owner), { Name: "state", Values: ["pending", "available"] }],
        }),
      ),
    ),
    lookUp(owner, () => ec2.send(new DescribeAddressesCommand({ Filters: ownedBy(owner) }))),
  ]);
  const gateways = byResource(NatGateways, (item) => item.NatGatewayId ?? "");
  const addresses = byResource(Addresses, (item) => item.AllocationId ?? "");
  const ensure = async ([zone, SubnetId]: [string, string]): Promise<[string, string]> => {
    const resource = `nat-gateway/${zone}`;
    const existing = gateways.get(resource);
    if (existing) {
      const NatGatewayId = present(existing.NatGatewayId, "a NAT gateway id");
      requireOwn(`NAT gateway ${NatGatewayId}`, owner, [
        ...tagDifferencesOf(owner, resource, existing),
        ...natGatewayDifferences(SubnetId, { subnetId: existing.SubnetId }),
      ]);
      return [zone, NatGatewayId];
    }
    const addressName = `address/${zone}`;
    const address = addresses.get(addressName);
    if (address) {
      requireOwn(`address ${address.AllocationId}`, owner, tagDifferencesOf(owner, addressName, address));
    }
    const AllocationId =
      address?.AllocationId ??
      (
        await createOnce(
          ec2.once.send(
            new AllocateAddressCommand({ Domain: "vpc", TagSpecifications: tagged("elastic-ip", owner, addressName) }),
          ),
        )
      ).AllocationId;
    const { NatGateway } = await call(
      ec2.send(
        new CreateNatGatewayCommand({
          SubnetId,
          AllocationId: present(AllocationId, "an allocation id"),
          ClientToken: clientToken(owner, resource),
          TagSpecifications: tagged("natgateway", owner, resource),
        }),
      ),
    );
    return [zone, present(NatGateway?.NatGatewayId, "a NAT gateway id")];
  };
  return Object.fromEntries(await Promise.all(Object.entries(subnetIds).map(ensure)));
}

/** States of the owner's NAT gateways by id: `pending`, `available`, `failed`… */
export async function natGatewayStates(ec2: EC2Client, owner: Owner): Promise<Map<string, string>> {
  const { NatGateways = [] } = await call(ec2.send(new DescribeNatGatewaysCommand({ Filter: ownedBy(owner) })));
  return new Map(NatGateways.map((gateway) => [gateway.NatGatewayId ?? "", gateway.State ?? "unknown"]));
}

export interface RouteTablePlan {
  readonly name: string;
  readonly subnetIds: readonly string[];
  readonly defaultRoute: { readonly gatewayId: string } | { readonly natGatewayId: string };
}

export async function ensureRouteTables(
  ec2: EC2Client,
  owner: Owner,
  VpcId: string,
  tables: readonly RouteTablePlan[],
): Promise<void> {
  const { RouteTables = [] } = await lookUp(owner, () =>
    ec2.send(new DescribeRouteTablesCommand({ Filters: ownedBy(owner) })),
  );
  const found = byResource(RouteTables, (item) => item.RouteTableId ?? "");
  await Promise.all(
    tables.map((table) => ensureRouteTable(ec2, owner, VpcId, table, found.get(`route-table/${table.name}`))),
  );
}

async function ensureRouteTable(
  ec2: EC2Client,
  owner: Owner,
  VpcId: string,
  plan: RouteTablePlan,
  found: RouteTable | undefined,
) {
  const resource = `route-table/${plan.name}`;
  if (found) {
    requireOwn(`route table ${found.RouteTableId}`, owner, [
      ...tagDifferencesOf(owner, resource, found),
      ...placeDifferences(VpcId, { vpcId: found.VpcId }),
    ]);
  }
  const table =
    found ??
    (
      await call(
        ec2.send(
          new CreateRouteTableCommand({
            VpcId,
            ClientToken: clientToken(owner, resource),
            TagSpecifications: tagged("route-table", owner, resource),
          }),
        ),
      )
    ).RouteTable;
  const RouteTableId = present(table?.RouteTableId, "a route table id");
  const target =
    "gatewayId" in plan.defaultRoute
      ? { GatewayId: plan.defaultRoute.gatewayId }
      : { NatGatewayId: plan.defaultRoute.natGatewayId };
  const associated = new Set(table?.Associations?.map(({ SubnetId }) => SubnetId));
  const hasDefaultRoute = table?.Routes?.some((route) => route.DestinationCidrBlock === "0.0.0.0/0") ?? false;
  await Promise.all([
    ...(hasDefaultRoute
      ? []
      : [
          ignoring(
            ["RouteAlreadyExists"],
            ec2.send(new CreateRouteCommand({ RouteTableId, DestinationCidrBlock: "0.0.0.0/0", ...target })),
          ),
        ]),
    ...plan.subnetIds
      .filter((SubnetId) => !associated.has(SubnetId))
      .map((SubnetId) =>
        ignoring(["Resource.AlreadyAssociated"], ec2.send(new AssociateRouteTableCommand({ RouteTableId, SubnetId }))),
      ),
  ]);
}
