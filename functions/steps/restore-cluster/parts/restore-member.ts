import * as z from "zod";
import { NotReadyYet, RestoreFailed } from "../../../domain/cluster/errors.ts";
import type { Begun } from "../../../domain/cluster/records.ts";
import { addressVariables } from "../../../domain/host/boot-script.ts";
import type { Deps } from "../../../runtime/collaborators.ts";
import { type EnvOf, NonEmpty } from "../../../runtime/env.ts";
import { MemberStepInput, type MemberStepRequest, stepHandler } from "../../../runtime/handlers.ts";
import { collaborators } from "../../../runtime/system.ts";
import { hostCommandCalls } from "../../../usecases/members/host-command.ts";
import { runHostJob } from "../../../usecases/members/host-job.ts";
import { readHeld, readRestoration } from "../../../usecases/restore/restoration.ts";

const calls = { ...hostCommandCalls };

const STEP = "Restore member";
const ENV = { RESTORE_ETCD_DOCUMENT: NonEmpty, BACKUP_BUCKET: NonEmpty };
type Collaborators = Deps<typeof calls, EnvOf<typeof ENV>>;

/**
 * The member fetches the file that all restore, and makes its data of it, under the new token. From here on its volume
 * is of the next generation. Throws RestoreFailed with the host's reason, such as a disk that is full.
 */
export async function restoreMember(
  deps: Collaborators,
  { cluster: name, operation, member }: MemberStepRequest,
  begun: Begun,
): Promise<void> {
  const { cluster, restoration } = await readRestoration(deps, name);
  const { record, restoring } = await readHeld(deps, name, member);
  const { file, token, bump } = restoration;
  if (!file) throw new RestoreFailed("there is no file to restore yet");
  if (record.instanceId === null) throw new NotReadyYet(`master ${member} has no instance`);
  const { generation } = restoring;
  await deps.store.updateMember(name, member, { generation });
  const outcome = await runHostJob(
    deps,
    { operation, step: STEP, member, begun },
    {
      document: deps.env.RESTORE_ETCD_DOCUMENT,
      instanceId: record.instanceId,
      job: `${operation}-restore`,
      parameters: {
        ...{ url: `s3://${deps.env.BACKUP_BUCKET}/${file.key}`, sha256: file.sha256, token },
        ...{ totalSize: String(file.totalSize), bump: String(bump), generation: String(generation) },
        initialCluster: addressVariables(cluster.plan.members).INITIAL_CLUSTER,
      },
    },
    z.object({ restored: z.literal(true) }),
  );
  if (!outcome.ok) throw new RestoreFailed(outcome.reason);
}

export const handler = stepHandler(STEP, MemberStepInput, restoreMember, collaborators(calls, ENV));
