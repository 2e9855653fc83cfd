import { admits } from "../../hosts/firewall.ts";
import type { Engine } from "../engine/engine.ts";
import type { NetworkInterface } from "../engine/state-network.ts";
import { defaultRoute } from "./egress.ts";
import { Groups } from "./firewalls.ts";
import { publicIpOf } from "./interfaces.ts";

/** What a load balancer's security groups are asked about. */
export interface BalancerFront {
  readonly vpcId: string;
  readonly groupIds: readonly string[];
  readonly port: number;
  /** Whether clients know it by public addresses: then it sees theirs, not the private ones. */
  readonly isPublic: boolean;
}

/** The private addresses in the VPC from which the balancer's groups let connections in. */
export function balancerClients(engine: Engine, { vpcId, groupIds, port, isPublic }: BalancerFront): string[] {
  const rules = new Groups(engine, vpcId).rulesOf(groupIds, "ingress");
  const isAdmitted = (each: NetworkInterface): boolean => {
    const source = isPublic ? publicSourceOf(engine, each) : each.address;
    return source !== undefined && admits(rules, port, source);
  };
  const interfaces = engine.store.networkInterfaces.list().filter((each) => each.vpcId === vpcId);
  return interfaces.filter(isAdmitted).map(({ address }) => address);
}

/** The address by which the internet sees an interface: its own, or that of the NAT gateway in its subnet's default route. */
function publicSourceOf(engine: Engine, networkInterface: NetworkInterface): string | undefined {
  const { natGateways, internetGateways } = engine.store;
  const target = defaultRoute(engine, networkInterface.subnetId)?.target;
  if (internetGateways.find(target)) return publicIpOf(engine, networkInterface);
  const gateway = natGateways.find(target);
  return gateway?.state === "available" ? gateway.publicIp : undefined;
}
