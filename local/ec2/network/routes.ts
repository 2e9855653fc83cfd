import type * as ec2 from "@aws-sdk/client-ec2";
import { AwsError, type Handlers } from "../../wire/contract.ts";
import { formatNetwork, parseNetwork } from "../engine/cidr.ts";
import type { Engine } from "../engine/engine.ts";
import { invalidCombination, invalidParameter, notEmulated, required } from "../engine/errors.ts";
import type { Route, RouteTable } from "../engine/state-network.ts";

interface Destination {
  readonly DestinationCidrBlock?: string | undefined;
  readonly DestinationIpv6CidrBlock?: string | undefined;
}

interface Target {
  readonly GatewayId?: string | undefined;
  readonly NatGatewayId?: string | undefined;
  readonly NetworkInterfaceId?: string | undefined;
}

/** A route whose target is gone or detached swallows packets. */
export function stateOfRoute(engine: Engine, route: Route): "active" | "blackhole" {
  const { store } = engine;
  const { target } = route;
  const leadsSomewhere =
    store.internetGateways.find(target)?.vpcId !== undefined ||
    store.natGateways.find(target)?.state === "available" ||
    store.networkInterfaces.find(target)?.attachment?.state === "attached";
  return leadsSomewhere ? "active" : "blackhole";
}

function destinationOf(input: Destination): string {
  if (input.DestinationIpv6CidrBlock !== undefined) return input.DestinationIpv6CidrBlock;
  const cidr = required(input.DestinationCidrBlock, "DestinationCidrBlock");
  const network = parseNetwork(cidr);
  if (!network) throw invalidParameter(cidr, "DestinationCidrBlock", "This is not a valid CIDR block.");
  return formatNetwork(network);
}

/** @throws AwsError unless exactly one target is given, exists, and is in the table's VPC. */
function targetOf(engine: Engine, table: RouteTable, input: Target): string {
  const { store } = engine;
  const given = [input.GatewayId, input.NatGatewayId, input.NetworkInterfaceId].filter((id) => id !== undefined);
  const [id] = given;
  if (id === undefined) throw notEmulated("a route without internet gateway, NAT gateway or network interface");
  if (given.length > 1) throw invalidCombination("Exactly one route target must be specified.");
  const vpcId =
    input.GatewayId !== undefined
      ? store.internetGateways.get(id).vpcId
      : input.NatGatewayId !== undefined
        ? store.natGateways.get(id).vpcId
        : store.networkInterfaces.get(id).vpcId;
  if (vpcId !== table.vpcId) {
    throw new AwsError(
      "InvalidParameterValue",
      `route table ${table.id} and network gateway ${id} belong to different networks`,
    );
  }
  return id;
}

function presentRoute(table: RouteTable, destination: string): Route {
  const route = table.routes.find((each) => each.destination === destination);
  if (!route) {
    throw new AwsError(
      "InvalidRoute.NotFound",
      `no route with destination-cidr-block ${destination} in route table ${table.id}`,
    );
  }
  return route;
}

export function routeHandlers(engine: Engine): Handlers<typeof ec2> {
  const { store } = engine;
  return {
    CreateRoute(input) {
      const table = store.routeTables.get(required(input.RouteTableId, "RouteTableId"));
      const destination = destinationOf(input);
      const target = targetOf(engine, table, input);
      if (table.routes.some((route) => route.destination === destination)) {
        throw new AwsError("RouteAlreadyExists", `The route identified by ${destination} already exists.`);
      }
      table.routes.push({ destination, target });
      return { Return: true };
    },

    ReplaceRoute(input) {
      const table = store.routeTables.get(required(input.RouteTableId, "RouteTableId"));
      const route = presentRoute(table, destinationOf(input));
      route.target = targetOf(engine, table, input);
      return {};
    },

    DeleteRoute(input) {
      const table = store.routeTables.get(required(input.RouteTableId, "RouteTableId"));
      const route = presentRoute(table, destinationOf(input));
      table.routes = table.routes.filter((each) => each !== route);
      return {};
    },
  };
}
