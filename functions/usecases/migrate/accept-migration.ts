import { ulid } from "ulid";
import { sfn } from "../../aws/step-functions/client.ts";
import { startExecution } from "../../aws/step-functions/executions.ts";
import type { Signature } from "../../domain/access/caller.ts";
import { ClusterBusy } from "../../domain/cluster/errors.ts";
import type { ClusterRecord, OperationRecord } from "../../domain/cluster/records.ts";
import type { Migration } from "../../domain/migrate/migration-records.ts";
import type { ClusterSpec } from "../../domain/spec/spec.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import type { IdempotencyClaim } from "../../store/claims.ts";
import { publishStatus, recordEvent, recordEventCalls } from "../operations/record-event.ts";
import { type CheckedMigration, checkMigration, checkMigrationCalls, type MigrationAsked } from "./check-migration.ts";

export const acceptMigrationCalls = { ...checkMigrationCalls, ...recordEventCalls, ...bind(sfn, { startExecution }) };

interface Env {
  readonly MEMBER_HEALTH_DOCUMENT: string;
  readonly MIGRATE_STATE_MACHINE: string;
}
type Collaborators = Deps<typeof acceptMigrationCalls, Env>;

export interface MigrationRequest {
  readonly cluster: string;
  readonly asked: MigrationAsked;
  readonly claim: IdempotencyClaim | undefined;
  /** Who asks. */
  readonly by: Signature;
  /** Throws NotAllowed if who asks may not make this of the cluster. */
  readonly admit: (from: ClusterSpec, to: ClusterSpec) => void;
}

/**
 * Takes the cluster for a migration of its masters, writes it down, and starts it. Undefined if the masters are as they
 * are asked for. Throws SpecRejected, ClusterBusy, ClusterUnknown.
 */
export async function acceptMigration(
  deps: Collaborators,
  request: MigrationRequest,
): Promise<OperationRecord | undefined> {
  const before = await findRepeated(deps, request.claim);
  if (before) return before;
  try {
    return await acceptOnce(deps, request);
  } catch (error) {
    // Two equal requests at once: one took the cluster, and both are answered with it.
    const twin = error instanceof ClusterBusy ? await findRepeated(deps, request.claim) : undefined;
    if (!twin) throw error;
    return twin;
  }
}

async function acceptOnce(
  deps: Collaborators,
  { cluster: name, asked, claim, by, admit }: MigrationRequest,
): Promise<OperationRecord | undefined> {
  const { operation: holder } = await deps.store.getCluster(name);
  if (holder !== null) await deps.store.refuseWhileHeld(name, holder, deps.clock.now());
  const checked = await checkMigration(deps, name, asked);
  const { cluster, plan, next } = checked;
  admit(cluster.spec, { ...checked.spec, masterZones: [...plan.to] });
  if (next === "nothing") return undefined;
  const now = deps.clock.now();
  const operation = `migrate-${ulid(now.getTime()).toLowerCase()}`;
  const reason = `Masters are being migrated to ${plan.to.join(", ")}.`;
  const take = { cluster: name, operation, kind: "migrate", status: "UPDATING", reason, claim } as const;
  await deps.store.takeCluster({ ...take, migration: migrationOf(checked, asked), ...sizeOf(cluster, checked) }, now);
  const taken = await deps.store.getOperation(operation);
  const type = next === "resume" ? "migrate-resumed" : "migrate-requested";
  const message = `A migration of the masters of ${name} from ${plan.from.join(", ")} to ${plan.to.join(", ")} was requested.`;
  await recordEvent(deps, name, { time: taken.startedAt, type, message, member: null, operation, by });
  await publishStatus(deps, { cluster: name, status: "UPDATING", reason, operation }, now);
  await run(deps, taken);
  return taken;
}

/** One that has begun continues with what it has done. */
function migrationOf({ cluster, spec, plan }: CheckedMigration, { noRoll }: MigrationAsked): Migration {
  if (cluster.migration) return { ...cluster.migration, noRoll };
  const masterSize = plan.masterSize === null ? {} : { masterSize: plan.masterSize };
  const changes = plan.parts.flatMap((part) => part.changes);
  return { from: plan.from, to: [...spec.masterZones], changes, done: [], current: null, ...masterSize, noRoll };
}

/** A new size is that of every master that is launched from now on; zones follow as the masters come and go. */
function sizeOf({ spec: former, plan, pending = null }: ClusterRecord, { spec: { masterSize } }: CheckedMigration) {
  if (masterSize === former.masterSize) return {};
  return { change: { former, spec: { ...former, masterSize }, plan, pending } };
}

/** The operation of the same request sent before; started again, in case that whoever took it died before that. */
async function findRepeated(deps: Collaborators, claim: IdempotencyClaim | undefined) {
  const id = claim && (await deps.store.findClaim(claim, deps.clock.now()));
  if (id === undefined) return undefined;
  const operation = await deps.store.getOperation(id);
  if (operation.status === "RUNNING") await run(deps, operation);
  return operation;
}

/** Named after the operation: however often it is started, it runs once. */
function run(deps: Collaborators, { id, cluster }: OperationRecord) {
  return deps.aws.startExecution(deps.env.MIGRATE_STATE_MACHINE, id, { cluster, operation: id });
}
