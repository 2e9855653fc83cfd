import { ec2 } from "../../../aws/ec2/client.ts";
import { findInstances, isRunning } from "../../../aws/ec2/compute.ts";
import { DRILL_MINUTES } from "../../../domain/backup/drill-host.ts";
import { DrillReport } from "../../../domain/backup/drill-note.ts";
import { BACKUP_OBJECTS, backupKey } from "../../../domain/backup/manifest.ts";
import { BackupUnusable, DrillFailed } from "../../../domain/cluster/errors.ts";
import type { Begun } from "../../../domain/cluster/records.ts";
import { bind } from "../../../runtime/bind.ts";
import type { Deps } from "../../../runtime/collaborators.ts";
import { type EnvOf, NonEmpty } from "../../../runtime/env.ts";
import { StepInput, type StepRequest, stepHandler } from "../../../runtime/handlers.ts";
import { collaborators } from "../../../runtime/system.ts";
import { noteOf } from "../../../usecases/backup/drill-note.ts";
import { hostCommandCalls } from "../../../usecases/members/host-command.ts";
import { FAULTY_DATA, runHostJob } from "../../../usecases/members/host-job.ts";

const calls = { ...hostCommandCalls, ...bind(ec2, { findInstances }) };

const STEP = "Run drill";
const ENV = { DRILL_BACKUP_DOCUMENT: NonEmpty, BACKUP_BUCKET: NonEmpty };
type Collaborators = Deps<typeof calls, EnvOf<typeof ENV>>;

/**
 * The host restores the backup, starts etcd and reads every key. Throws BackupUnusable where the file is at fault, and
 * DrillFailed where the host is: it is gone, or too slow, or has no space.
 */
export async function runDrill(
  deps: Collaborators,
  { cluster: name, operation }: StepRequest,
  begun: Begun,
): Promise<void> {
  const note = await noteOf(deps, operation);
  if (note.report) return;
  if (!note.host) throw new DrillFailed("no host was launched");
  const { instanceId, launchedAt } = note.host;
  const [instance] = await deps.aws.findInstances([instanceId]);
  const now = deps.clock.now().getTime();
  if (now > launchedAt + DRILL_MINUTES * 60_000)
    throw new DrillFailed(`${instanceId} had no result within ${DRILL_MINUTES} minutes`);
  // EC2 may not list yet what it has just launched.
  if (instance ? !isRunning(instance.state) : !begun.first && now > launchedAt + LISTED_WITHIN_MS)
    throw new DrillFailed(`its host ${instanceId} ended before it had a result`);
  const { manifest } = await deps.store.getBackup(name, note.backup);
  const key = backupKey(manifest, manifest.id, BACKUP_OBJECTS.snapshot);
  const outcome = await runHostJob(
    deps,
    { operation, step: STEP, member: null, begun },
    {
      document: deps.env.DRILL_BACKUP_DOCUMENT,
      instanceId,
      job: operation,
      parameters: {
        url: `s3://${deps.env.BACKUP_BUCKET}/${key}`,
        sha256: manifest.objects[BACKUP_OBJECTS.snapshot]?.sha256 ?? "",
      },
    },
    DrillReport,
  );
  if (!outcome.ok && outcome.code === FAULTY_DATA) throw new BackupUnusable(outcome.reason);
  if (!outcome.ok) throw new DrillFailed(outcome.reason);
  await deps.store.noteSide(operation, { ...note, report: outcome.result });
}

const LISTED_WITHIN_MS = 60_000;

export const handler = stepHandler(STEP, StepInput, runDrill, collaborators(calls, ENV));
