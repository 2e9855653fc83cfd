import type { Engine } from "../engine/engine.ts";
import type { NetworkInterface, Route } from "../engine/state-network.ts";
import { publicIpOf } from "./interfaces.ts";
import { isMain } from "./route-tables.ts";

/**
 * Does what an interface sends to the Internet arrive there? An internet gateway translates public addresses only, and
 * drops packets of an interface that has none; a NAT gateway sends with its own, from its own subnet.
 */
export function hasEgress(engine: Engine, networkInterface: NetworkInterface): boolean {
  const route = defaultRoute(engine, networkInterface.subnetId);
  if (!route) return false;
  if (leadsToInternet(engine, route)) return publicIpOf(engine, networkInterface) !== undefined;
  const gateway = engine.store.natGateways.find(route.target);
  if (gateway?.state !== "available" || gateway.publicIp === undefined) return false;
  const onwards = defaultRoute(engine, gateway.subnetId);
  return onwards !== undefined && leadsToInternet(engine, onwards);
}

/** Subnets without a route table of their own use the main one of their VPC. */
export function defaultRoute({ store }: Engine, subnetId: string): Route | undefined {
  const { vpcId } = store.subnets.get(subnetId);
  const tables = store.routeTables.list().filter((table) => table.vpcId === vpcId);
  const own = tables.find(({ associations }) => associations.some((each) => each.subnetId === subnetId));
  return (own ?? tables.find(isMain))?.routes.find(({ destination }) => destination === "0.0.0.0/0");
}

function leadsToInternet({ store }: Engine, { target }: Route): boolean {
  return store.internetGateways.find(target)?.vpcId !== undefined;
}
