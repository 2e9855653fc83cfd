import { isUsable, listGroupInstances, resumeProcesses, suspendLaunch } from "../../aws/auto-scaling/auto-scaling.ts";
import { autoScaling } from "../../aws/auto-scaling/client.ts";
import { abandonLaunch, completeHook, listTerminateHooks, replaceInstance } from "../../aws/auto-scaling/instances.ts";
import { ec2 } from "../../aws/ec2/client.ts";
import { findInstances, type InstanceFacts, isRunning } from "../../aws/ec2/compute.ts";
import { findInterfaces } from "../../aws/ec2/members.ts";
import { terminateInstance } from "../../aws/ec2/removal.ts";
import { NotReadyYet } from "../../domain/cluster/errors.ts";
import { masterGroupName } from "../../domain/cluster/naming.ts";
import { type ClusterRecord, type MemberRecord, ownerOf } from "../../domain/cluster/records.ts";
import type { GroupInstance } from "../../domain/drift/group-drift.ts";
import { Owned, type OwningCluster } from "../../domain/ownership/ownership.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { pollUntil } from "../../runtime/poll.ts";

export const endMasterCalls = {
  ...bind(autoScaling, {
    listGroupInstances,
    suspendLaunch,
    abandonLaunch,
    replaceInstance,
    resumeProcesses,
    listTerminateHooks,
    completeHook,
  }),
  ...bind(ec2, { terminateInstance, findInterfaces, findInstances }),
};

type Collaborators = Deps<typeof endMasterCalls>;

/** The owned to end this member's instance. Throws OwnershipConflict if it is not the member's. */
export function ownedInstance(
  owningCluster: OwningCluster,
  member: string,
  { instanceId: id, tags }: InstanceFacts,
): Owned<"instance"> {
  return Owned.require(owningCluster, { kind: "instance", id, tags }, `master-${member}`);
}

/**
 * Ends a master's instance, so that its group puts another in its place. The group launches nothing until the interface is
 * free (`releaseLaunch`): a launch before that fails, and the group waits for minutes before it tries again. One that the
 * launch hook holds is abandoned. One that has left its group, because somebody detached it, is EC2's to end: the group's
 * own way would be denied, since the permission hangs on the group's tags.
 */
export async function endMaster(
  deps: Collaborators,
  cluster: ClusterRecord,
  member: string,
  instance: Owned<"instance">,
): Promise<void> {
  const group = masterGroupName(ownerOf(cluster), member);
  const instances = (await deps.aws.listGroupInstances([group])).get(group);
  const held = instances?.find(({ instanceId }) => instanceId === instance.id);
  if (instances) {
    // Written down first: whoever finds the group suspended knows whose doing it is, and until when.
    await deps.store.updateMember(cluster.name, member, { launchHeld: { instanceId: instance.id } });
    await deps.aws.suspendLaunch(group);
  }
  if (held?.lifecycleState.startsWith("Pending") && (await deps.aws.abandonLaunch(group, instance))) return;
  await (held ? deps.aws.replaceInstance(instance) : deps.aws.terminateInstance(instance));
}

/**
 * Lets the group launch again, once the instance that was ended has let go of the member's interface, or was not ended after
 * all because the step died. False while it has not.
 */
export async function releaseLaunch(
  deps: Collaborators,
  cluster: ClusterRecord,
  record: MemberRecord,
  instances: readonly GroupInstance[],
): Promise<boolean> {
  const { member, interfaceId, launchHeld } = record;
  if (!launchHeld) return true;
  const { instanceId } = launchHeld;
  const [own] = await deps.aws.findInterfaces(interfaceId === null ? [] : [interfaceId]);
  if (own?.instanceId === instanceId) {
    const [instance] = await deps.aws.findInstances([instanceId]);
    const isLeaving = instances.some((each) => each.instanceId === instanceId && !isUsable(each));
    if (isLeaving || !isRunning(instance?.state)) return false;
  }
  await deps.aws.resumeProcesses(masterGroupName(ownerOf(cluster), member), ["Launch"]);
  await deps.store.updateMember(cluster.name, member, { launchHeld: null });
  return true;
}

/**
 * Waits until an instance that its group is to end does end, and lets it pass the terminate hooks that users have left: nothing of
 * ours waits at them, and their time-outs are hours. Throws NotReadyYet if it runs on.
 */
export async function awaitEnd(deps: Collaborators, group: string, instanceId: string): Promise<void> {
  const hooks = await deps.aws.listTerminateHooks(group);
  await pollUntil(
    deps.clock,
    async () => {
      for (const hook of hooks) await deps.aws.completeHook(group, hook, instanceId);
      const [instance] = await deps.aws.findInstances([instanceId]);
      return isRunning(instance?.state) ? undefined : true;
    },
    { waitingFor: `${instanceId} to end` },
  );
}

/** The same for an instance that nobody waits for any more: its group ends it in its own time. */
export function letEnd(deps: Collaborators, group: string, instanceId: string): Promise<void> {
  return awaitEnd(deps, group, instanceId).catch((error: unknown) => {
    if (!(error instanceof NotReadyYet)) throw error;
  });
}
