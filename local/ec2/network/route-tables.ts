import type * as ec2 from "@aws-sdk/client-ec2";
import { AwsError, type Handlers } from "../../wire/contract.ts";
import type { Engine } from "../engine/engine.ts";
import { dependencyViolation, required } from "../engine/errors.ts";
import { type FilterAttributes, select } from "../engine/filters.ts";
import { kinds } from "../engine/kinds.ts";
import type { Route, RouteTable } from "../engine/state-network.ts";
import { newResource } from "../engine/store.ts";
import { tagList, tagsOnCreate } from "../engine/tags.ts";
import { stateOfRoute } from "./routes.ts";
import { blocksOf } from "./vpc-blocks.ts";

/** Subnets without an association of their own use their VPC's main table. */
export function isMain(table: RouteTable): boolean {
  return table.associations.some((association) => association.subnetId === undefined);
}

/** @throws AwsError `Resource.AlreadyAssociated` */
function associate(engine: Engine, table: RouteTable, subnetId: string): string {
  const subnet = engine.store.subnets.get(subnetId);
  if (subnet.vpcId !== table.vpcId) {
    throw new AwsError(
      "InvalidParameterValue",
      `route table ${table.id} and subnet ${subnet.id} belong to different networks`,
    );
  }
  const tables = engine.store.routeTables.list();
  const present = tables.flatMap((each) => each.associations).find((each) => each.subnetId === subnet.id);
  if (present) {
    throw new AwsError(
      "Resource.AlreadyAssociated",
      `the specified association for route table ${table.id} conflicts with an existing association`,
    );
  }
  const id = engine.context.id("rtbassoc");
  table.associations.push({ id, subnetId: subnet.id });
  return id;
}

function disassociate(engine: Engine, associationId: string): void {
  const tables = engine.store.routeTables.list();
  const table = tables.find((each) => each.associations.some((association) => association.id === associationId));
  const association = table?.associations.find((each) => each.id === associationId);
  if (!table || !association) {
    throw new AwsError("InvalidAssociationID.NotFound", `The association ID '${associationId}' does not exist`);
  }
  if (association.subnetId === undefined) {
    throw new AwsError(
      "InvalidParameterValue",
      `cannot disassociate the main route table association ${associationId}`,
    );
  }
  table.associations = table.associations.filter((each) => each !== association);
}

export function routeTableHandlers(engine: Engine): Handlers<typeof ec2> {
  const { store } = engine;
  return {
    CreateRouteTable(input) {
      const vpc = store.vpcs.get(required(input.VpcId, "VpcId"));
      const tags = tagsOnCreate(input.TagSpecifications, kinds.routeTable);
      const exists = (id: string) => store.routeTables.find(id) !== undefined;
      const [id = ""] = engine.tokens.once("CreateRouteTable", input, exists, () => {
        const base = newResource(engine.context, kinds.routeTable.prefix, tags);
        return [store.routeTables.add({ ...base, vpcId: vpc.id, routes: [], associations: [] }).id];
      });
      const table = tableView(engine, store.routeTables.get(id));
      return { RouteTable: table, ...(input.ClientToken !== undefined && { ClientToken: input.ClientToken }) };
    },

    DescribeRouteTables(input) {
      const { items, ...next } = select(store.routeTables, input.RouteTableIds, input, filters(engine));
      return { RouteTables: items.map((table) => tableView(engine, table)), ...next };
    },

    DeleteRouteTable(input) {
      const table = store.routeTables.get(required(input.RouteTableId, "RouteTableId"));
      if (table.associations.length > 0) throw dependencyViolation("routeTable", table.id);
      store.routeTables.remove(table.id);
      engine.tokens.forget(table.id);
      return {};
    },

    AssociateRouteTable(input) {
      const table = store.routeTables.get(required(input.RouteTableId, "RouteTableId"));
      const id = associate(engine, table, required(input.SubnetId, "SubnetId"));
      return { AssociationId: id, AssociationState: { State: "associated" } };
    },

    DisassociateRouteTable(input) {
      disassociate(engine, required(input.AssociationId, "AssociationId"));
      return {};
    },
  };
}

function filters(engine: Engine): FilterAttributes<RouteTable> {
  return {
    "route-table-id": (table) => table.id,
    "vpc-id": (table) => table.vpcId,
    "association.main": (table) => isMain(table),
    "association.subnet-id": (table) => table.associations.map((association) => association.subnetId),
    "association.route-table-association-id": (table) => table.associations.map((association) => association.id),
    "association.route-table-id": (table) => (table.associations.length > 0 ? table.id : undefined),
    "route.destination-cidr-block": (table) => table.routes.map((route) => route.destination),
    "route.gateway-id": (table) => table.routes.map((route) => route.target).filter((id) => id.startsWith("igw-")),
    "route.nat-gateway-id": (table) => table.routes.map((route) => route.target).filter((id) => id.startsWith("nat-")),
    "owner-id": () => engine.context.accountId,
  };
}

function tableView(engine: Engine, table: RouteTable): ec2.RouteTable {
  const blocks = blocksOf(engine, engine.store.vpcs.get(table.vpcId));
  return {
    RouteTableId: table.id,
    VpcId: table.vpcId,
    OwnerId: engine.context.accountId,
    Associations: table.associations.map((association) => ({
      RouteTableAssociationId: association.id,
      RouteTableId: table.id,
      Main: association.subnetId === undefined,
      ...(association.subnetId !== undefined && { SubnetId: association.subnetId }),
      AssociationState: { State: "associated" },
    })),
    Routes: [
      ...blocks.map((DestinationCidrBlock): ec2.Route => {
        return { DestinationCidrBlock, GatewayId: "local", Origin: "CreateRouteTable", State: "active" };
      }),
      ...table.routes.map((route) => routeView(engine, route)),
    ],
    PropagatingVgws: [],
    Tags: tagList(table.tags),
  };
}

function routeView(engine: Engine, route: Route): ec2.Route {
  const isIpv6 = route.destination.includes(":");
  return {
    ...(isIpv6 ? { DestinationIpv6CidrBlock: route.destination } : { DestinationCidrBlock: route.destination }),
    ...(route.target.startsWith("igw-") && { GatewayId: route.target }),
    ...(route.target.startsWith("nat-") && { NatGatewayId: route.target }),
    ...(route.target.startsWith("eni-") && { NetworkInterfaceId: route.target }),
    Origin: "CreateRoute",
    State: stateOfRoute(engine, route),
  };
}
