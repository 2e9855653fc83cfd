import { ulid } from "ulid";
import { sfn } from "../aws/step-functions/client.ts";
import { startExecution } from "../aws/step-functions/executions.ts";
import { REQUESTS } from "../domain/api/requests.ts";
import { beginRestoration } from "../domain/restore/restore-start.ts";
import { sourceText } from "../domain/restore/source-text.ts";
import { answering, apiHandlers } from "../runtime/api-handler.ts";
import { NonEmpty, readEnv } from "../runtime/env.ts";
import { system } from "../runtime/system.ts";
import { table } from "../runtime/table.ts";
import { requestRestoration } from "../store/restoration.ts";
import { publishStatus, recordEvent, recordEventCalls } from "../usecases/operations/record-event.ts";
import { accepted } from "../usecases/operations/views.ts";
import { checkRestore, planRestoreCalls, planRestoreOf } from "../usecases/restore/plan-restore.ts";

const env = readEnv({
  RESTORE_STATE_MACHINE: NonEmpty,
  MEMBER_HEALTH_DOCUMENT: NonEmpty,
  BACKUP_BUCKET: NonEmpty,
});
const deps = { ...system, aws: { ...planRestoreCalls, ...recordEventCalls }, env };

/** `POST /clusters/{name}/restore/plan`: what would be lost. Changes nothing. */
const plan = answering(REQUESTS.planRestore, async ({ path: { name }, body }) => {
  return { status: 200, body: await planRestoreOf(deps, await checkRestore(deps, name, body)) };
});

/**
 * `POST /clusters/{name}/restore`: takes the cluster from a repair or a change, writes the restore down, and starts it.
 * 202 with the operation. One that stopped is continued by the same request.
 */
const restore = answering(REQUESTS.restoreCluster, async ({ path: { name }, body, by, claim: claimOf }) => {
  const now = new Date();
  const claim = claimOf({ route: REQUESTS.restoreCluster.route, cluster: name, ...body });
  const before = claim && (await deps.store.findClaim(claim, now));
  if (before !== undefined) {
    const known = await deps.store.getOperation(before);
    if (known.status === "RUNNING") await start(name, known.id);
    return accepted(known);
  }
  const { cluster, from, file } = await checkRestore(deps, name, body);
  const id = `restore-${ulid(now.getTime()).toLowerCase()}`;
  const restoration = beginRestoration({ cluster, operation: id, from, file, restartAll: body.restartAll }, now);
  const reason = `The cluster is being restored from ${sourceText(from)}.`;
  const operation = await requestRestoration(table, { cluster, operation: id, restoration, reason, claim }, now);
  const type = cluster.restoration ? "restore-resumed" : "restore-requested";
  const message = `A restore of ${name} from ${sourceText(from)} was requested.`;
  await recordEvent(deps, name, { time: operation.startedAt, type, message, member: null, operation: id, by });
  await publishStatus(deps, { cluster: name, status: "REPAIRING", reason, operation: id }, now);
  await start(name, id);
  return accepted(operation);
});

/** Named after the operation: however often it is started, it runs once. */
function start(cluster: string, operation: string) {
  return startExecution(sfn, env.RESTORE_STATE_MACHINE, operation, { cluster, operation });
}

export const handler = apiHandlers(restore, plan);
