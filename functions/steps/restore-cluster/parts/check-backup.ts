import * as z from "zod";
import { BackupUnusable } from "../../../domain/cluster/errors.ts";
import type { Begun } from "../../../domain/cluster/records.ts";
import type { Deps } from "../../../runtime/collaborators.ts";
import { type EnvOf, NonEmpty } from "../../../runtime/env.ts";
import { StepInput, type StepRequest, stepHandler } from "../../../runtime/handlers.ts";
import { collaborators } from "../../../runtime/system.ts";
import { hostCommandCalls } from "../../../usecases/members/host-command.ts";
import { runHostJob } from "../../../usecases/members/host-job.ts";
import { findFile, findFileCalls } from "../../../usecases/restore/find-file.ts";
import { askMasters, liveMasters, restoreHostsCalls } from "../../../usecases/restore/hosts.ts";
import { changeRestoration, readRestoration } from "../../../usecases/restore/restoration.ts";

const calls = { ...hostCommandCalls, ...restoreHostsCalls, ...findFileCalls };

const STEP = "Check backup";
const ENV = { RESTORE_STATUS_DOCUMENT: NonEmpty, TRY_BACKUP_DOCUMENT: NonEmpty, BACKUP_BUCKET: NonEmpty };
type Collaborators = Deps<typeof calls, EnvOf<typeof ENV>>;

const Tried = z.object({ revision: z.number(), totalSize: z.number(), keys: z.number() });

/**
 * Before anything is stopped: the backup is whole in the bucket, and a master restores it into a folder and starts etcd
 * there. If no master answers there is nothing to stop either, and each looks at the file when it restores it.
 */
export async function checkBackupStep(
  deps: Collaborators,
  { cluster: name, operation }: StepRequest,
  begun: Begun,
): Promise<void> {
  const { cluster, restoration } = await readRestoration(deps, name);
  const { from, token } = restoration;
  if (from.kind !== "backup" || restoration.heldAt !== null) return;
  const file = await findFile(deps, deps.env.BACKUP_BUCKET, cluster, from.id);
  const known = begun.command?.instanceId;
  const masters = await liveMasters(deps, cluster);
  const asked = await askMasters(deps, deps.env.RESTORE_STATUS_DOCUMENT, masters, { token });
  const answering = asked.filter(({ report }) => report !== null);
  const host = answering.find(({ instanceId }) => instanceId === known) ?? answering[0];
  if (!host) return changeRestoration(deps, { cluster: name, operation }, { ...restoration, file });
  const outcome = await runHostJob(
    deps,
    { operation, step: STEP, member: null, begun },
    {
      document: deps.env.TRY_BACKUP_DOCUMENT,
      instanceId: host.instanceId,
      job: `${operation}-try`,
      parameters: { url: `s3://${deps.env.BACKUP_BUCKET}/${file.key}`, sha256: file.sha256 },
    },
    Tried,
  );
  if (!outcome.ok) throw new BackupUnusable(outcome.reason);
  const { revision, totalSize, keys } = outcome.result;
  await changeRestoration(
    deps,
    { cluster: name, operation },
    { ...restoration, file: { ...file, revision, totalSize, keys } },
  );
}

export const handler = stepHandler(STEP, StepInput, checkBackupStep, collaborators(calls, ENV));
