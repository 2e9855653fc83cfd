import type { HostLoadBalancer } from "../hosts/driver.ts";
import type { Engine } from "./engine.ts";
import type { Balancer, Listener, Target, TargetGroup } from "./model.ts";
import { activeZones } from "./zones.ts";

/** Hands the host driver what each balancer forwards, whenever that has changed. */
export class Proxies {
  readonly #engine: Engine;
  readonly #configured = new Map<string, { vpcId: string; text: string }>();
  #last: Promise<void> = Promise.resolve();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Calls to the driver run one after the other, so that it never learns an older state last. */
  sync(): Promise<void> {
    this.#last = this.#last
      .then(() => this.#configureAll())
      .catch((error) => this.#engine.context.log(`elbv2: ${error instanceof Error ? error.message : String(error)}`));
    return this.#last;
  }

  async #configureAll(): Promise<void> {
    const wanted = this.#active().map((balancer) => this.#wish(balancer));
    for (const wish of wanted) {
      const text = JSON.stringify(wish);
      if (this.#configured.get(wish.dnsName)?.text === text) continue;
      await this.#engine.hosts.putLoadBalancer(wish);
      this.#configured.set(wish.dnsName, { vpcId: wish.vpcId, text });
    }
    for (const [dnsName, { vpcId }] of this.#configured) {
      if (wanted.some((wish) => wish.dnsName === dnsName)) continue;
      await this.#engine.hosts.deleteLoadBalancer(vpcId, dnsName);
      this.#configured.delete(dnsName);
    }
  }

  #active(): Balancer[] {
    const now = this.#engine.context.clock.now();
    return Object.values(this.#engine.state.balancers).filter(({ activeAt }) => activeAt <= now);
  }

  /**
   * The addresses that its name resolves to: those of healthy zones; of all zones if none is healthy (it fails open).
   */
  resolved(balancer: Balancer): string[] {
    const { groups } = this.#engine.state;
    const used = this.#listenersOf(balancer).map(({ targetGroupArn }) => groups[targetGroupArn]);
    const isServed = (address: string) =>
      used.every((group) =>
        group?.targets.some(
          (target) => target.state === "healthy" && this.#via(balancer, group, target).includes(address),
        ),
      );
    const addresses = activeZones(this.#engine, balancer).map(({ address }) => address);
    const served = addresses.filter(isServed);
    return served.length > 0 ? served : addresses;
  }

  /** A group without targets counts as unhealthy (Route 53 API, AliasTarget, EvaluateTargetHealth). */
  isHealthy(balancer: Balancer): boolean {
    const groups = this.#listenersOf(balancer).map(({ targetGroupArn }) => this.#engine.state.groups[targetGroupArn]);
    const hasHealthy = (group: TargetGroup | undefined) => group?.targets.some(({ state }) => state === "healthy");
    return groups.length > 0 && groups.every(hasHealthy);
  }

  #wish(balancer: Balancer): HostLoadBalancer {
    const { groups } = this.#engine.state;
    return {
      vpcId: balancer.vpcId,
      dnsName: balancer.dnsName,
      addresses: activeZones(this.#engine, balancer).map(({ address }) => address),
      resolved: this.resolved(balancer),
      listeners: this.#listenersOf(balancer).map(({ port, targetGroupArn }) => {
        const group = groups[targetGroupArn];
        const targets = receivers(group).map((target) => ({
          address: target.address,
          port: target.port,
          via: group ? this.#via(balancer, group, target) : [],
        }));
        return { port, targets, ...this.#admitted(balancer, port) };
      }),
    };
  }

  /** Without security groups a balancer lets everybody in. */
  #admitted({ vpcId, scheme, securityGroups }: Balancer, port: number): { clients?: readonly string[] } {
    if (securityGroups.length === 0) return {};
    const isPublic = scheme === "internet-facing";
    return { clients: this.#engine.service.balancerClients({ vpcId, groupIds: securityGroups, port, isPublic }) };
  }

  #listenersOf({ arn }: Balancer): Listener[] {
    return Object.values(this.#engine.state.listeners).filter(({ balancerArn }) => balancerArn === arn);
  }

  /**
   * The balancer's addresses that forward to the target: that of its own zone, or all of them with cross-zone load
   * balancing.
   */
  #via(balancer: Balancer, group: TargetGroup, { address }: Target): string[] {
    const zone = this.#engine.service.zoneOf(group.vpcId, address);
    const active = activeZones(this.#engine, balancer);
    const zones = isCrossZone(balancer, group) ? active : active.filter((each) => each.zone === zone);
    return zones.map((each) => each.address);
  }
}

const CROSS_ZONE = "load_balancing.cross_zone.enabled";

/** A target group follows its balancer, for which it is off, unless it says otherwise itself. */
function isCrossZone(balancer: Balancer, group: TargetGroup): boolean {
  const own = group.attributes[CROSS_ZONE];
  return (own === "use_load_balancer_configuration" ? balancer.attributes[CROSS_ZONE] : own) === "true";
}

/** Healthy targets; if all registered ones are unhealthy, all of them: a network load balancer fails open. */
function receivers(group: TargetGroup | undefined): Target[] {
  const targets = group?.targets ?? [];
  const healthy = targets.filter(({ state }) => state === "healthy");
  const chosen = healthy.length > 0 ? healthy : targets.filter(({ state }) => state === "unhealthy");
  return chosen.filter(({ address }) => address !== "");
}
