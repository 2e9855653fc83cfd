import { isDeepStrictEqual } from "node:util";
import { NotReadyYet } from "../../domain/cluster/errors.ts";
import type { KnownCluster } from "../../domain/fleet/endpoint-records.ts";
import { type ClusterRef, refText } from "../../domain/fleet/fleet-records.ts";
import { byRef } from "../../domain/fleet/fleet-view.ts";
import { type CheckAnswer, withAnswer } from "../../domain/fleet/rollout-checks.ts";
import type { RolloutFacts } from "../../domain/fleet/rollout-guard.ts";
import type { ClusterFacts } from "../../domain/fleet/rollout-observe.ts";
import { planRollout } from "../../domain/fleet/rollout-plan.ts";
import type { RolloutCluster, RolloutRecord } from "../../domain/fleet/rollout-records.ts";
import type { Clock } from "../../runtime/clock.ts";
import { logger } from "../../runtime/logger.ts";
import { sideBySide } from "../../runtime/side-by-side.ts";
import type { FleetStore } from "../../store/fleet-store.ts";
import type { ClusterEndpoints, UpdateAnswer } from "./cluster-endpoint.ts";

export interface FleetDeps {
  readonly fleets: FleetStore;
  readonly endpoints: ClusterEndpoints;
  /** All clusters as they were last seen. */
  readonly clusters: () => Promise<readonly KnownCluster[]>;
  /**
   * Takes traffic from a cluster of a fleet, or gives it back. Seconds after which that has reached everybody; undefined
   * where there is nothing to take, or no other cluster to take it.
   */
  readonly shiftTraffic: (fleet: string, cluster: ClusterRef & { drained: boolean }) => Promise<number | undefined>;
  /** Asks the address of a check. */
  readonly askUrl: (url: string) => Promise<CheckAnswer>;
  readonly clock: Clock;
}

/** Roll-outs, clusters and changes at once. */
const WIDTH = 10;

/** Brings every open roll-out one step on. It may run twice at once and end anywhere: the next run continues. */
export async function tickRollouts(deps: FleetDeps, mayContinue: () => boolean = () => true): Promise<void> {
  const { open } = await deps.fleets.readOpenRollouts();
  const ids = Object.keys(open);
  if (ids.length === 0) return;
  const known = byRef(await deps.clusters());
  const onError = (id: string, error: unknown): void => {
    logger.error("a roll-out could not be continued", { id, error: error instanceof Error ? error : String(error) });
  };
  await sideBySide(ids, (id) => tickRollout(deps, id, known), { width: WIDTH, mayContinue, onError });
}

async function tickRollout(deps: FleetDeps, id: string, known: ReadonlyMap<string, KnownCluster>): Promise<void> {
  const former = await deps.fleets.getRollout(id);
  const facts = await factsOf(deps, former, known);
  const { rollout, ...plan } = planRollout(former, facts, deps.clock.now());
  // What is to be done is recorded first: whoever dies in between leaves it to be done again, under the same key.
  const saved = await save(deps, rollout, former).catch(lostRace);
  if (!saved) return;
  const done = new Map<string, Outcome>();
  const act = (todo: readonly RolloutCluster[], outcomeOf: (each: RolloutCluster) => Promise<Outcome | undefined>) => {
    const onError = (each: RolloutCluster, error: unknown): void => {
      const reason = error instanceof Error ? error : String(error);
      logger.warn("a cluster could not be changed", { rollout: id, cluster: refText(each), error: reason });
    };
    const one = async (each: RolloutCluster): Promise<void> => {
      const outcome = await outcomeOf(each);
      if (outcome) done.set(refText(each), outcome);
    };
    return sideBySide(todo, one, { width: WIDTH, mayContinue: () => true, onError });
  };
  await act(plan.send, async (each) => {
    const request = { key: keyOf(saved, each), by: saved.by };
    const answer = await deps.endpoints.get(each.endpoint)?.update(each.cluster, each.patch ?? saved.change, request);
    return answer && ((now) => afterRequest(now, each, answer));
  });
  // One after the other, since they change the same records of Route 53; what comes back can take over from the next.
  for (const each of plan.restore) await act([each], (one) => shift(deps, saved.fleet, one, false));
  for (const each of plan.drain) await act([each], (one) => shift(deps, saved.fleet, one, true));
  if (done.size > 0) await recordOutcomes(deps, saved, done);
  const { url } = plan.ask?.gate ?? {};
  if (plan.ask === undefined || url === undefined) return;
  const { ask } = plan;
  const answer = await deps.askUrl(url);
  await recordLater(deps, saved, (now) => withAnswer(now, ask, answer, deps.clock.now()));
}

/** What becomes of a cluster of the roll-out as it is recorded by then. */
type Outcome = (each: RolloutCluster) => RolloutCluster;

async function shift(
  { shiftTraffic, clock }: FleetDeps,
  fleet: string,
  { endpoint, cluster }: RolloutCluster,
  drained: boolean,
): Promise<Outcome> {
  const seconds = (await shiftTraffic(fleet, { endpoint, cluster, drained })) ?? 0;
  const drainUntil = drained ? new Date(clock.now().getTime() + seconds * 1000).toISOString() : null;
  return (each) => ({ ...each, drainUntil });
}

/** `rollout/cluster/step`: a step is one attempt. */
function keyOf({ id }: RolloutRecord, each: RolloutCluster): string {
  return `${id}/${refText(each)}/${each.attempt}`;
}

/** Somebody else has looked, or has paused it: the next run sees what they wrote. */
function lostRace(error: unknown): undefined {
  if (error instanceof NotReadyYet) return undefined;
  throw error;
}

/** Writes it if anything is new. */
async function save({ fleets, clock }: FleetDeps, next: RolloutRecord, former: RolloutRecord): Promise<RolloutRecord> {
  if (isDeepStrictEqual(next, former)) return former;
  const record = { ...next, version: former.version + 1, updatedAt: clock.now().toISOString() };
  await fleets.writeRollout(record, former);
  return record;
}

/** What is known only by the list may have changed since: who is at work is asked again. */
async function factsOf(
  { endpoints }: FleetDeps,
  { clusters }: RolloutRecord,
  known: ReadonlyMap<string, KnownCluster>,
): Promise<RolloutFacts> {
  const facts = new Map<string, ClusterFacts>(
    clusters.map((each) => [refText(each), factsFrom(known.get(refText(each)))]),
  );
  const atWork = clusters.filter(({ state }) => state === "running" || state === "soaking");
  const look = async (each: RolloutCluster) => {
    const endpoint = endpoints.get(each.endpoint);
    const operation = each.operation === null ? undefined : await endpoint?.operation(each.operation);
    facts.set(refText(each), { view: await endpoint?.get(each.cluster), operation });
  };
  const onError = (each: RolloutCluster, error: unknown): void => {
    const { unknownSince } = facts.get(refText(each)) ?? {};
    facts.set(refText(each), { view: undefined, ...(unknownSince === undefined ? {} : { unknownSince }) });
    const reason = error instanceof Error ? error : String(error);
    logger.warn("a cluster could not be asked", { cluster: refText(each), error: reason });
  };
  await sideBySide(atWork, look, { width: WIDTH, mayContinue: () => true, onError });
  return facts;
}

/** Of one whose endpoint does not answer, nothing counts that was seen before. */
function factsFrom(known: KnownCluster | undefined): ClusterFacts {
  if (!known) return { view: undefined };
  const { view, unknownSince } = known;
  return unknownSince === null ? { view } : { view: undefined, unknownSince };
}

const ATTEMPTS = 3;

async function recordOutcomes(deps: FleetDeps, sent: RolloutRecord, done: ReadonlyMap<string, Outcome>): Promise<void> {
  const outcomeOf = (each: RolloutCluster) => done.get(refText(each))?.(each) ?? each;
  await recordLater(deps, sent, (former) => ({ ...former, clusters: former.clusters.map(outcomeOf) }));
}

/** Onto what is recorded by then: somebody may have paused it meanwhile. */
async function recordLater(
  deps: FleetDeps,
  sent: RolloutRecord,
  change: (former: RolloutRecord) => RolloutRecord,
): Promise<void> {
  let former = sent;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const saved = await save(deps, change(former), former).catch(lostRace);
    if (saved) return;
    former = await deps.fleets.getRollout(sent.id);
  }
}

function afterRequest(each: RolloutCluster, asked: RolloutCluster, answer: UpdateAnswer): RolloutCluster {
  const isSame = asked.attempt === each.attempt && !each.sent && (each.state === "running" || each.state === "waiting");
  if (!isSame) return each;
  const { startedAt } = asked;
  const begun = { state: "running", sent: true, startedAt, busySince: null } as const;
  switch (answer.kind) {
    case "started":
      return { ...each, ...begun, operation: answer.operation };
    case "unchanged":
      return { ...each, ...begun };
    case "busy":
      return { ...each, state: "waiting", reason: answer.reason, busySince: each.busySince ?? startedAt };
    case "refused":
      return { ...each, state: "failed", reason: answer.reason };
  }
}
