import type { Signature } from "../access/caller.ts";
import type { ClusterOutline } from "../api/views.ts";
import { specFromPatch } from "../spec/parse-spec.ts";
import { labelChangesOf } from "../spec/rules/cluster-labels.ts";
import type { ClusterSpec, Problem } from "../spec/spec.ts";
import { evaluateChange } from "../spec/spec-change.ts";
import { type ClusterRef, type FleetPolicy, refText } from "./fleet-records.ts";
import type { Patch, RolloutCluster, RolloutRecord } from "./rollout-records.ts";
import { parseSelector, selects } from "./selector.ts";
import type { Strategy } from "./strategy.ts";
import { violationsOf } from "./violations.ts";

export interface RolloutRequest {
  readonly id: string;
  readonly fleet: string;
  readonly change: Patch;
  readonly strategy: Strategy;
  readonly policy: FleetPolicy;
  readonly clusters: readonly ClusterRef[];
  readonly by: Signature;
  readonly now: Date;
}

export type StartedRollout =
  | {
      readonly ok: true;
      readonly rollout: RolloutRecord;
      /** Clusters that no stage selects: they are left as they are. */
      readonly left: readonly ClusterRef[];
      /** What each cluster would become. */
      readonly changes: readonly { readonly from: ClusterSpec; readonly to: ClusterSpec }[];
    }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** The record of a new roll-out, or everything that is wrong with it. The views are by {@link refText}. */
export function startRollout(request: RolloutRequest, views: ReadonlyMap<string, ClusterOutline>): StartedRollout {
  const { id, fleet, strategy, clusters, by, now } = request;
  const change = withLabelsApart(request.change);
  if (Object.keys(change).length === 0)
    return { ok: false, problems: [problem("change", "", "nothing is to be changed")] };
  const stages = strategy.stages.map(({ selector }) => selectorOf(selector));
  const placed = clusters.map((ref) => {
    const labels = views.get(refText(ref))?.spec.labels;
    return { ref, stage: stages.findIndex((selector) => selects(selector, labels)) };
  });
  const taken = placed.filter(({ stage }) => stage >= 0);
  const results = taken.map(({ ref }) => changeOf(ref, views.get(refText(ref)), request));
  const problems = inOne(results.flatMap(({ problems }) => problems));
  if (taken.length === 0) problems.push(problem("fleet", fleet, `${fleet} has no cluster that a stage selects`));
  if (problems.length > 0) return { ok: false, problems };
  const time = now.toISOString();
  const rollout: RolloutRecord = {
    ...{ id, fleet, change, strategy, state: "pending", reason: null, by, version: 1 },
    clusters: taken.map(({ ref, stage }) => waitingCluster(ref, stage)),
    ...{
      approvals: [],
      checks: [],
      check: null,
      blockedSince: null,
      rollbackOf: null,
      startedAt: time,
      finishedAt: null,
      updatedAt: time,
    },
    lookedAt: null,
  };
  const left = placed.filter(({ stage }) => stage < 0).map(({ ref }) => ref);
  return { ok: true, rollout, left, changes: results.flatMap(({ to, from }) => (to && from ? [{ from, to }] : [])) };
}

/** Labels as text are changes one by one, and so are what takes them back. */
function withLabelsApart(change: Patch): Patch {
  const labels = typeof change["labels"] === "string" ? labelChangesOf(change["labels"]) : undefined;
  return labels ? { ...change, labels } : change;
}

/** The former values again, for the clusters that have the change or part of it, in the same order. */
export function startRollback(
  former: RolloutRecord,
  { id, by, now }: Pick<RolloutRequest, "id" | "by" | "now">,
): RolloutRecord | undefined {
  const changed = former.clusters.filter(
    ({ state, from }) => from !== null && state !== "waiting" && state !== "skipped",
  );
  if (changed.length === 0) return undefined;
  const time = now.toISOString();
  return {
    ...{ id, fleet: former.fleet, change: former.change, strategy: former.strategy, by, version: 1 },
    ...{
      state: "pending",
      reason: null,
      approvals: [],
      checks: [],
      check: null,
      blockedSince: null,
      rollbackOf: former.id,
    },
    clusters: changed.map((each) => ({ ...waitingCluster(each, each.stage), patch: each.from })),
    ...{ startedAt: time, lookedAt: null, finishedAt: null, updatedAt: time },
  };
}

function waitingCluster({ endpoint, cluster }: ClusterRef, stage: number): RolloutCluster {
  const blank = { operation: null, patch: null, from: null, reason: null, startedAt: null, readyNodes: 0 };
  return {
    ...{ endpoint, cluster, stage, state: "waiting", attempt: 1, sent: false },
    ...blank,
    ...{ soakUntil: null, busySince: null, unhealthySince: null, drainUntil: null },
  };
}

function selectorOf(text: string | undefined) {
  const parsed = text === undefined ? undefined : parseSelector(text, "selector");
  return parsed?.ok ? parsed.selector : [];
}

interface ChangeResult {
  readonly problems: readonly (Problem & { readonly cluster: string })[];
  readonly from?: ClusterSpec;
  readonly to?: ClusterSpec;
}

function changeOf(
  { cluster }: ClusterRef,
  view: ClusterOutline | undefined,
  { change, policy }: RolloutRequest,
): ChangeResult {
  const refused = (problems: readonly Problem[]) => ({ problems: problems.map((each) => ({ ...each, cluster })) });
  if (!view || view.status === "DELETED") return refused([problem("clusters", cluster, "there is no such cluster")]);
  const parsed = specFromPatch(view.spec, { document: change });
  if (!parsed.ok) return refused(parsed.problems);
  const evaluated = evaluateChange(view.spec, parsed.spec);
  if (!evaluated.ok) return refused(evaluated.problems);
  const before = new Set(violationsOf(view, policy));
  const worse = violationsOf({ ...view, spec: parsed.spec }, policy).filter((violation) => !before.has(violation));
  if (worse.length > 0)
    return refused(worse.map((text) => problem("change", "", `against the policy of the fleet: ${text}`)));
  return { problems: [], from: view.spec, to: parsed.spec };
}

function problem(flag: string, value: string, message: string): Problem {
  return { flag, value, message: `${flag}: ${message}` };
}

/** So many clusters are named for a problem that several have. */
const NAMED = 3;

/** A problem that several clusters have is said once. */
function inOne(problems: ChangeResult["problems"]): Problem[] {
  const groups = Map.groupBy(problems, ({ flag, value, message }) => JSON.stringify([flag, value, message]));
  return [...groups.values()].flatMap((alike) => {
    const [first] = alike;
    if (!first) return [];
    const { flag, value, message } = first;
    const names = alike.slice(0, NAMED).map(({ cluster }) => cluster);
    const more = alike.length > NAMED ? ` and ${alike.length - NAMED} more` : "";
    return [{ flag, value, message: `${message} (${names.join(", ")}${more})` }];
  });
}
