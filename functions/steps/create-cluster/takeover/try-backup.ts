import * as z from "zod";
import { BackupUnusable, NotReadyYet, RestoreFailed } from "../../../domain/cluster/errors.ts";
import type { Begun } from "../../../domain/cluster/records.ts";
import type { Deps } from "../../../runtime/collaborators.ts";
import { type EnvOf, NonEmpty } from "../../../runtime/env.ts";
import { StepInput, type StepRequest, stepHandler } from "../../../runtime/handlers.ts";
import { collaborators } from "../../../runtime/system.ts";
import { hostCommandCalls } from "../../../usecases/members/host-command.ts";
import { runHostJob } from "../../../usecases/members/host-job.ts";
import { changeRestoration, readRestoration } from "../../../usecases/restore/restoration.ts";

const calls = { ...hostCommandCalls };

const STEP = "Try backup";
const ENV = { TRY_BACKUP_DOCUMENT: NonEmpty, BACKUP_BUCKET: NonEmpty };
type Collaborators = Deps<typeof calls, EnvOf<typeof ENV>>;

const Tried = z.object({ revision: z.number(), totalSize: z.number(), keys: z.number() });

/**
 * A master restores the file into a folder and starts etcd there: what it has then is what the new cluster must have.
 * Throws BackupUnusable with the host's reason.
 */
export async function tryBackup(
  deps: Collaborators,
  { cluster: name, operation }: StepRequest,
  begun: Begun,
): Promise<void> {
  const { restoration } = await readRestoration(deps, name);
  const { file } = restoration;
  if (!file) throw new RestoreFailed("there is no file to restore");
  if (file.keys !== null) return;
  const hosts = (await deps.store.listMembers(name)).flatMap(({ instanceId }) => instanceId ?? []);
  const host = hosts.find((each) => each === begun.command?.instanceId) ?? hosts[0];
  if (host === undefined) throw new NotReadyYet("there is no master to try the backup");
  const outcome = await runHostJob(
    deps,
    { operation, step: STEP, member: null, begun },
    {
      document: deps.env.TRY_BACKUP_DOCUMENT,
      instanceId: host,
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

export const handler = stepHandler(STEP, StepInput, tryBackup, collaborators(calls, ENV));
