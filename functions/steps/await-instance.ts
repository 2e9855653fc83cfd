import { NotReadyYet } from "../domain/errors.ts";
import { masterGroupName } from "../domain/naming.ts";
import { ownerOf } from "../domain/records.ts";
import { type GroupInstance, lastLaunchFailure, listGroupInstances } from "../gateways/auto-scaling.ts";
import { getCluster, rememberInstance, updateMember } from "../gateways/table/clusters.ts";
import { MemberStepInput, stepHandler } from "../runtime/handlers.ts";
import { pollUntil } from "../runtime/poll.ts";
import { table } from "../runtime/table.ts";

/** An instance that is there to stay: launching or in service, and not on its way out. */
const usable = (instance: GroupInstance): boolean =>
  instance.healthy && /^(Pending|InService)/.test(instance.lifecycleState);

/** Waits until the member's group has an instance for it, and records whose instance that is. */
const awaitInstance = async ({ cluster: name, member }: MemberStepInput): Promise<{ instanceId: string }> => {
  const group = masterGroupName(ownerOf(await getCluster(table, name)), member);
  const { instanceId } = await pollUntil(async () => (await listGroupInstances([group])).get(group)?.find(usable), {
    waitingFor: `an instance from ${group}`,
    withinMs: 25_000,
    firstMs: 200,
  }).catch(async (error: unknown) => {
    if (!(error instanceof NotReadyYet)) throw error;
    const failure = await lastLaunchFailure(group);
    throw failure === undefined ? error : new NotReadyYet(`${group} cannot launch: ${failure}`);
  });
  await Promise.all([
    updateMember(table, name, member, { instanceId, health: "pending" }),
    rememberInstance(table, instanceId, { cluster: name, member }, new Date()),
  ]);
  return { instanceId };
};

export const handler = stepHandler("Await instance", table, MemberStepInput, awaitInstance);
