import { NotReadyYet } from "../domain/errors.ts";
import { type Claimant, Owned } from "../domain/ownership.ts";
import { completeHook, listGroupInstances, listTerminateHooks, replaceInstance } from "../gateways/auto-scaling.ts";
import { findInstances, type InstanceFacts, isRunning } from "../gateways/ec2/compute.ts";
import { terminateInstance } from "../gateways/ec2/removal.ts";
import { pollUntil } from "../runtime/poll.ts";

/** The permit to end this member's instance. Throws OwnershipConflict if it is not the member's. */
export const permitToEnd = (
  claimant: Claimant,
  member: string,
  { instanceId: id, tags }: InstanceFacts,
): Owned<"instance"> => Owned.require(claimant, { kind: "instance", id, tags }, `master-${member}`);

/**
 * Ends a master's instance, so that its group puts another in its place. One that has left its group, because somebody detached
 * it, is nobody's but EC2's to end: the group's own way would be denied, since the permission hangs on the group's tags.
 */
export const endMaster = async (group: string, instance: Owned<"instance">): Promise<void> => {
  const held = (await listGroupInstances([group])).get(group) ?? [];
  const isHeld = held.some(({ instanceId }) => instanceId === instance.id);
  await (isHeld ? replaceInstance(instance) : terminateInstance(instance));
};

/**
 * Waits until an instance that its group is to end does end, and lets it pass the terminate hooks that users have left: nothing of
 * ours waits at them, and their time-outs are hours. Throws NotReadyYet if it runs on.
 */
export const awaitEnd = async (group: string, instanceId: string): Promise<void> => {
  const hooks = await listTerminateHooks(group);
  await pollUntil(
    async () => {
      for (const hook of hooks) await completeHook(group, hook, instanceId);
      const [instance] = await findInstances([instanceId]);
      return isRunning(instance?.state) ? undefined : true;
    },
    { waitingFor: `${instanceId} to end` },
  );
};

/** The same for an instance that nobody waits for any more: its group ends it in its own time. */
export const letEnd = (group: string, instanceId: string): Promise<void> =>
  awaitEnd(group, instanceId).catch((error: unknown) => {
    if (!(error instanceof NotReadyYet)) throw error;
  });
