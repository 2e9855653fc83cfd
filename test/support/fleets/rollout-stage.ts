import { ownCluster } from "../../../functions/domain/fleet/endpoint-records.ts";
import { LOCAL } from "../../../functions/domain/fleet/fleet-records.ts";
import { applyAction, type RolloutAction } from "../../../functions/domain/fleet/rollout-actions.ts";
import type { CheckAnswer } from "../../../functions/domain/fleet/rollout-checks.ts";
import { isOpen, type Patch, type RolloutRecord } from "../../../functions/domain/fleet/rollout-records.ts";
import { startRollout } from "../../../functions/domain/fleet/rollout-start.ts";
import { Strategy } from "../../../functions/domain/fleet/strategy.ts";
import type { ClusterEndpoint } from "../../../functions/usecases/fleet/cluster-endpoint.ts";
import { tickRollouts } from "../../../functions/usecases/fleet/tick-rollouts.ts";
import { TestClock } from "../steps/test-clock.ts";
import { MemoryFleetStore } from "./memory-fleet-store.ts";
import { type Fate, SimulatedEndpoint } from "./simulated-endpoint.ts";

const BY = { principal: "iam:ada", authMethod: "iam" as const, sourceIp: "192.0.2.1", userAgent: "test" };
const ID = "rollout-1";

/** `c001`, `c002`… */
export function names(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `c${String(index + 1).padStart(3, "0")}`);
}

/** A roll-out of clusters that are records only, minute by minute. */
export class RolloutStage {
  readonly clock = new TestClock();
  readonly fleets = new MemoryFleetStore();
  readonly endpoint: SimulatedEndpoint;
  /** What was done to the traffic of clusters, in order. */
  readonly shifts: string[] = [];
  /** Addresses of checks that were asked, and what they answer. */
  readonly asked: string[] = [];
  answer: CheckAnswer = { passed: false, answer: "503" };
  /** What somebody does before the answer is there. */
  whileAsked: () => Promise<void> = async () => {};
  /** Seconds until that has reached everybody. */
  settles: number | undefined = 120;
  /** As the ticks see it; a test may put a crash in between. */
  seen: ClusterEndpoint;

  constructor(
    labels: Readonly<Record<string, Readonly<Record<string, string>>>>,
    fateOf?: (cluster: string, attempt: number) => Fate,
  ) {
    this.endpoint = new SimulatedEndpoint(this.clock, labels, fateOf);
    this.seen = this.endpoint;
  }

  /** One stage, or several, as somebody writes them. */
  start(...stages: readonly object[]): Promise<void> {
    return this.begin(inStages(...stages));
  }

  async begin(strategy: Strategy, change: Patch = { nodeCount: 5 }): Promise<void> {
    const views = new Map((await this.endpoint.list()).map((view) => [`${LOCAL}/${view.name}`, view]));
    const clusters = [...this.endpoint.clusters.keys()].map((cluster) => ({ endpoint: LOCAL, cluster }));
    const now = this.clock.now();
    const request = { id: ID, fleet: "prod", change, strategy, policy: {}, clusters, by: BY, now };
    const started = startRollout(request, views);
    if (!started.ok) throw new Error(JSON.stringify(started.problems));
    await this.fleets.writeRollout(started.rollout);
  }

  async tick(): Promise<RolloutRecord> {
    this.endpoint.settle();
    const clusters = async () => (await this.seen.list()).map(ownCluster);
    const { fleets, clock } = this;
    const shiftTraffic = async (_: string, { cluster, drained }: { cluster: string; drained: boolean }) => {
      this.shifts.push(`${cluster} ${drained ? "drained" : "back"} after ${this.endpoint.changed.length} changes`);
      return this.settles;
    };
    const askUrl = async (url: string) => {
      this.asked.push(url);
      await this.whileAsked();
      return this.answer;
    };
    const deps = { fleets, endpoints: new Map([[LOCAL, this.seen]]), clusters, shiftTraffic, askUrl, clock };
    await tickRollouts(deps);
    this.clock.advance(60_000);
    return this.fleets.getRollout(ID);
  }

  record(): Promise<RolloutRecord> {
    return this.fleets.getRollout(ID);
  }

  async ask(action: RolloutAction): Promise<void> {
    const former = await this.fleets.getRollout(ID);
    const next = applyAction(former, action, { name: "ada", is: () => true }, this.clock.now());
    if (next !== former) await this.fleets.writeRollout({ ...next, version: former.version + 1 }, former);
  }

  /** Ticks until it is no longer open, or waits for somebody. */
  async run(most = 2000): Promise<RolloutRecord> {
    for (let count = 0; count < most; count++) {
      const rollout = await this.tick();
      if (!isOpen(rollout) || rollout.state.startsWith("waiting-") || rollout.state === "paused") return rollout;
    }
    throw new Error("it does not end");
  }
}

export function inStages(...stages: readonly object[]): Strategy {
  return Strategy.parse({ stages });
}

export function statesOf({ clusters }: RolloutRecord): Record<string, number> {
  return Object.fromEntries(
    [...Map.groupBy(clusters, ({ state }) => state)].map(([state, { length }]) => [state, length]),
  );
}
