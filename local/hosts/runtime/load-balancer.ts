import { createServer, type Server, type Socket } from "node:net";
import type { RuntimeBalancer } from "../protocol.ts";
import type { VpcNetwork } from "./network.ts";
import { dial, join, listening } from "./streams.ts";

type ListenerSettings = RuntimeBalancer["listeners"][number];
type Target = ListenerSettings["targets"][number];

/** One listener of a network load balancer on one of its addresses. */
class Listener {
  targets: readonly Target[] = [];
  #clients: readonly string[] | undefined;
  readonly #address: string;
  readonly #port: number;
  readonly #isHost: (address: string) => boolean;
  readonly #flows = new Map<Socket, Target>();
  #server: Server | undefined;
  #turn = 0;

  constructor(address: string, port: number, isHost: (address: string) => boolean) {
    this.#address = address;
    this.#port = port;
    this.#isHost = isHost;
  }

  /** Without targets the port refuses connections. Flows to a target that is gone are reset, as AWS does by default. */
  async update({ targets, clients }: Pick<ListenerSettings, "targets" | "clients">): Promise<void> {
    this.targets = targets;
    this.#clients = clients;
    for (const [client, target] of this.#flows) {
      if (!targets.some((other) => isSame(other, target))) client.destroy();
    }
    if (targets.length === 0) return this.close();
    if (this.#server) return;
    this.#server = createServer({ allowHalfOpen: true }, (client) => this.#accept(client));
    await listening(this.#server, { host: this.#address, port: this.#port });
  }

  close(): void {
    this.#server?.close();
    this.#server = undefined;
    for (const client of this.#flows.keys()) client.destroy();
  }

  #accept(client: Socket): void {
    if (!this.#admits(client.remoteAddress ?? "")) return void client.destroy();
    const target = this.targets[this.#turn++ % this.targets.length];
    if (!target) return void client.destroy();
    this.#flows.set(client, target);
    client.on("close", () => this.#flows.delete(client));
    // Targets see the balancer's own address: client IP preservation is off for targets given by address.
    join(client, dial({ host: target.address, port: target.port, localAddress: this.#address }));
  }

  /**
   * By the balancer's security groups. On AWS nothing answers those that it does not let in; here they are cut off at
   * once.
   */
  #admits(address: string): boolean {
    return this.#clients === undefined || !this.#isHost(address) || this.#clients.includes(address);
  }
}

/** The network load balancers of a VPC. */
export class LoadBalancers {
  readonly #network: VpcNetwork;
  readonly #isHost: (address: string) => boolean;
  readonly #balancers = new Map<
    string,
    { addresses: Set<string>; resolved: readonly string[]; listeners: Map<string, Listener> }
  >();

  constructor(network: VpcNetwork, isHost: (address: string) => boolean) {
    this.#network = network;
    this.#isHost = isHost;
  }

  /** The addresses behind a balancer's DNS name. */
  lookUp(dnsName: string): readonly string[] | undefined {
    const balancer = this.#balancers.get(dnsName.toLowerCase());
    return balancer?.resolved;
  }

  async put(declared: RuntimeBalancer): Promise<void> {
    const name = declared.dnsName.toLowerCase();
    const balancer = this.#balancers.get(name) ?? { addresses: new Set(), resolved: [], listeners: new Map() };
    this.#balancers.set(name, balancer);
    balancer.resolved = declared.resolved ?? declared.addresses;
    for (const address of declared.addresses) {
      if (balancer.addresses.has(address)) continue;
      balancer.addresses.add(address);
      await this.#network.addAddress(address);
    }
    const wanted = new Map(
      declared.addresses.flatMap((address) =>
        declared.listeners.map((listener) => [`${address}:${listener.port}`, { address, ...listener }] as const),
      ),
    );
    for (const [key, listener] of balancer.listeners) {
      if (!wanted.has(key)) listener.close();
    }
    for (const [key, { address, port, ...settings }] of wanted) {
      const listener = balancer.listeners.get(key) ?? new Listener(address, port, this.#isHost);
      balancer.listeners.set(key, listener);
      const targets = settings.targets.filter(({ via }) => via === undefined || via.includes(address));
      await listener.update({ ...settings, targets });
    }
  }

  async delete(dnsName: string): Promise<void> {
    const balancer = this.#balancers.get(dnsName.toLowerCase());
    if (!balancer) return;
    this.#balancers.delete(dnsName.toLowerCase());
    for (const listener of balancer.listeners.values()) listener.close();
    for (const address of balancer.addresses) await this.#network.removeAddress(address);
  }
}

function isSame(one: Target, other: Target): boolean {
  return one.address === other.address && one.port === other.port;
}
