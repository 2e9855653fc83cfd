import type { Clock } from "../../context/clock.ts";
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

  /**
   * Does something listen there, and is the way to it open? With `path`, does it also answer 200? Security groups see a
   * connection that comes `from` an address of the VPC.
   */
  probe(
    address: string,
    port: number,
    { path, from }: { path?: string | undefined; from?: string | undefined },
  ): boolean {
    const balancer = [...this.balancers.values()].find(({ addresses }) => addresses.includes(address));
    if (balancer) return this.#forwards(balancer, address, { port, client: from });
    const host = [...this.hosts.values()].find(
      (candidate) =>
        candidate.spec.address === address &&
        candidate.reachable &&
        (from === undefined || candidate.admits(from, port)),
    );
    return host?.listens(port, path) ?? false;
  }

  /** A client tries the addresses that the balancer's name resolves to. */
  throughBalancer(dnsName: string, port: number, client?: string): boolean {
    const balancer = this.balancers.get(dnsName);
    const addresses = balancer?.resolved ?? balancer?.addresses ?? [];
    return balancer !== undefined && addresses.some((address) => this.#forwards(balancer, address, { port, client }));
  }

  /**
   * A connection to one of a balancer's addresses reaches a target of that address, if its groups let the client in.
   */
  #forwards(
    { listeners }: HostLoadBalancer,
    from: string,
    { port, client }: { port: number; client?: string | undefined },
  ): boolean {
    const listener = listeners.find((candidate) => candidate.port === port);
    if (client !== undefined && listener?.clients?.includes(client) === false) return false;
    const targets = (listener?.targets ?? []).filter(({ via }) => via?.includes(from) ?? true);
    return targets.some((target) => this.probe(target.address, target.port, { from }));
  }
}
