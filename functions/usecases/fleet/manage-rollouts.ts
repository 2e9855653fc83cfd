import { ulid } from "ulid";
import type { Signature } from "../../domain/access/caller.ts";
import { NotReadyYet, RolloutConflict, SpecRejected } from "../../domain/cluster/errors.ts";
import { byRef, clustersOf } from "../../domain/fleet/fleet-view.ts";
import { type Asker, applyAction, type RolloutAction } from "../../domain/fleet/rollout-actions.ts";
import { isOpen, type Patch, type RolloutRecord } from "../../domain/fleet/rollout-records.ts";
import { type StartedRollout, startRollback, startRollout } from "../../domain/fleet/rollout-start.ts";
import { ONE_BY_ONE, type Strategy } from "../../domain/fleet/strategy.ts";
import type { ClusterSpec } from "../../domain/spec/spec.ts";
import type { IdempotencyClaim } from "../../store/claims.ts";
import { type ManageDeps, selectorProblems } from "./manage-fleets.ts";

export interface StartRequest {
  readonly fleet: string;
  readonly change: Patch;
  readonly strategy: Strategy | undefined;
  readonly by: Signature;
  /** Throws NotAllowed if who asks may not make this of a cluster. */
  readonly admit: (from: ClusterSpec, to: ClusterSpec) => void;
}

/** What a roll-out would be. Throws FleetUnknown, SpecRejected with everything that is wrong, NotAllowed. */
export async function planNewRollout(
  deps: ManageDeps,
  { fleet: name, change, strategy: given, by, admit }: StartRequest,
): Promise<Extract<StartedRollout, { ok: true }>> {
  const fleet = await deps.fleets.getFleet(name);
  const strategy = given ?? fleet.strategy ?? ONE_BY_ONE;
  const wrong = strategy.stages.flatMap(({ name: stage, selector }) =>
    selector === undefined ? [] : selectorProblems(selector, `strategy.${stage}`),
  );
  if (wrong.length > 0) throw new SpecRejected(wrong);
  const known = await deps.clusters();
  const now = deps.clock.now();
  const id = `rollout-${ulid(now.getTime()).toLowerCase()}`;
  const clusters = clustersOf(fleet, known);
  const views = new Map([...byRef(known)].map(([ref, { view }]) => [ref, view]));
  const request = { id, fleet: name, change, strategy, policy: fleet.policy, clusters, by, now };
  const started = startRollout(request, views);
  if (!started.ok) throw new SpecRejected(started.problems);
  for (const { from, to } of started.changes) admit(from, to);
  return started;
}

/** Begins it; the clock does the rest. Throws RolloutConflict while an open one has a cluster of it. */
export async function beginRollout(
  deps: ManageDeps,
  request: StartRequest & { readonly claim: IdempotencyClaim | undefined },
): Promise<RolloutRecord> {
  const { claim } = request;
  const before = claim && (await deps.fleets.findClaim(claim, deps.clock.now()));
  if (before !== undefined) return deps.fleets.getRollout(before);
  const { rollout } = await planNewRollout(deps, request);
  await deps.fleets.writeRollout(rollout, undefined, claim);
  return rollout;
}

/** Throws RolloutUnknown, RolloutConflict, NotAllowed. */
export async function actOnRollout(
  { fleets, clock }: ManageDeps,
  id: string,
  action: RolloutAction,
  by: Asker,
): Promise<RolloutRecord> {
  const former = await fleets.getRollout(id);
  const now = clock.now();
  const next = applyAction(former, action, by, now);
  if (next === former) return former;
  const record = { ...next, version: former.version + 1, updatedAt: now.toISOString() };
  await fleets.writeRollout(record, former);
  return record;
}

/** A new roll-out of the former values. Asked again while it is open, it is the same one. */
export async function rollBack({ fleets, clock }: ManageDeps, id: string, by: Signature): Promise<RolloutRecord> {
  const former = await fleets.getRollout(id);
  const { open } = await fleets.readOpenRollouts();
  for (const other of Object.keys(open)) {
    const known = await fleets.getRollout(other);
    if (known.rollbackOf === id) return known;
  }
  if (former.state !== "stopped" && former.state !== "done")
    throw new RolloutConflict(`roll-out ${id} is ${former.state}; stop it first`);
  if (isOpen(former)) throw new NotReadyYet(`clusters of roll-out ${id} are still changing`);
  const now = clock.now();
  const rollout = startRollback(former, { id: `rollout-${ulid(now.getTime()).toLowerCase()}`, by, now });
  if (!rollout) throw new RolloutConflict(`roll-out ${id} has changed no cluster`);
  await fleets.writeRollout(rollout);
  return rollout;
}
