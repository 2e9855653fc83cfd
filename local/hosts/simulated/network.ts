import type { Clock } from "../../kernel/clock.ts";
import type { HostLoadBalancer } from "../driver.ts";
import { EtcdNetwork } from "./etcd.ts";
import type { SimulatedHost } from "./host.ts";

/** What a simulated VPC connects: hosts by address, balancers by name, and the etcd processes on the hosts. */
export class SimulatedNetwork {
  readonly etcd: EtcdNetwork;
  readonly hosts = new Map<string, SimulatedHost>();
  readonly balancers = new Map<string, HostLoadBalancer>();
  /** When hosts that are gone or cut off could last be heard, in epoch milliseconds, by instance id. */
  readonly lastSeen = new Map<string, number>();

  constructor(clock: Clock) {
    this.etcd = new EtcdNetwork(clock);
  }

  /** Does something listen there, and is the way to it open? With `path`, does it also answer 200? */
  probe(address: string, port: number, path?: string): boolean {
    const balancer = [...this.balancers.values()].find(({ addresses }) => addresses.includes(address));
    if (balancer) return this.throughBalancer(balancer.dnsName, port);
    const host = [...this.hosts.values()].find(
      (candidate) => candidate.spec.address === address && candidate.reachable,
    );
    return host?.listens(port, path) ?? false;
  }

  /** A connection to a balancer reaches one of its targets, chosen by the balancer. */
  throughBalancer(dnsName: string, port: number): boolean {
    const listener = this.balancers.get(dnsName)?.listeners.find((candidate) => candidate.port === port);
    return listener?.targets.some((target) => this.probe(target.address, target.port)) ?? false;
  }
}
