import { isDeepStrictEqual } from "node:util";
import type { ClusterView } from "../../domain/api/views.ts";
import { NotReadyYet } from "../../domain/cluster/errors.ts";
import { refText } from "../../domain/fleet/fleet-records.ts";
import type { ClusterFacts } from "../../domain/fleet/rollout-observe.ts";
import { planRollout, type RolloutFacts } from "../../domain/fleet/rollout-plan.ts";
import type { RolloutCluster, RolloutRecord } from "../../domain/fleet/rollout-records.ts";
import type { Clock } from "../../runtime/clock.ts";
import { logger } from "../../runtime/logger.ts";
import { sideBySide } from "../../runtime/side-by-side.ts";
import type { FleetStore } from "../../store/fleet-store.ts";
import type { ClusterEndpoints, UpdateAnswer } from "./cluster-endpoint.ts";

export interface FleetDeps {
  readonly fleets: FleetStore;
  readonly endpoints: ClusterEndpoints;
  readonly clock: Clock;
}

/** Roll-outs, clusters and changes at once. */
const WIDTH = 10;

/** Brings every open roll-out one step on. It may run twice at once and end anywhere: the next run continues. */
export async function tickRollouts(deps: FleetDeps, mayContinue: () => boolean = () => true): Promise<void> {
  const { open } = await deps.fleets.readOpenRollouts();
  const ids = Object.keys(open);
  if (ids.length === 0) return;
  const views = await viewsOf(deps);
  const onError = (id: string, error: unknown): void => {
    logger.error("a roll-out could not be continued", { id, error: error instanceof Error ? error : String(error) });
  };
  await sideBySide(ids, (id) => tickRollout(deps, id, views), { width: WIDTH, mayContinue, onError });
}

async function viewsOf({ endpoints }: FleetDeps): Promise<Map<string, ClusterView>> {
  const views = new Map<string, ClusterView>();
  for (const [endpoint, { list }] of endpoints)
    for (const view of await list()) views.set(refText({ endpoint, cluster: view.name }), view);
  return views;
}

async function tickRollout(deps: FleetDeps, id: string, views: ReadonlyMap<string, ClusterView>): Promise<void> {
  const former = await deps.fleets.getRollout(id);
  const facts = await factsOf(deps, former, views);
  const { rollout, send } = planRollout(former, facts, deps.clock.now());
  // What is to be sent is recorded first: whoever dies in between leaves it to be sent again, under the same key.
  const saved = await save(deps, rollout, former).catch(lostRace);
  if (!saved) return;
  const answers = new Map<string, UpdateAnswer>();
  const onError = (each: RolloutCluster, error: unknown): void => {
    const reason = error instanceof Error ? error : String(error);
    logger.warn("a change could not be sent", { rollout: id, cluster: each.cluster, error: reason });
  };
  const act = async (each: RolloutCluster) => {
    const endpoint = deps.endpoints.get(each.endpoint);
    const request = { key: keyOf(saved, each), by: saved.by };
    const answer = await endpoint?.update(each.cluster, each.patch ?? saved.change, request);
    if (answer) answers.set(refText(each), answer);
  };
  await sideBySide(send, act, { width: WIDTH, mayContinue: () => true, onError });
  if (answers.size > 0) await recordAnswers(deps, saved, answers);
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
  views: ReadonlyMap<string, ClusterView>,
): Promise<RolloutFacts> {
  const facts = new Map<string, ClusterFacts>(
    clusters.map((each) => [refText(each), { view: views.get(refText(each)) }]),
  );
  const atWork = clusters.filter(({ state }) => state === "running" || state === "soaking");
  const look = async (each: RolloutCluster) => {
    const endpoint = endpoints.get(each.endpoint);
    const operation = each.operation === null ? undefined : await endpoint?.operation(each.operation);
    facts.set(refText(each), { view: await endpoint?.get(each.cluster), operation });
  };
  const onError = (each: RolloutCluster, error: unknown): void => {
    facts.set(refText(each), { view: undefined });
    const reason = error instanceof Error ? error : String(error);
    logger.warn("a cluster could not be asked", { cluster: refText(each), error: reason });
  };
  await sideBySide(atWork, look, { width: WIDTH, mayContinue: () => true, onError });
  return facts;
}

const ATTEMPTS = 3;

/** Onto what is recorded by then: somebody may have paused it meanwhile. */
async function recordAnswers(
  deps: FleetDeps,
  sent: RolloutRecord,
  answers: ReadonlyMap<string, UpdateAnswer>,
): Promise<void> {
  let former = sent;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const clusters = former.clusters.map((each) => withAnswer(each, sent, answers.get(refText(each))));
    const saved = await save(deps, { ...former, clusters }, former).catch(lostRace);
    if (saved) return;
    former = await deps.fleets.getRollout(sent.id);
  }
}

function withAnswer(each: RolloutCluster, sent: RolloutRecord, answer: UpdateAnswer | undefined): RolloutCluster {
  const asked = sent.clusters.find((one) => refText(one) === refText(each));
  const isSame =
    asked?.attempt === each.attempt && !each.sent && (each.state === "running" || each.state === "waiting");
  if (!answer || !isSame) return each;
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
