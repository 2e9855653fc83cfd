import { ssm } from "../../../aws/ssm/client.ts";
import { replaceText } from "../../../aws/ssm/parameters.ts";
import { NotReadyYet } from "../../../domain/cluster/errors.ts";
import { parameterName, TAG } from "../../../domain/cluster/naming.ts";
import { type ClusterRecord, type MemberRecord, ownerOf } from "../../../domain/cluster/records.ts";
import type { MemberRestore, RestorationRecord } from "../../../domain/restore/restore-records.ts";
import { bind } from "../../../runtime/bind.ts";
import type { Deps } from "../../../runtime/collaborators.ts";
import { type EnvOf, NonEmpty } from "../../../runtime/env.ts";
import { StepInput, type StepRequest, stepHandler } from "../../../runtime/handlers.ts";
import { collaborators } from "../../../runtime/system.ts";
import { readOwningCluster } from "../../../usecases/deletion/owning-cluster.ts";
import { endMaster, endMasterCalls, ownedInstance } from "../../../usecases/members/end-master.ts";
import { askMasters, type LiveMaster, liveMasters, restoreHostsCalls } from "../../../usecases/restore/hosts.ts";

const calls = { ...restoreHostsCalls, ...endMasterCalls, ...bind(ssm, { replaceText }) };

const ENV = { UNDO_RESTORE_DOCUMENT: NonEmpty, STOP_CONTROL_PLANE_DOCUMENT: NonEmpty };
type Collaborators = Deps<typeof calls, EnvOf<typeof ENV>>;

/**
 * Takes a restore back that failed before its API servers started: each member has its former data, generation and
 * volume again. The new etcd is stopped everywhere before any former one starts. Once clients may have written, nothing
 * is done: the restore stays open, and the same command continues it.
 */
export async function undoRestore(deps: Collaborators, { cluster: name, operation }: StepRequest): Promise<void> {
  const cluster = await deps.store.getCluster(name);
  const { restoration } = cluster;
  if (!restoration || restoration.serving) return;
  const members = await deps.store.listMembers(name);
  const held = members.filter(({ restoring }) => restoring != null);
  if (held.length > 0) {
    await stopAll(deps, cluster, restoration);
    // Of a run that died, some members are no longer held: they were stopped just now like the others.
    await startFormer(deps, cluster, restoration, members);
    for (const record of held) {
      const { volumeId, generation } = formerOf(record);
      const used = volumeId === null ? {} : { usedVolumeId: volumeId };
      await deps.store.updateMember(name, record.member, { volumeId, generation, restoring: null, ...used });
    }
  }
  await deps.store.updateCluster(name, operation, { restoration: null }, deps.clock.now());
}

function formerOf({ restoring, volumeId, generation }: MemberRecord): MemberRestore["former"] {
  return restoring?.former ?? { volumeId, generation };
}

/** Throws NotReadyYet until every master has said that its etcd is stopped. */
async function stopAll(deps: Collaborators, cluster: ClusterRecord, { token }: RestorationRecord): Promise<void> {
  const masters = await liveMasters(deps, cluster);
  const stopped = await askMasters(deps, deps.env.STOP_CONTROL_PLANE_DOCUMENT, masters, { token });
  const alive = stopped.filter(({ report }) => report === null || report.etcd);
  if (alive.length > 0) throw new NotReadyYet(`master ${names(alive)} has not said that its etcd is stopped`);
}

/**
 * Hosts that boot from now on start the former data; the others are asked to. One that has booted on hold, and waits for
 * its volume, would stay on hold for ever: its instance is ended, and its group launches the next.
 */
async function startFormer(
  deps: Collaborators,
  cluster: ClusterRecord,
  { token }: RestorationRecord,
  members: readonly MemberRecord[],
): Promise<void> {
  for (const record of members) {
    const { volumeId, generation } = formerOf(record);
    const name = parameterName.volume(ownerOf(cluster), record.member);
    if (volumeId !== null) await deps.aws.replaceText(name, `${volumeId} ${generation} in-use`);
  }
  const masters = await liveMasters(deps, cluster);
  for (const record of members) {
    const { member, restoring } = record;
    const own = masters.filter(({ tags }) => tags[TAG.member] === member);
    const generation = String(formerOf(record).generation);
    const asked = await askMasters(deps, deps.env.UNDO_RESTORE_DOCUMENT, own, { token, generation });
    const silent = asked.filter(({ report }) => report === null);
    if (silent.length > 0) throw new NotReadyYet(`master ${names(silent)} has not said that it has its former data`);
    // A fresh volume has no former data: whoever has it stays on hold until the next restore.
    if (restoring?.freshVolumeId !== undefined) continue;
    for (const master of asked.filter(({ report }) => report?.held))
      await endMaster(
        deps,
        cluster,
        member,
        ownedInstance(await readOwningCluster(deps, cluster.name), member, master),
      );
  }
}

function names(masters: readonly LiveMaster[]): string {
  return masters.map(({ member }) => member).join(", ");
}

export const handler = stepHandler("Undo restore", StepInput, undoRestore, collaborators(calls, ENV));
