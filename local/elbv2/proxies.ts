import type { HostLoadBalancer } from "../hosts/driver.ts";
import type { Engine } from "./engine.ts";
import type { Balancer, TargetGroup } from "./model.ts";

/** Tells the host driver what each balancer forwards, whenever that has changed. */
export class Proxies {
  readonly #engine: Engine;
  readonly #told = new Map<string, { vpcId: string; text: string }>();
  #last: Promise<void> = Promise.resolve();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Calls to the driver run one after the other, so that it never learns an older state last. */
  sync(): Promise<void> {
    this.#last = this.#last
      .then(() => this.#tellAll())
      .catch((error) => this.#engine.context.log(`elbv2: ${error instanceof Error ? error.message : String(error)}`));
    return this.#last;
  }

  async #tellAll(): Promise<void> {
    const wanted = this.#active().map((balancer) => this.#wish(balancer));
    for (const wish of wanted) {
      const text = JSON.stringify(wish);
      if (this.#told.get(wish.dnsName)?.text === text) continue;
      await this.#engine.hosts.putLoadBalancer(wish);
      this.#told.set(wish.dnsName, { vpcId: wish.vpcId, text });
    }
    for (const [dnsName, { vpcId }] of this.#told) {
      if (wanted.some((wish) => wish.dnsName === dnsName)) continue;
      await this.#engine.hosts.deleteLoadBalancer(vpcId, dnsName);
      this.#told.delete(dnsName);
    }
  }

  #active(): Balancer[] {
    const now = this.#engine.context.clock.now();
    return Object.values(this.#engine.state.balancers).filter(({ activeAt }) => activeAt <= now);
  }

  #wish(balancer: Balancer): HostLoadBalancer {
    const { listeners, groups } = this.#engine.state;
    return {
      vpcId: balancer.vpcId,
      dnsName: balancer.dnsName,
      addresses: balancer.zones.map(({ address }) => address),
      listeners: Object.values(listeners)
        .filter(({ balancerArn }) => balancerArn === balancer.arn)
        .map(({ port, targetGroupArn }) => ({ port, targets: receivers(groups[targetGroupArn]) })),
    };
  }
}

/** Healthy targets; if all registered ones are unhealthy, all of them: a network load balancer fails open. */
function receivers(group: TargetGroup | undefined): { address: string; port: number }[] {
  const targets = group?.targets ?? [];
  const healthy = targets.filter(({ state }) => state === "healthy");
  const chosen = healthy.length > 0 ? healthy : targets.filter(({ state }) => state === "unhealthy");
  return chosen.filter(({ address }) => address !== "").map(({ address, port }) => ({ address, port }));
}
