import type * as autoscaling from "@aws-sdk/client-auto-scaling";
import type { CloudContext } from "../context/context.ts";
import type { Ec2Service } from "../ec2/contract.ts";
import { AccountQuotas } from "../service-quotas/account-quotas.ts";
import type { Handlers } from "../wire/contract.ts";
import { catalogueHandlers } from "./catalogue-handlers.ts";
import { type Engine, ec2Caller, type TargetGroups } from "./engine.ts";
import { groupHandlers } from "./group-handlers.ts";
import { hookHandlers } from "./hook-handlers.ts";
import { instanceHandlers } from "./instance-handlers.ts";
import { findMember } from "./lookup.ts";
import type { AutoScalingState, Group } from "./model.ts";
import { otherHandlers } from "./other-handlers.ts";
import { nextDue, reconcile } from "./reconcile.ts";
import { noteState, refreshStates } from "./refresh-states.ts";
import { type AutoScalingTimings, localTimings } from "./timings.ts";

export interface AutoScaling {
  readonly handlers: Handlers<typeof autoscaling>;
  snapshot(): AutoScalingState;
  /** Ends all timers. Instances continue running. */
  close(): void;
}

/**
 * Amazon EC2 Auto Scaling: keeps groups of instances at their desired capacity, through lifecycle hooks
 * (docs/references/aws.md#asg-health). It knows of instances only what EC2's public API and state changes show, and
 * launches as its service-linked role.
 */
export function createAutoScaling(
  context: CloudContext,
  parts: {
    ec2: Ec2Service;
    loadBalancers?: TargetGroups;
    quotas?: AccountQuotas;
    timings?: Partial<AutoScalingTimings> | undefined;
    zonesNeedDefaultVpc?: boolean;
    /** Makes the service's own role where there is none. */
    ensureRole?: (service: "autoscaling.amazonaws.com") => void;
  },
  restored?: AutoScalingState,
): AutoScaling {
  const closing = new AbortController();
  const scheduler = new Scheduler(context, closing.signal, (group) => reconcile(engine, group));
  const engine: Engine = {
    context,
    timings: { ...localTimings, ...parts.timings },
    state: restored ?? { groups: {}, activities: [] },
    quotas: parts.quotas ?? new AccountQuotas(),
    targets: parts.loadBalancers,
    zonesNeedDefaultVpc: parts.zonesNeedDefaultVpc ?? false,
    ensureRole: () => parts.ensureRole?.("autoscaling.amazonaws.com"),
    launching: new Map(),
    ec2: ec2Caller(parts.ec2, context),
    wake: (group) => scheduler.wake(group, (since) => nextDue(engine, group, since)),
  };
  parts.ec2.onInstanceState(({ instanceId, state }) => {
    const found = findMember(engine.state, instanceId);
    if (!found) return;
    noteState(engine, found.member, state);
    engine.wake(found.group);
  });
  void keepRefreshing(engine, closing.signal);
  return {
    handlers: {
      ...groupHandlers(engine),
      ...hookHandlers(engine),
      ...instanceHandlers(engine),
      ...otherHandlers(engine),
      ...catalogueHandlers(engine),
    },
    snapshot: () => engine.state,
    close: () => closing.abort(),
  };
}

/** Runs reconciles: soon after a wake, many wakes as one, and again when the next deadline of the group comes. */
class Scheduler {
  readonly #context: CloudContext;
  readonly #signal: AbortSignal;
  readonly #run: (group: Group) => void;
  readonly #queued = new Set<Group>();
  /** The earliest timer of each group. A timer that turns out to be stale only costs one look. */
  readonly #armed = new Map<Group, number>();

  constructor(context: CloudContext, signal: AbortSignal, run: (group: Group) => void) {
    this.#context = context;
    this.#signal = signal;
    this.#run = run;
  }

  wake(group: Group, nextDue: (since: number) => number | undefined): void {
    if (this.#queued.has(group) || this.#signal.aborted) return;
    this.#queued.add(group);
    queueMicrotask(() => {
      this.#queued.delete(group);
      if (this.#signal.aborted) return;
      const since = this.#context.clock.now();
      this.#run(group);
      this.#arm(group, nextDue, since);
    });
  }

  #arm(group: Group, nextDue: (since: number) => number | undefined, since: number): void {
    const at = nextDue(since);
    if (at === undefined || (this.#armed.get(group) ?? Number.POSITIVE_INFINITY) <= at) return;
    this.#armed.set(group, at);
    const sleep = this.#context.clock.sleep(Math.max(0, at - this.#context.clock.now()), this.#signal);
    sleep.then(
      () => {
        if (this.#armed.get(group) === at) this.#armed.delete(group);
        this.wake(group, nextDue);
      },
      () => undefined,
    );
  }
}

async function keepRefreshing(engine: Engine, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await refreshStates(engine);
    } catch (error) {
      engine.context.log(
        `autoscaling: cannot read instances: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
    await engine.context.clock.sleep(engine.timings.refreshStates, signal).catch(() => undefined);
  }
}
