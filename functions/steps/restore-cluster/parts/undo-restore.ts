import { ssm } from "../../../aws/ssm/client.ts";
import { replaceText } from "../../../aws/ssm/parameters.ts";
import { NotReadyYet } from "../../../domain/cluster/errors.ts";
import { parameterName, TAG } from "../../../domain/cluster/naming.ts";
import { ownerOf } from "../../../domain/cluster/records.ts";
import { bind } from "../../../runtime/bind.ts";
import type { Deps } from "../../../runtime/collaborators.ts";
import { type EnvOf, NonEmpty } from "../../../runtime/env.ts";
import { StepInput, type StepRequest, stepHandler } from "../../../runtime/handlers.ts";
import { collaborators } from "../../../runtime/system.ts";
import { askMasters, liveMasters, restoreHostsCalls } from "../../../usecases/restore/hosts.ts";

const calls = { ...restoreHostsCalls, ...bind(ssm, { replaceText }) };

const ENV = { UNDO_RESTORE_DOCUMENT: NonEmpty, STOP_CONTROL_PLANE_DOCUMENT: NonEmpty };
type Collaborators = Deps<typeof calls, EnvOf<typeof ENV>>;

/**
 * Takes a restore back that failed before its API servers started: each member has its former data, generation and
 * volume again. The new etcd is stopped everywhere before any former one starts. Once clients may have written, nothing
 * is done: the restore stays open, and the same command continues it.
 */
export async function undoRestore(deps: Collaborators, { cluster: name, operation }: StepRequest) {
  const cluster = await deps.store.getCluster(name);
  const { restoration } = cluster;
  if (!restoration || restoration.serving) return { undone: false };
  const { token } = restoration;
  const members = (await deps.store.listMembers(name)).filter(({ restoring }) => restoring != null);
  const masters = members.length > 0 ? await liveMasters(deps, cluster) : [];
  const stopped = await askMasters(deps, deps.env.STOP_CONTROL_PLANE_DOCUMENT, masters, { token });
  const alive = stopped.filter(({ report }) => report === null || report.etcd);
  if (alive.length > 0)
    throw new NotReadyYet(
      `master ${alive.map(({ member }) => member).join(", ")} has not said that its etcd is stopped`,
    );
  for (const { member, restoring } of members) {
    if (!restoring) continue;
    const { volumeId, generation } = restoring.former;
    const own = masters.filter(({ tags }) => tags[TAG.member] === member);
    await askMasters(deps, deps.env.UNDO_RESTORE_DOCUMENT, own, { token, generation: String(generation) });
    if (volumeId !== null)
      await deps.aws.replaceText(parameterName.volume(ownerOf(cluster), member), `${volumeId} ${generation} in-use`);
    await deps.store.updateMember(name, member, {
      volumeId,
      generation,
      restoring: null,
      ...(volumeId === null ? {} : { usedVolumeId: volumeId }),
    });
  }
  await deps.store.updateCluster(name, operation, { restoration: null }, deps.clock.now());
  return { undone: true };
}

export const handler = stepHandler("Undo restore", StepInput, undoRestore, collaborators(calls, ENV));
