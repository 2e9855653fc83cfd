import type * as elb from "@aws-sdk/client-elastic-load-balancing-v2";
import type { TargetGroups } from "../autoscaling/engine.ts";
import type { CloudContext } from "../context/context.ts";
import type { Ec2Service } from "../ec2/contract.ts";
import type { HostDriver } from "../hosts/driver.ts";
import { AccountQuotas } from "../service-quotas/account-quotas.ts";
import type { Handlers } from "../wire/contract.ts";
import { balancerHandlers } from "./balancer-handlers.ts";
import { type Engine, ec2Caller } from "./engine.ts";
import { groupHandlers } from "./group-handlers.ts";
import { checkTargets, mark } from "./health.ts";
import { listenerHandlers } from "./listener-handlers.ts";
import type { ElbState, Target } from "./model.ts";
import { Proxies } from "./proxies.ts";
import { ruleHandlers } from "./rule-handlers.ts";
import { tagHandlers } from "./tags.ts";
import { deregister, register, targetHandlers } from "./targets.ts";
import { type ElbTimings, localTimings } from "./timings.ts";

export interface ElbV2 {
  readonly handlers: Handlers<typeof elb>;
  /** What Auto Scaling uses for groups with target groups. */
  readonly targetGroups: TargetGroups;
  /** Where a balancer's DNS name leads; from the internet it leads to no internal balancer. */
  resolve(
    dnsName: string,
    options?: { readonly from?: "internet" },
  ): { readonly vpcId: string; readonly address: string } | undefined;
  /** The addresses of a balancer's name; undefined for any other name. */
  addresses(dnsName: string): readonly string[] | undefined;
  /** Whether each of its target groups has a healthy target, as Route 53 sees it. */
  isHealthy(dnsName: string): boolean;
  snapshot(): ElbState;
  /** Ends health checks. */
  close(): void;
}

/**
 * Elastic Load Balancing: network load balancers that forward TCP (docs/references/aws.md#load-balancer). Targets are
 * really probed, and hosts learn who is healthy. Not emulated: application load balancers and TLS.
 */
export function createElbV2(
  context: CloudContext,
  parts: {
    ec2: Ec2Service;
    hosts: HostDriver;
    quotas?: AccountQuotas;
    timings?: Partial<ElbTimings> | undefined;
    /** Makes the service's own role where there is none. */
    ensureRole?: (service: "elasticloadbalancing.amazonaws.com") => void;
  },
  restored?: ElbState,
): ElbV2 {
  const state = restored ?? { balancers: {}, groups: {}, listeners: {}, releasing: [] };
  const engine: Engine = {
    context,
    timings: { ...localTimings, ...parts.timings },
    state,
    quotas: parts.quotas ?? new AccountQuotas(),
    hosts: parts.hosts,
    service: parts.ec2,
    ec2: ec2Caller(parts.ec2, context),
    ensureRole: () => parts.ensureRole?.("elasticloadbalancing.amazonaws.com"),
    sync: () => void proxies.sync(),
  };
  const proxies = new Proxies(engine);
  const closing = new AbortController();
  parts.ec2.onInstanceState(({ instanceId, state: now }) => noteInstance(state, instanceId, now));
  void keepChecking(engine, proxies, closing.signal);
  const named = (name: string) => Object.values(state.balancers).find(({ dnsName }) => dnsName.toLowerCase() === name);
  return {
    handlers: {
      ...balancerHandlers(engine),
      ...groupHandlers(engine),
      ...targetHandlers(engine),
      ...listenerHandlers(engine),
      ...ruleHandlers(engine),
      ...tagHandlers(state),
    },
    targetGroups: targetGroups(engine),
    resolve: (name, { from } = {}) => {
      const balancer = named(name);
      if (!balancer || (from === "internet" && balancer.scheme === "internal")) return undefined;
      const [address] = proxies.resolved(balancer);
      return address === undefined ? undefined : { vpcId: balancer.vpcId, address };
    },
    addresses: (name) => {
      const balancer = named(name);
      return balancer && proxies.resolved(balancer);
    },
    isHealthy: (name) => {
      const balancer = named(name);
      return balancer !== undefined && proxies.isHealthy(balancer);
    },
    snapshot: () => state,
    close: () => closing.abort(),
  };
}

async function keepChecking(engine: Engine, proxies: Proxies, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      releaseInterfaces(engine);
      await checkTargets(engine);
      await proxies.sync();
    } catch (error) {
      engine.context.log(`elbv2: ${error instanceof Error ? error.message : String(error)}`);
    }
    await engine.context.clock.sleep(engine.timings.healthInterval, signal).catch(() => undefined);
  }
}

function releaseInterfaces(engine: Engine): void {
  const now = engine.context.clock.now();
  const due = engine.state.releasing.filter(({ at }) => at <= now);
  engine.state.releasing = engine.state.releasing.filter(({ at }) => at > now);
  for (const { interfaceId } of due) engine.service.deleteManagedInterface(interfaceId);
}

/** A stopped instance gets no traffic; a terminated one leaves its target groups. */
function noteInstance(state: ElbState, instanceId: string, now: string): void {
  for (const group of Object.values(state.groups)) {
    const isTarget = (target: Target) => group.targetType === "instance" && target.id === instanceId;
    if (now === "terminated") group.targets = group.targets.filter((target) => !isTarget(target));
    for (const target of group.targets.filter(isTarget)) {
      if (now === "stopping" || now === "stopped") mark(target, "unused", "Target.InvalidState");
      else if (now === "running") mark(target, "initial", "Elb.InitialHealthChecking");
    }
  }
}

function targetGroups(engine: Engine): TargetGroups {
  const { groups } = engine.state;
  return {
    acceptsInstances: (arn) => groups[arn]?.targetType === "instance",
    registerInstance: (arn, instanceId) => {
      const group = groups[arn];
      if (group) register(engine, group, instanceId, group.port);
    },
    deregisterInstance: (arn, instanceId) => {
      const group = groups[arn];
      if (group) deregister(engine, group, instanceId);
    },
    health: (arn, instanceId) => groups[arn]?.targets.find(({ id }) => id === instanceId)?.state,
  };
}
