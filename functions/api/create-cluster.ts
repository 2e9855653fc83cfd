import { ulid } from "ulid";
import { sfn } from "../aws/step-functions/client.ts";
import { startExecution } from "../aws/step-functions/executions.ts";
import { REQUESTS } from "../domain/api/requests.ts";
import { ClusterExists } from "../domain/cluster/errors.ts";
import type { ClusterRecord, OperationRecord } from "../domain/cluster/records.ts";
import type { Plan } from "../domain/plan/plan-types.ts";
import { pinVersions } from "../domain/releases/pinned-versions.ts";
import { beginTakeover } from "../domain/restore/takeover.ts";
import type { ClusterSpec } from "../domain/spec/spec.ts";
import { counted } from "../domain/text/counted.ts";
import { requireWithinLimits } from "../runtime/access.ts";
import { apiHandler } from "../runtime/api-handler.ts";
import { NonEmpty, readEnv } from "../runtime/env.ts";
import { logger } from "../runtime/logger.ts";
import { system } from "../runtime/system.ts";
import { table } from "../runtime/table.ts";
import type { IdempotencyClaim } from "../store/claims.ts";
import { findCluster } from "../store/clusters.ts";
import { createClusterRecord } from "../store/operations.ts";
import { checkAccount, checkAccountCalls, type ResolvedSpec } from "../usecases/account/check-account.ts";
import { planRequest } from "../usecases/account/plan-request.ts";
import { changeClusterCalls, resumeCreation } from "../usecases/change/change-cluster.ts";
import { publishStatus, recordEvent, recordEventCalls } from "../usecases/operations/record-event.ts";
import { accepted } from "../usecases/operations/views.ts";
import { type CheckedTakeover, takeOverCalls } from "../usecases/restore/take-over.ts";
import { takeoverOf } from "../usecases/restore/takeover-of.ts";

const env = readEnv({ CREATE_STATE_MACHINE: NonEmpty, UPDATE_STATE_MACHINE: NonEmpty, BACKUP_BUCKET: NonEmpty });
const deps = {
  ...system,
  aws: { ...changeClusterCalls, ...recordEventCalls, ...checkAccountCalls, ...takeOverCalls },
  env,
};
const machines = { create: env.CREATE_STATE_MACHINE, update: env.UPDATE_STATE_MACHINE };

/**
 * `POST /clusters`: checks the spec and the account, records the cluster and its operation, and starts that operation.
 * 202 with the operation. Nothing is created before every check has passed. A stopped creation of the same spec
 * continues.
 */
export const handler = apiHandler(REQUESTS.createCluster, async ({ body, caller, by, claim: claimOf }) => {
  const repeated = body.fromBackup && (await findRepeated(claimOf(body)));
  if (repeated) return accepted(repeated);
  const taken = await takeoverOf(deps, caller, body);
  const { spec, plan } = taken?.planned ?? (await planRequest(deps, body, findKnown));
  requireWithinLimits(caller, "create", null, spec);
  await refuseOtherData(spec.name, taken);
  const resolved = await resolve(spec, plan);

  const now = new Date();
  const operationId = `create-${ulid(now.getTime()).toLowerCase()}`;
  const uid = ulid(now.getTime()).toLowerCase();
  const cluster: ClusterRecord = {
    name: spec.name,
    uid,
    status: "CREATING",
    reason: "The cluster is being created.",
    spec,
    plan,
    versions: taken?.versions ?? pinVersions(spec),
    operation: operationId,
    ...resolved,
    ...(taken && {
      takenFrom: taken.from,
      restoration: beginTakeover({ uid, operation: operationId, ...taken }, now),
    }),
    leader: null,
    nodes: [],
    createdAt: now.toISOString(),
    updatedAt: now.toISOString(),
  };
  const claim = claimOf(body.fromBackup ? body : spec);
  let operation: OperationRecord;
  try {
    operation = await createClusterRecord(table, cluster, operationId, claim, now);
  } catch (error) {
    if (!(error instanceof ClusterExists)) throw error;
    return accepted(await resumeCreation(deps, machines, { spec, claim, by, refusal: error }));
  }
  await recordEvent(deps, spec.name, {
    time: operation.startedAt,
    type: "create-requested",
    message: `Creation of ${spec.name} was requested: ${counted(plan.members.length, "master")}, ${counted(spec.nodeCount, "node")}${taken ? `; it takes over ${taken.from.cluster} from backup ${taken.from.backup}` : ""}.`,
    member: null,
    operation: operation.id,
    by,
  });
  const { status, reason } = cluster;
  await publishStatus(deps, { cluster: spec.name, status, reason, operation: operation.id }, now);
  // Named after the operation: a request that is repeated, because we died here, starts the same execution.
  await start(operation);
  return accepted(operation);
});

function start({ id, cluster }: OperationRecord) {
  return startExecution(sfn, machines.create, id, { cluster, operation: id });
}

/** A takeover that was accepted is not checked again: by now its own backups, and its own instances, may be there. */
async function findRepeated(claim: IdempotencyClaim | undefined): Promise<OperationRecord | undefined> {
  const id = claim && (await deps.store.findClaim(claim, deps.clock.now()));
  if (id === undefined) return undefined;
  const operation = await deps.store.getOperation(id);
  if (operation.status === "RUNNING") await start(operation);
  return operation;
}

/**
 * Resolves the spec's names in the account and checks its quotas. An existing cluster is not checked: the request is a
 * repetition or a conflict, and the cluster's own use must not refuse it.
 */
async function resolve(spec: ClusterSpec, plan: Plan): Promise<Partial<ResolvedSpec>> {
  if (await findKnown(spec.name)) return {};
  const { resolved, warnings } = await checkAccount(deps, spec, plan);
  for (const reason of warnings) logger.warn("account warning", { cluster: spec.name, reason });
  return resolved;
}

/** A creation that stopped continues with the data that it began with, or with none. */
async function refuseOtherData(name: string, taken: CheckedTakeover | undefined): Promise<void> {
  const known = await findKnown(name);
  const backup = known?.takenFrom?.backup;
  if (!known || !taken || backup === taken.from.backup) return;
  const begun = backup === undefined ? "without a backup" : `from backup ${backup}`;
  throw new ClusterExists(`cluster ${name} exists already (${known.status}); its creation began ${begun}`, null);
}

async function findKnown(name: string): Promise<ClusterRecord | undefined> {
  const existing = await findCluster(table, name);
  return existing?.status === "DELETED" ? undefined : existing;
}
