import { completeHook, listTerminateHooks } from "../gateways/auto-scaling.ts";
import { findInstances, isRunning } from "../gateways/ec2/compute.ts";
import { pollUntil } from "../runtime/poll.ts";

/**
 * Waits until an instance that its group is to end does end, and lets it pass the terminate hooks that users have left: nothing of
 * ours waits at them, and their time-outs are hours. Throws NotReadyYet if it runs still after `withinMs`.
 */
export const awaitEnd = async (group: string, instanceId: string, withinMs: number): Promise<void> => {
  const hooks = await listTerminateHooks(group);
  await pollUntil(
    async () => {
      for (const hook of hooks) await completeHook(group, hook, instanceId);
      const [instance] = await findInstances([instanceId]);
      return isRunning(instance?.state) ? undefined : true;
    },
    { waitingFor: `${instanceId} to end`, withinMs },
  );
};
