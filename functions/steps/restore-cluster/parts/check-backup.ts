import * as z from "zod";
import { BackupUnusable } from "../../../domain/cluster/errors.ts";
import type { Begun } from "../../../domain/cluster/records.ts";
import { quorumOf } from "../../../domain/repair/quorum.ts";
import type { RestoreFile } from "../../../domain/restore/restore-records.ts";
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

/** `saves`: a majority is healthy, and what it has is to be saved first. */
interface Checked {
  readonly saves: boolean;
}

/**
 * Before anything is stopped: the backup is whole in the bucket, and a master restores it into a folder and starts etcd
 * there. If no master answers there is nothing to stop either, and each looks at the file when it restores it.
 */
export async function checkBackupStep(
  deps: Collaborators,
  { cluster: name, operation }: StepRequest,
  begun: Begun,
): Promise<Checked> {
  const { cluster, restoration } = await readRestoration(deps, name);
  const { from, token } = restoration;
  if (restoration.heldAt !== null) return { saves: false };
  const masters = await liveMasters(deps, cluster);
  const asked = await askMasters(deps, deps.env.RESTORE_STATUS_DOCUMENT, masters, { token });
  const healthy = asked.filter(({ report }) => report?.healthy === true);
  const checked = { saves: healthy.length >= quorumOf(cluster.plan.members.length) };
  if (from.kind !== "backup") return checked;
  const found = await findFile(deps, deps.env.BACKUP_BUCKET, cluster, from.id);
  const answering = asked.filter(({ report }) => report !== null);
  const host = answering.find(({ instanceId }) => instanceId === begun.command?.instanceId) ?? answering[0];
  const file = host ? await tryFile(deps, { operation, begun, instanceId: host.instanceId }, found) : found;
  await changeRestoration(deps, { cluster: name, operation }, { ...restoration, file });
  return checked;
}

/** The file, with what a master found in it. Throws BackupUnusable with the host's reason. */
async function tryFile(
  deps: Collaborators,
  { operation, begun, instanceId }: { readonly operation: string; readonly begun: Begun; readonly instanceId: string },
  file: RestoreFile,
): Promise<RestoreFile> {
  const outcome = await runHostJob(
    deps,
    { operation, step: STEP, member: null, begun },
    {
      document: deps.env.TRY_BACKUP_DOCUMENT,
      instanceId,
      job: `${operation}-try`,
      parameters: { url: `s3://${deps.env.BACKUP_BUCKET}/${file.key}`, sha256: file.sha256 },
    },
    Tried,
  );
  if (!outcome.ok) throw new BackupUnusable(outcome.reason);
  const { revision, totalSize, keys } = outcome.result;
  return { ...file, revision, totalSize, keys };
}

export const handler = stepHandler(STEP, StepInput, checkBackupStep, collaborators(calls, ENV));
