import { s3 } from "../../aws/s3/client.ts";
import { deleteBackup } from "../../aws/s3/objects.ts";
import { isVerified } from "../../domain/backup/manifest.ts";
import { planRetention } from "../../domain/backup/retention.ts";
import { Owned } from "../../domain/ownership/ownership.ts";
import { retentionOf } from "../../domain/spec/rules/backups.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { type EnvOf, NonEmpty } from "../../runtime/env.ts";
import { StepInput, type StepRequest, stepHandler } from "../../runtime/handlers.ts";
import { collaborators } from "../../runtime/system.ts";

const calls = { ...bind(s3, { deleteBackup }) };

const ENV = { BACKUP_BUCKET: NonEmpty };
type Collaborators = Deps<typeof calls, EnvOf<typeof ENV>>;

/** So many at once; a run removes a hundred at most. */
const WIDTH = 5;

/**
 * Removes what retention does not keep, of this cluster's uid only. Each is marked first, so that whoever dies in the
 * middle leaves what the next run continues with.
 */
export async function removeOldBackups(deps: Collaborators, { cluster: name }: StepRequest): Promise<number> {
  const { uid, spec } = await deps.store.getCluster(name);
  const own = (await deps.store.listBackups(name)).filter(({ manifest }) => manifest.uid === uid);
  const begun = own.filter(({ removing }) => removing === true).map(({ manifest }) => manifest.id);
  const present = own
    .filter(({ removing }) => removing !== true)
    .map(({ manifest, pinned }) => {
      const { id, takenAt, epoch } = manifest;
      return { id, takenAt, epoch, pinned, verified: isVerified(manifest) };
    });
  const doomed = [...begun, ...planRetention(present, retentionOf(spec), deps.clock.now())];
  for (let from = 0; from < doomed.length; from += WIDTH)
    await Promise.all(doomed.slice(from, from + WIDTH).map((id) => remove(deps, { cluster: name, uid }, id)));
  return doomed.length;
}

async function remove(
  deps: Collaborators,
  owner: { readonly cluster: string; readonly uid: string },
  id: string,
): Promise<void> {
  const owned = Owned.decideBackup(owner, { ...owner, id });
  if (!(owned instanceof Owned) || !(await deps.store.markBackupRemoved(owner.cluster, id))) return;
  await deps.aws.deleteBackup(deps.env.BACKUP_BUCKET, owned);
  await deps.store.forgetBackup(owner.cluster, id, deps.clock.now());
}

export const handler = stepHandler("Remove old backups", StepInput, removeOldBackups, collaborators(calls, ENV));
