import type { FirewallRule, HostFirewall } from "../../hosts/firewall.ts";
import type { Engine } from "../engine/engine.ts";
import type { Instance } from "../engine/state-compute.ts";
import type { SecurityGroupRule } from "../engine/state-network.ts";
import { isGroup, isIpv4 } from "./grants.ts";

/** Keeps what hosts enforce in line with the security groups of their interfaces. */
export class Firewalls {
  /** What each host enforces, as JSON, by instance id. */
  readonly #enforced = new Map<string, string>();
  readonly #changed = new Set<string>();
  #last: Promise<void> = Promise.resolve();

  /** What a new host enforces from its first moment on; what changes while it boots is for {@link refresh}. */
  atLaunch(engine: Engine, instance: Instance): HostFirewall {
    const firewall = new Groups(engine, instance.vpcId).firewallOf(instance);
    this.#enforced.set(instance.id, JSON.stringify(firewall));
    return firewall;
  }

  /** To be called after each change of rules, of groups' members, or of hosts in a VPC. Calls to the driver never overlap. */
  refresh(engine: Engine, vpcId: string): void {
    const isDue = this.#changed.size > 0;
    this.#changed.add(vpcId);
    if (isDue) return;
    const done = this.#last.then(() => this.#apply(engine));
    this.#last = done.catch(() => undefined);
    engine.background.run("enforce security groups", () => done);
  }

  async #apply(engine: Engine): Promise<void> {
    const vpcs = [...this.#changed];
    this.#changed.clear();
    for (const vpcId of vpcs) {
      const groups = new Groups(engine, vpcId);
      const hosts = engine.store.instances.list().filter((instance) => instance.hosted && instance.vpcId === vpcId);
      for (const instance of hosts) await this.#enforce(engine, instance, groups.firewallOf(instance));
    }
  }

  async #enforce(engine: Engine, instance: Instance, firewall: HostFirewall): Promise<void> {
    const text = JSON.stringify(firewall);
    if (this.#enforced.get(instance.id) === text) return;
    this.#enforced.set(instance.id, text);
    try {
      await engine.hosts.setFirewall(instance.id, firewall);
    } catch (error) {
      // It may have ended meanwhile; if not, the next change tries again.
      this.#enforced.delete(instance.id);
      if (instance.hosted) engine.context.log(`ec2: security groups of ${instance.id}: ${String(error)}`);
    }
  }
}

/** Rules were added to a group or taken from it: that shows in every VPC where interfaces wear it. */
export function refreshGroup(engine: Engine, groupId: string): void {
  const group = engine.store.securityGroups.find(groupId);
  if (!group) return;
  for (const vpcId of [group.vpcId, ...group.associations.map((association) => association.vpcId)])
    engine.firewalls.refresh(engine, vpcId);
}

/** Rules and members of the groups of one VPC, as they are now. */
export class Groups {
  readonly #engine: Engine;
  readonly #rules: Map<string, SecurityGroupRule[]>;
  readonly #members = new Map<string, string[]>();

  constructor(engine: Engine, vpcId: string) {
    this.#engine = engine;
    this.#rules = Map.groupBy(engine.store.securityGroupRules.list(), ({ groupId }) => groupId);
    for (const { groupIds, address } of engine.store.networkInterfaces.list().filter((each) => each.vpcId === vpcId)) {
      for (const id of groupIds) this.#members.set(id, [...(this.#members.get(id) ?? []), `${address}/32`]);
    }
  }

  /** Hosts have one cable: the groups of the primary interface count. */
  firewallOf(instance: Instance): HostFirewall {
    const primary = this.#engine.store.networkInterfaces.find(instance.networkInterfaceIds[0]);
    const ids = primary?.groupIds ?? [];
    return { ingress: this.rulesOf(ids, "ingress"), egress: this.rulesOf(ids, "egress") };
  }

  rulesOf(groupIds: readonly string[], direction: "ingress" | "egress"): FirewallRule[] {
    const rules = groupIds.flatMap((id) => this.#rules.get(id) ?? []);
    return rules.filter(({ egress }) => egress === (direction === "egress")).map((rule) => this.#resolved(rule));
  }

  #resolved(rule: SecurityGroupRule): FirewallRule {
    const { protocol, fromPort: from, toPort: to } = rule;
    return { protocol, from, to, peers: this.#peersOf(rule) };
  }

  /** A group stands for the private addresses of its members in this VPC. */
  #peersOf(rule: SecurityGroupRule): readonly string[] {
    if (isIpv4(rule)) return [rule.peer];
    return isGroup(rule) ? (this.#members.get(rule.peer) ?? []) : [];
  }
}
