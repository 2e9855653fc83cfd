import type { Signature } from "../../domain/access/caller.ts";
import { BadRequest, FleetExists, RolloutConflict } from "../../domain/cluster/errors.ts";
import type { KnownCluster } from "../../domain/fleet/endpoint-records.ts";
import {
  type ClusterRef,
  type FleetPolicy,
  type FleetRecord,
  LOCAL,
  refText,
} from "../../domain/fleet/fleet-records.ts";
import { byRef } from "../../domain/fleet/fleet-view.ts";
import { parseSelector } from "../../domain/fleet/selector.ts";
import type { Strategy } from "../../domain/fleet/strategy.ts";
import type { Problem } from "../../domain/spec/spec.ts";
import type { Clock } from "../../runtime/clock.ts";
import type { FleetStore } from "../../store/fleet-store.ts";

export interface ManageDeps {
  readonly fleets: FleetStore;
  readonly clock: Clock;
  /** All clusters, of endpoints too; may lag by a moment. */
  readonly clusters: () => Promise<readonly KnownCluster[]>;
}

/** What a request says of a fleet; what is absent stays as it is. */
export interface FleetChange {
  readonly clusters?: readonly ClusterRef[];
  readonly selector?: string;
  readonly policy?: FleetPolicy;
  /** Who sets it. */
  readonly policyBy?: Signature;
  readonly strategy?: Strategy | null;
}

/** Throws BadRequest with everything that is wrong. */
export async function planFleet(deps: ManageDeps, name: string, change: FleetChange): Promise<FleetRecord> {
  const createdAt = deps.clock.now().toISOString();
  const blank: FleetRecord = {
    ...{ name, clusters: null, selector: null, policy: {}, strategy: null, createdAt, updatedAt: createdAt },
  };
  const fleet = changed(blank, change);
  await requireSound(deps, fleet, change);
  return fleet;
}

/** Throws FleetExists, BadRequest. The same request again is the same fleet. */
export async function createFleet(deps: ManageDeps, name: string, change: FleetChange): Promise<FleetRecord> {
  const fleet = await planFleet(deps, name, change);
  try {
    await deps.fleets.writeFleet(fleet);
    return fleet;
  } catch (error) {
    if (!(error instanceof FleetExists)) throw error;
    const known = await deps.fleets.getFleet(name);
    if (contentOf(known) === contentOf(fleet)) return known;
    throw error;
  }
}

/** Throws FleetUnknown, BadRequest. With `dryRun` nothing is written. */
export async function updateFleet(
  deps: ManageDeps,
  name: string,
  change: FleetChange,
  dryRun = false,
): Promise<FleetRecord> {
  const former = await deps.fleets.getFleet(name);
  const fleet = { ...changed(former, change), updatedAt: deps.clock.now().toISOString() };
  await requireSound(deps, fleet, change);
  if (contentOf(fleet) === contentOf(former)) return former;
  if (dryRun) return fleet;
  await deps.fleets.writeFleet(fleet, former);
  return fleet;
}

/** Its clusters stay as they are. Throws FleetUnknown, RolloutConflict while a roll-out is open, BadRequest while it has a public name. */
export async function deleteFleet({ fleets }: ManageDeps, name: string): Promise<FleetRecord> {
  const fleet = await fleets.getFleet(name);
  const { open } = await fleets.readOpenRollouts();
  const found = Object.entries(open).find(([, of]) => of.fleet === name);
  if (found) throw new RolloutConflict(`roll-out ${found[0]} of fleet ${name} is open; stop it first`);
  const traffic = await fleets.findTraffic(name);
  if (traffic) throw new BadRequest(`fleet ${name} has the public name ${traffic.host}: take it away first`);
  await fleets.deleteFleet(name);
  return fleet;
}

function changed(fleet: FleetRecord, { clusters, selector, policy, policyBy, strategy }: FleetChange): FleetRecord {
  return {
    ...fleet,
    ...(clusters ? { clusters: [...clusters], selector: null } : {}),
    ...(selector === undefined ? {} : { selector, clusters: clusters ? [...clusters] : null }),
    ...(policy ? { policy, ...(policyBy ? { policyBy } : {}) } : {}),
    ...(strategy === undefined ? {} : { strategy }),
  };
}

function contentOf({ clusters, selector, policy, strategy }: FleetRecord): string {
  return JSON.stringify([clusters, selector, policy, strategy]);
}

async function requireSound(deps: ManageDeps, fleet: FleetRecord, change: FleetChange): Promise<void> {
  const problems: Problem[] = [];
  const { clusters, selector, strategy } = fleet;
  if ((clusters === null) === (selector === null))
    problems.push(problem("clusters", "", "a fleet has either a list of clusters or a selector"));
  if (selector !== null) problems.push(...selectorProblems(selector, "selector"));
  for (const stage of strategy?.stages ?? [])
    if (stage.selector !== undefined) problems.push(...selectorProblems(stage.selector, `strategy.${stage.name}`));
  if (fleet.policy.enforce?.includes("backup") && fleet.policy.backup === undefined)
    problems.push(
      problem("policy.enforce", "backup", "the policy says nothing of backups, so there is nothing to enforce"),
    );
  if (change.clusters) problems.push(...missing(change.clusters, await deps.clusters()));
  if (problems.length > 0) throw new BadRequest(problems.map(({ message }) => message).join("\n"), problems);
}

function missing(clusters: readonly ClusterRef[], known: readonly KnownCluster[]): Problem[] {
  const there = byRef(known.filter(({ view }) => view.status !== "DELETED"));
  return clusters
    .filter((ref) => !there.has(refText(ref)))
    .map((ref) => (ref.endpoint === LOCAL ? ref.cluster : refText(ref)))
    .map((name) => problem("clusters", name, `there is no cluster ${name}`));
}

/** Of selectors inside a fleet or a strategy. */
export function selectorProblems(text: string, flag: string): readonly Problem[] {
  const parsed = parseSelector(text, flag);
  return parsed.ok ? [] : parsed.problems;
}

function problem(flag: string, value: string, message: string): Problem {
  return { flag, value, message: `${flag}: ${message}` };
}
