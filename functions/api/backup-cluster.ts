import { ulid } from "ulid";
import { sfn } from "../aws/step-functions/client.ts";
import { startExecution } from "../aws/step-functions/executions.ts";
import { REQUESTS } from "../domain/api/requests.ts";
import { answering, apiHandlers } from "../runtime/api-handler.ts";
import { NonEmpty, readEnv } from "../runtime/env.ts";
import { system } from "../runtime/system.ts";
import { backupToTry } from "../usecases/backup/backup-to-try.ts";
import { whyNoBackup } from "../usecases/backup/why-no-backup.ts";
import { recordEvent, recordEventCalls } from "../usecases/operations/record-event.ts";
import { accepted } from "../usecases/operations/views.ts";

const deps = { ...system, aws: recordEventCalls };

const env = readEnv({ BACKUP_STATE_MACHINE: NonEmpty, DRILL_STATE_MACHINE: NonEmpty });

/** `POST /clusters/{name}/backup`: 202 with the operation, which takes no cluster. The same request sent again runs once. */
const backup = answering(REQUESTS.backupCluster, async ({ path: { name }, claim: claimOf, by }) => {
  const now = deps.clock.now();
  const claim = claimOf({ route: REQUESTS.backupCluster.route, cluster: name });
  const before = claim && (await deps.store.findClaim(claim, now));
  const refusal = before === undefined ? await whyNoBackup(deps, name, "manual") : undefined;
  if (refusal) throw refusal;
  const operation = before ?? `backup-${ulid(now.getTime()).toLowerCase()}`;
  const started = await deps.store.beginSideOperation(
    { cluster: name, operation, kind: "backup", listed: true, claim },
    now,
  );
  const message = `A backup of ${name} was requested.`;
  const event = { time: started.startedAt, type: "backup-requested", message, member: null, operation, by };
  await recordEvent(deps, name, event);
  await startExecution(sfn, env.BACKUP_STATE_MACHINE, operation, { cluster: name, reason: "manual" });
  return accepted(started);
});

/** `POST /clusters/{name}/drill`: likewise. The backup is chosen here, so that one that is not there is refused at once. */
const drill = answering(REQUESTS.drillCluster, async ({ path: { name }, body, claim: claimOf, by }) => {
  const now = deps.clock.now();
  const claim = claimOf({ route: REQUESTS.drillCluster.route, cluster: name, body });
  const before = claim && (await deps.store.findClaim(claim, now));
  const { id } = (await backupToTry(deps, name, body.backup)).manifest;
  const operation = before ?? `drill-${ulid(now.getTime()).toLowerCase()}`;
  const started = await deps.store.beginSideOperation(
    { cluster: name, operation, kind: "drill", listed: true, claim },
    now,
  );
  const message = `A drill of backup ${id} was requested.`;
  const event = { time: started.startedAt, type: "drill-requested", message, member: null, operation, by };
  await recordEvent(deps, name, event);
  await startExecution(sfn, env.DRILL_STATE_MACHINE, operation, { cluster: name, backup: id });
  return accepted(started);
});

export const handler = apiHandlers(backup, drill);
