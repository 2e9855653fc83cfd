import { withMasters } from "../../../domain/migrate/migrated-plan.ts";
import type { Deps } from "../../../runtime/collaborators.ts";
import { StepInput, type StepRequest, stepHandler } from "../../../runtime/handlers.ts";
import { system } from "../../../runtime/system.ts";
import { readMigration } from "../../../usecases/migrate/open-migration.ts";
import { forgetSlots } from "../../../usecases/migrate/remove-slot.ts";
import { SlotsInput, type SlotsRequest } from "./enlist-members.ts";

/** Slots that were removed leave the plan and the records; their letters are not used again. */
async function forgetRetired(deps: Deps, { cluster, operation, slots }: SlotsRequest): Promise<void> {
  await forgetSlots(deps, { cluster, operation }, slots);
}

/** These changes are made: spec and plan are of the masters that there are now. */
export async function completeChanges(deps: Deps, { cluster: name, operation, slots }: SlotsRequest): Promise<void> {
  const { cluster, migration } = await readMigration(deps, name);
  const made = (migration.changes ?? []).filter(({ slot }) => slots.includes(slot));
  const done = [...migration.done, ...made.filter(({ slot }) => !migration.done.some((each) => each.slot === slot))];
  const change = {
    ...withMasters(cluster, cluster.plan.members),
    migration: { ...migration, done, current: null, learningSince: null },
  };
  await deps.store.updateCluster(name, operation, change, deps.clock.now());
}

/** All changes are made: the spec names the zones as they were asked for. */
export async function finishMigration(deps: Deps, { cluster: name, operation }: StepRequest): Promise<void> {
  const { migration, spec } = await deps.store.getCluster(name);
  if (!migration) return;
  const change = { spec: { ...spec, masterZones: [...migration.to] }, migration: null };
  await deps.store.updateCluster(name, operation, change, deps.clock.now());
}

function wire() {
  return { ...system, aws: {} };
}

export const forgetHandler = stepHandler("Forget slots", SlotsInput, forgetRetired, wire);
export const handler = stepHandler("Complete changes", SlotsInput, completeChanges, wire);
export const finishHandler = stepHandler("Finish migration", StepInput, finishMigration, wire);
