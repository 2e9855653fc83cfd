import { ssm } from "../../../aws/ssm/client.ts";
import { replaceText } from "../../../aws/ssm/parameters.ts";
import { parameterName } from "../../../domain/cluster/naming.ts";
import { type MemberRecord, ownerOf } from "../../../domain/cluster/records.ts";
import type { MemberRestore } from "../../../domain/restore/restore-records.ts";
import { bind } from "../../../runtime/bind.ts";
import type { Deps } from "../../../runtime/collaborators.ts";
import { StepInput, type StepRequest, stepHandler } from "../../../runtime/handlers.ts";
import { collaborators } from "../../../runtime/system.ts";
import { changeRestoration, readRestoration } from "../../../usecases/restore/restoration.ts";

const calls = { ...bind(ssm, { replaceText }) };

type Collaborators = Deps<typeof calls>;

/**
 * Puts every volume on hold: a host that boots from now on mounts it, and starts neither etcd nor Kubernetes. What each
 * member had is written down first.
 */
export async function holdMembers(deps: Collaborators, { cluster: name, operation }: StepRequest): Promise<void> {
  const { cluster, restoration } = await readRestoration(deps, name);
  const members = await deps.store.listMembers(name);
  await Promise.all(
    members.map(async (record) => {
      const { member, volumeId } = record;
      const restoring = record.restoring ?? begin(record);
      // Once the restore is complete the next step of that name says again that the volume has data.
      if (!record.restoring) await deps.store.updateMember(name, member, { restoring, usedVolumeId: "" });
      if (volumeId === null) return;
      const word = restoring.freshVolumeId === volumeId ? "hold-new" : "hold";
      await deps.aws.replaceText(
        parameterName.volume(ownerOf(cluster), member),
        `${volumeId} ${restoring.generation} ${word}`,
      );
    }),
  );
  if (restoration.heldAt === null)
    await changeRestoration(deps, { cluster: name, operation }, { ...restoration, heldAt: deps.clock.now().getTime() });
}

function begin({ volumeId, generation }: MemberRecord): MemberRestore {
  return { former: { volumeId, generation }, generation: generation + 1, silentSince: null };
}

export const handler = stepHandler("Hold members", StepInput, holdMembers, collaborators(calls));
