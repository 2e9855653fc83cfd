import type { Signature } from "../../domain/access/caller.ts";
import { type EnforcedChange, planEnforcement } from "../../domain/fleet/enforcement.ts";
import { type FleetRecord, refText } from "../../domain/fleet/fleet-records.ts";
import { logger } from "../../runtime/logger.ts";
import { sideBySide } from "../../runtime/side-by-side.ts";
import type { FleetDeps } from "./tick-rollouts.ts";

/** Changes at once. */
const WIDTH = 10;

type Deps = Pick<FleetDeps, "fleets" | "endpoints" | "clusters" | "clock">;

/**
 * Changes what policies of fleets enforce, by ordinary changes of the clusters. A fleet whose roll-out is open is left,
 * and so is a cluster that is in one. It may end anywhere: the next run continues.
 */
export async function enforcePolicies(deps: Deps, mayContinue: () => boolean = () => true): Promise<void> {
  const fleets = (await deps.fleets.listFleets()).filter(({ policy }) => (policy.enforce ?? []).length > 0);
  if (fleets.length === 0) return;
  const { open } = await deps.fleets.readOpenRollouts();
  const rollouts = Object.values(open);
  const held = new Set(rollouts.flatMap(({ clusters }) => clusters));
  const known = await deps.clusters();
  for (const fleet of fleets) {
    const { policyBy } = fleet;
    if (policyBy === undefined || rollouts.some((rollout) => rollout.fleet === fleet.name)) continue;
    const by = { ...policyBy, userAgent: `policy of fleet ${fleet.name}` };
    const changes = planEnforcement(fleet, known, (ref) => held.has(refText(ref)), deps.clock.now());
    const onError = (change: EnforcedChange, error: unknown) => report(fleet, change, error);
    await sideBySide(changes, (change) => send(deps, fleet, change, by), { width: WIDTH, mayContinue, onError });
  }
}

async function send(deps: Deps, fleet: FleetRecord, change: EnforcedChange, by: Signature): Promise<void> {
  const { ref, patch, key } = change;
  const answer = await deps.endpoints.get(ref.endpoint)?.update(ref.cluster, patch, { key, by });
  if (answer?.kind === "refused") report(fleet, change, answer.reason);
}

/** It stays a violation, and is tried again. */
function report({ name }: FleetRecord, { ref }: EnforcedChange, error: unknown): void {
  const reason = error instanceof Error ? error : String(error);
  logger.warn("the policy of a fleet could not be enforced", { fleet: name, cluster: refText(ref), error: reason });
}
