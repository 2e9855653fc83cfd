import { isUsable, listGroupInstances } from "../../../aws/auto-scaling/auto-scaling.ts";
import { autoScaling } from "../../../aws/auto-scaling/client.ts";
import { ec2 } from "../../../aws/ec2/client.ts";
import { isRunning } from "../../../aws/ec2/compute.ts";
import { nextVolume, volumeStates } from "../../../aws/ec2/storage.ts";
import { ssm } from "../../../aws/ssm/client.ts";
import { putText } from "../../../aws/ssm/parameters.ts";
import { NotReadyYet } from "../../../domain/cluster/errors.ts";
import { masterGroupName, parameterName } from "../../../domain/cluster/naming.ts";
import { type ClusterRecord, type MemberRecord, ownerOf } from "../../../domain/cluster/records.ts";
import type { MemberRestore } from "../../../domain/restore/restore-records.ts";
import { bind } from "../../../runtime/bind.ts";
import type { Deps } from "../../../runtime/collaborators.ts";
import { MemberStepInput, type MemberStepRequest, stepHandler } from "../../../runtime/handlers.ts";
import { collaborators } from "../../../runtime/system.ts";
import { readOwningCluster } from "../../../usecases/deletion/owning-cluster.ts";
import { endMaster, endMasterCalls, ownedInstance } from "../../../usecases/members/end-master.ts";
import { planOf } from "../../../usecases/members/members.ts";
import { readHeld, readRestoration } from "../../../usecases/restore/restoration.ts";

const calls = {
  ...endMasterCalls,
  ...bind(ec2, { nextVolume, volumeStates }),
  ...bind(ssm, { putText }),
  ...bind(autoScaling, { listGroupInstances }),
};

type Collaborators = Deps<typeof calls>;

const USABLE = new Set(["creating", "available", "in-use"]);

/**
 * A member whose volume is lost gets a fresh one, on hold. An instance that waits for the lost one is ended: it read
 * its name at its boot. Its group launches the next.
 */
export async function provideVolume(deps: Collaborators, { cluster: name, member }: MemberStepRequest): Promise<void> {
  const { cluster } = await readRestoration(deps, name);
  const { record, restoring } = await readHeld(deps, name, member);
  const { volumeId } = record;
  const known = volumeId === null ? undefined : (await deps.aws.volumeStates([volumeId])).get(volumeId);
  const isDamaged = record.damage?.volumeId === volumeId;
  const isIntact = known !== undefined && USABLE.has(known.state) && !isDamaged;
  if (!isIntact) await makeFresh(deps, cluster, record, restoring);
  if (!isIntact || restoring.freshVolumeId !== undefined) return endWaiting(deps, cluster, member);
  // "Await instance" looks for another one than the recorded, if that is unhealthy.
  const [instance] = record.instanceId === null ? [] : await deps.aws.findInstances([record.instanceId]);
  if (isRunning(instance?.state)) await deps.store.updateMember(name, member, { health: "pending" });
}

async function makeFresh(
  deps: Collaborators,
  cluster: ClusterRecord,
  { member }: MemberRecord,
  restoring: MemberRestore,
): Promise<void> {
  const owner = ownerOf(cluster);
  const { generation } = restoring;
  const request = { member, generation, zone: planOf(cluster, member).zone, sizeGiB: cluster.spec.etcdVolumeGiB };
  const freshVolumeId = await deps.aws.nextVolume(owner, request, restoring.freshVolumeId);
  const name = parameterName.volume(owner, member);
  await deps.aws.putText(owner, `parameter/${member}-volume`, name, `${freshVolumeId} ${generation} hold-new`);
  await deps.store.updateMember(cluster.name, member, {
    volumeId: freshVolumeId,
    restoring: { ...restoring, freshVolumeId, keptSnapshot: null },
  });
}

/** The instance of the member's group that does not have the fresh volume is ended. Throws NotReadyYet until it has. */
async function endWaiting(deps: Collaborators, cluster: ClusterRecord, member: string): Promise<void> {
  const group = masterGroupName(ownerOf(cluster), member);
  const { record, restoring } = await readHeld(deps, cluster.name, member);
  const launched = (await deps.aws.listGroupInstances([group])).get(group)?.find(isUsable)?.instanceId;
  if (launched === undefined || restoring.endedFor === launched) return;
  const volume = (await deps.aws.volumeStates([record.volumeId ?? ""])).get(record.volumeId ?? "");
  if (volume?.attachedTo === launched) return;
  // Whatever was launched after this one reads the fresh volume's name.
  if (restoring.endedFor !== undefined) return;
  const [instance] = await deps.aws.findInstances([launched]);
  if (!instance) throw new NotReadyYet(`EC2 does not know ${launched} yet`);
  // It may not be on record: the group has launched it since.
  await deps.store.updateMember(cluster.name, member, { instanceId: launched });
  await endMaster(deps, cluster, member, ownedInstance(await readOwningCluster(deps, cluster.name), member, instance));
  await deps.store.updateMember(cluster.name, member, {
    health: "unhealthy",
    observedAt: deps.clock.now().toISOString(),
    restoring: { ...restoring, endedFor: launched },
  });
}

export const handler = stepHandler("Provide volume", MemberStepInput, provideVolume, collaborators(calls));
