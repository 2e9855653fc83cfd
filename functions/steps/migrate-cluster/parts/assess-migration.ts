import { BackupFailed, NotReadyYet } from "../../../domain/cluster/errors.ts";
import type { Begun, ClusterRecord } from "../../../domain/cluster/records.ts";
import { planMigration } from "../../../domain/migrate/migration-plan.ts";
import type { Migration } from "../../../domain/migrate/migration-records.ts";
import {
  type MigrationAction,
  phaseOf,
  planMigrationStep,
  type SlotFacts,
} from "../../../domain/migrate/migration-step.ts";
import type { Deps } from "../../../runtime/collaborators.ts";
import type { EnvOf } from "../../../runtime/env.ts";
import { NonEmpty, readEnv } from "../../../runtime/env.ts";
import { StepInput, type StepRequest, stepHandler } from "../../../runtime/handlers.ts";
import { system } from "../../../runtime/system.ts";
import { changeMigration, readMigration } from "../../../usecases/migrate/open-migration.ts";
import { readSlots, readSlotsCalls } from "../../../usecases/migrate/read-slots.ts";

const STEP = "Assess migration";
const ENV = { LIST_MEMBERS_DOCUMENT: NonEmpty };
type Collaborators = Deps<typeof readSlotsCalls, EnvOf<typeof ENV>>;

/** Reads slots and etcd's members, writes down what comes next, and returns it. */
export async function assessMigration(deps: Collaborators, { cluster: name, operation }: StepRequest, begun: Begun) {
  const asking = { operation, step: STEP, member: null, begun };
  const { cluster, migration } = await readMigration(deps, name);
  const changes = migration.changes ?? planChanges(cluster, migration);
  const { slots, silence, maxLearners } = await readSlots(deps, cluster, slotsOf(cluster, changes), asking);
  const backup = migration.backup ?? freshBackup(deps, cluster);
  const known: Migration = {
    ...migration,
    changes,
    ...(backup === undefined ? {} : { backup }),
    ...(migration.maxLearners === undefined && maxLearners !== undefined ? { maxLearners } : {}),
  };
  const action = planMigrationStep({ migration: known, slots, etcdAnswers: silence === undefined });
  await recordLost(deps, name, slots, action);
  const phase = phaseOf(action);
  const current = phase && "slots" in action ? { slot: action.slots.join(", "), phase } : known.current;
  await changeMigration(deps, { cluster: name, operation }, { ...known, current });
  if (action.kind === "wait") throw new NotReadyYet(`${action.reason}: ${silence ?? ""}`);
  return {
    kind: action.kind,
    slots: "slots" in action ? action.slots : [],
    removes: "removes" in action ? action.removes : [],
    zones: "zones" in action ? action.zones : [],
  };
}

function planChanges({ plan, retiredSlots = [] }: ClusterRecord, { to }: Migration) {
  return planMigration(
    plan.members.map(({ name, zone }) => ({ slot: name, zone })),
    to,
    retiredSlots,
  );
}

export function slotsOf({ plan }: ClusterRecord, changes: readonly { readonly slot: string }[]): string[] {
  return [...new Set([...plan.members.map(({ name }) => name), ...changes.map(({ slot }) => slot)])];
}

/** As old as a migration's own backup may be. */
const FRESH_MS = 15 * 60_000;

function freshBackup(deps: Deps, { backup }: ClusterRecord): string | undefined {
  const { lastVerifiedId, lastVerifiedAt } = backup ?? {};
  if (!lastVerifiedId || !lastVerifiedAt) return undefined;
  return deps.clock.now().getTime() - Date.parse(lastVerifiedAt) < FRESH_MS ? lastVerifiedId : undefined;
}

/**
 * So that placing a master waits for its next instance, not for the one that its group has not missed yet; and takes the
 * one that it has, which a learner's answer has called unhealthy.
 */
async function recordLost(
  deps: Collaborators,
  cluster: string,
  slots: readonly SlotFacts[],
  action: MigrationAction,
): Promise<void> {
  if (action.kind !== "heal" && action.kind !== "place") return;
  const observedAt = deps.clock.now().toISOString();
  for (const { slot, running } of slots.filter((each) => action.slots.includes(each.slot)))
    await deps.store.updateMember(cluster, slot, { health: running ? "pending" : "unhealthy", observedAt });
}

/** The backup that was just taken is verified. */
export async function checkBackupTaken(deps: Deps, { cluster: name, operation }: StepRequest): Promise<void> {
  const { cluster } = await readMigration(deps, name);
  const backup = freshBackup(deps, cluster);
  if (backup === undefined)
    throw new BackupFailed(
      `no backup of ${name} could be verified: ${cluster.backup?.lastError ?? "the last one is older"}`,
    );
  await changeMigration(deps, { cluster: name, operation }, { backup });
}

export const handler = stepHandler(STEP, StepInput, assessMigration, () => ({
  ...system,
  aws: readSlotsCalls,
  env: readEnv(ENV),
}));

export const backupHandler = stepHandler("Check backup", StepInput, checkBackupTaken, () => ({ ...system, aws: {} }));
