import * as z from "zod";
import { findInstances } from "../../aws/ec2/compute.ts";
import { attachOnce, tryAttach } from "../../aws/ec2/storage.ts";
import { InstanceGone, OwnershipConflict } from "../../domain/cluster/errors.ts";
import { masterGroupName } from "../../domain/cluster/naming.ts";
import { ownerOf } from "../../domain/cluster/records.ts";
import { MemberStepInput, stepHandler } from "../../runtime/handlers.ts";
import { pollUntil } from "../../runtime/poll.ts";
import { table } from "../../runtime/table.ts";
import { getCluster, listEvents, listMembers, updateMember } from "../../store/clusters.ts";
import { readClaimant } from "../../usecases/deletion/claimant.ts";
import { endMaster, letEnd, permitToEnd } from "../../usecases/members/end-master.ts";
import { countMetric, tellEvent } from "../../usecases/operations/story.ts";

const Input = MemberStepInput.extend({ instanceId: z.string() });

/**
 * Gives the instance its member's volume. While the predecessor still holds it, this waits: its termination is what frees
 * the volume (aws-facts §3.2); only one that is terminated and holds it still is made to let go.
 */
const attachVolume = async (input: z.output<typeof Input>): Promise<{ volumeId: string }> => {
  const { cluster, member, instanceId } = input;
  const members = await listMembers(table, cluster);
  const volumeId = members.find((each) => each.member === member)?.volumeId;
  if (!volumeId) throw new OwnershipConflict(`member ${member} of ${cluster} has no volume on record`);
  if (!(await tryAttach(volumeId, instanceId))) await awaitRunning(cluster, member, instanceId);
  const claimant = await readClaimant(table, cluster);
  const pace = { waitingFor: volumeId, afterMs: 60, firstMs: 120 };
  const others = new Set(
    members.flatMap((each) => (each.member === member || each.instanceId === null ? [] : [each.instanceId])),
  );
  if ((await pollUntil(() => attachOnce(claimant, volumeId, instanceId, others), pace)) === "stuck")
    await giveUp(input, volumeId);
  return { volumeId };
};

/** Throws InstanceGone if it will not. */
const awaitRunning = async (cluster: string, member: string, instanceId: string): Promise<void> => {
  await pollUntil(
    async () => {
      const [instance] = await findInstances([instanceId]);
      if (!instance || !/^(pending|running)$/.test(instance.state)) {
        throw new InstanceGone(`${instanceId} is ${instance?.state ?? "gone"}`);
      }
      return instance.state === "running" ? true : undefined;
    },
    { waitingFor: `${instanceId} to run`, afterMs: 200, firstMs: 200 },
  ).catch(async (error: unknown) => {
    // So that the step before does not take the same one again while its group has not noticed.
    const observedAt = new Date().toISOString();
    if (error instanceof InstanceGone) await updateMember(table, cluster, member, { health: "unhealthy", observedAt });
    throw error;
  });
};

/**
 * The attachment hangs: it ends with its instance, and the group's next one tries. Nothing is forced: the instance is
 * ours to end, the volume must not be torn from one that may write. A second time in one operation people are told.
 */
const giveUp = async (input: z.output<typeof Input>, volumeId: string): Promise<never> => {
  const { cluster, operation, member, instanceId } = input;
  const observedAt = new Date().toISOString();
  const told = await listEvents(table, cluster);
  const again = told.some((event) => event.type === STUCK && event.operation === operation && event.member === member);
  const message = `Volume ${volumeId} was attaching to ${instanceId} for too long${again ? ", again" : ""}; the instance is ended and the next one tried.`;
  await updateMember(table, cluster, member, { health: "unhealthy", observedAt });
  const [instance] = await findInstances([instanceId]);
  const record = await getCluster(table, cluster);
  if (instance)
    await endMaster(table, record, member, permitToEnd(await readClaimant(table, cluster), member, instance));
  await letEnd(masterGroupName(ownerOf(record), member), instanceId);
  const type = again ? `${STUCK}-again` : STUCK;
  await tellEvent(table, cluster, { time: observedAt, type, message, member, operation });
  if (again) countMetric("VolumesStuck");
  throw new InstanceGone(message);
};

const STUCK = "volume-stuck";

export const handler = stepHandler("Attach volume", table, Input, attachVolume);
