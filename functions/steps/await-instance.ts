import { NotReadyYet, QuotaReached } from "../domain/errors.ts";
import type { GroupInstance } from "../domain/group-drift.ts";
import { masterGroupName } from "../domain/naming.ts";
import { launchQuotaReached } from "../domain/quotas.ts";
import { type ClusterRecord, type MemberRecord, ownerOf } from "../domain/records.ts";
import { isUsable, lastLaunchFailure, listGroupInstances } from "../gateways/auto-scaling.ts";
import { getCluster, listMembers, rememberInstance, updateCluster, updateMember } from "../gateways/table/clusters.ts";
import { MemberStepInput, stepHandler } from "../runtime/handlers.ts";
import { pollUntil } from "../runtime/poll.ts";
import { table } from "../runtime/table.ts";
import { putGroupsRight } from "../usecases/master-groups.ts";
import { tellEvent, tellStatus } from "../usecases/story.ts";

/** A group notices after a minute or a few that its instance has ended (aws-facts §2.1); until then it calls it healthy. */
const GROUP_NOTICES_MS = 5 * 60_000;

/** The member's instance that EC2 said was gone, for as long as its group may not know. */
const lostLately = (record: MemberRecord | undefined): string | undefined => {
  if (!record?.instanceId || record.health !== "unhealthy" || !record.observedAt) return undefined;
  return Date.now() - Date.parse(record.observedAt) < GROUP_NOTICES_MS ? record.instanceId : undefined;
};

/** No capacity, or the zone is out: said at once, while the group goes on trying. An interface that is in use is neither. */
const showDegraded = async (cluster: ClusterRecord, operation: string, member: string, failure: string) => {
  if (cluster.status !== "REPAIRING" && cluster.status !== "DEGRADED") return;
  const reason = `Master ${member} cannot be launched: ${failure} Its group goes on trying.`;
  const now = new Date();
  await updateCluster(table, cluster.name, operation, { status: "DEGRADED", reason }, now);
  await tellStatus({ cluster: cluster.name, status: "DEGRADED", reason, operation }, now);
  const event = { type: "launch-failed", message: reason, member, operation };
  await tellEvent(table, cluster.name, { time: now.toISOString(), ...event });
};

/** Waits until the member's group has an instance for it, and records whose instance that is. */
const awaitInstance = async ({
  cluster: name,
  operation,
  member,
}: MemberStepInput): Promise<{ instanceId: string }> => {
  const [cluster, members] = await Promise.all([getCluster(table, name), listMembers(table, name)]);
  const group = masterGroupName(ownerOf(cluster), member);
  const lost = lostLately(members.find((record) => record.member === member));
  // Whoever changed the group while it was waited for would be waited for in vain.
  await putGroupsRight(table, { cluster, operation, members: [member] });
  const look = async (): Promise<GroupInstance | undefined> => {
    const instances = (await listGroupInstances([group])).get(group) ?? [];
    return instances.find((instance) => isUsable(instance) && instance.instanceId !== lost);
  };
  const { instanceId } = await pollUntil(look, {
    waitingFor: `an instance from ${group}`,
    // Short, so that want of capacity is soon said; the flow goes on waiting.
    withinMs: 12_000,
    firstMs: 250,
  }).catch(async (error: unknown) => {
    if (!(error instanceof NotReadyYet)) throw error;
    const failure = await lastLaunchFailure(group);
    const quota = failure && launchQuotaReached(failure, cluster.spec.masterSize);
    // While a lost master is replaced the group goes on trying; a creation is for a person to go on with.
    if (quota && cluster.status === "CREATING") throw new QuotaReached(`${failure} ${quota}`);
    if (failure !== undefined && !failure.includes("in use")) await showDegraded(cluster, operation, member, failure);
    throw failure === undefined ? error : new NotReadyYet(`${group} cannot launch: ${failure}`);
  });
  await Promise.all([
    updateMember(table, name, member, { instanceId, health: "pending", notice: null }),
    rememberInstance(table, instanceId, { cluster: name, member }, new Date()),
  ]);
  return { instanceId };
};

export const handler = stepHandler("Await instance", table, MemberStepInput, awaitInstance);
