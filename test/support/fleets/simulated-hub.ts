import { EndpointUnreachable } from "../../../functions/aws/holdfast/api.ts";
import type { EndpointRecord } from "../../../functions/domain/fleet/endpoint-records.ts";
import { byRef } from "../../../functions/domain/fleet/fleet-view.ts";
import { applyAction, type RolloutAction } from "../../../functions/domain/fleet/rollout-actions.ts";
import { isOpen, type RolloutRecord } from "../../../functions/domain/fleet/rollout-records.ts";
import { startRollout } from "../../../functions/domain/fleet/rollout-start.ts";
import { seenClusters } from "../../../functions/usecases/fleet/known-clusters.ts";
import { type RefreshDeps, refreshEndpoints } from "../../../functions/usecases/fleet/refresh-endpoints.ts";
import { brokenEndpoint, type RemoteEndpoint } from "../../../functions/usecases/fleet/remote-endpoint.ts";
import { tickRollouts } from "../../../functions/usecases/fleet/tick-rollouts.ts";
import { TestClock } from "../steps/test-clock.ts";
import { MemoryEndpointStore } from "./memory-endpoint-store.ts";
import { MemoryFleetStore } from "./memory-fleet-store.ts";
import { inStages } from "./rollout-stage.ts";
import { type Fate, SimulatedEndpoint } from "./simulated-endpoint.ts";

const BY = { principal: "iam:ada", authMethod: "iam" as const, sourceIp: "192.0.2.1", userAgent: "test" };
const ID = "rollout-1";

type Labels = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** A hub whose endpoints have clusters that are records only. Each request to an endpoint is counted. */
export class SimulatedHub {
  readonly clock = new TestClock();
  readonly store = new MemoryEndpointStore();
  readonly fleets = new MemoryFleetStore();
  readonly endpoints = new Map<string, SimulatedEndpoint>();
  /** `eu list`, `eu get c001`, in order. */
  readonly asked: string[] = [];
  readonly gone: string[] = [];
  readonly away = new Set<string>();
  readonly hub: RefreshDeps = {
    endpoints: this.store,
    open: (endpoint) => this.#remote(endpoint.name),
    onGone: async ({ endpoint, cluster }) => void this.gone.push(`${endpoint}/${cluster}`),
    clock: this.clock,
  };

  /** Has it join, as `fleet join` records it. */
  async join(name: string, clusters: Labels, fateOf?: (cluster: string, attempt: number) => Fate): Promise<void> {
    this.endpoints.set(name, new SimulatedEndpoint(this.clock, clusters, fateOf));
    const account = String(this.endpoints.size).repeat(12);
    await this.store.writeEndpoint({
      ...{ name, api: `https://${name}.example`, region: "eu-west-1" },
      ...{ roleArn: `arn:aws:iam::${account}:role/holdfast-hub/hub`, version: null, lastSeenAt: null },
      ...{ unreachableSince: null, reason: null, joinedAt: this.clock.now().toISOString() },
    });
  }

  async known() {
    return seenClusters(await this.store.listMirror(), await this.store.listEndpoints(), this.clock.now());
  }

  async start(...stages: readonly object[]): Promise<void> {
    const known = await this.known();
    const views = new Map([...byRef(known)].map(([ref, { view }]) => [ref, view]));
    const clusters = known
      .map(({ endpoint, view }) => ({ endpoint, cluster: view.name }))
      .toSorted((a, b) => (a.cluster < b.cluster ? -1 : 1));
    const request = { id: ID, fleet: "prod", change: { nodeCount: 5 }, strategy: inStages(...stages), policy: {} };
    const started = startRollout({ ...request, clusters, by: BY, now: this.clock.now() }, views);
    if (!started.ok) throw new Error(JSON.stringify(started.problems));
    await this.fleets.writeRollout(started.rollout);
  }

  /** What the clock does each minute. */
  async tick(): Promise<void> {
    for (const endpoint of this.endpoints.values()) endpoint.settle();
    await refreshEndpoints(this.hub);
    const open = (each: EndpointRecord) =>
      each.unreachableSince === null ? this.#remote(each.name) : brokenEndpoint(each);
    const endpoints = new Map((await this.store.listEndpoints()).map((each) => [each.name, open(each)]));
    const { fleets, clock } = this;
    const shiftTraffic = async () => undefined;
    const askUrl = async () => ({ passed: true, answer: "200" });
    await tickRollouts({ fleets, endpoints, clusters: () => this.known(), shiftTraffic, askUrl, clock });
    clock.advance(60_000);
  }

  async run(most = 2000): Promise<RolloutRecord> {
    for (let count = 0; count < most; count++) {
      await this.tick();
      const rollout = await this.fleets.getRollout(ID);
      if (!isOpen(rollout)) return rollout;
    }
    throw new Error("it does not end");
  }

  async ask(action: RolloutAction): Promise<void> {
    const former = await this.fleets.getRollout(ID);
    const next = applyAction(former, action, { name: "ada", is: () => true }, this.clock.now());
    if (next !== former) await this.fleets.writeRollout({ ...next, version: former.version + 1 }, former);
  }

  /** Clusters that were changed, of all endpoints. */
  changed(): string[] {
    return [...this.endpoints].flatMap(([name, { changed }]) => changed.map((cluster) => `${name}/${cluster}`));
  }

  #remote(name: string): RemoteEndpoint {
    const endpoint = this.endpoints.get(name);
    if (!endpoint) throw new Error(`there is no endpoint ${name}`);
    const reach = (what: string): SimulatedEndpoint => {
      this.asked.push(`${name} ${what}`);
      if (this.away.has(name)) throw new EndpointUnreachable("no answer within 5 seconds");
      return endpoint;
    };
    return {
      version: async () => "1.0.0",
      ingresses: async () => [],
      list: async () => reach("list").list(),
      get: async (cluster) => reach(`get ${cluster}`).get(cluster),
      operation: async (id) => reach("operation").operation(id),
      update: async (cluster, ...rest) => reach(`update ${cluster}`).update(cluster, ...rest),
    };
  }
}
