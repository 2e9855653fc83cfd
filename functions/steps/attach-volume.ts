import * as z from "zod";
import { InstanceGone, OwnershipConflict } from "../domain/errors.ts";
import { findInstances } from "../gateways/ec2/compute.ts";
import { attachOnce, tryAttach } from "../gateways/ec2/storage.ts";
import { listMembers, updateMember } from "../gateways/table/clusters.ts";
import { MemberStepInput, stepHandler } from "../runtime/handlers.ts";
import { pollUntil } from "../runtime/poll.ts";
import { table } from "../runtime/table.ts";

const Input = MemberStepInput.extend({ instanceId: z.string() });

/**
 * Gives the instance its member's volume. While the predecessor still holds it, this waits: its termination is what frees
 * the volume (aws-facts §3.2); only one that is terminated and holds it still is made to let go.
 */
const attachVolume = async ({ cluster, member, instanceId }: z.output<typeof Input>): Promise<{ volumeId: string }> => {
  const record = (await listMembers(table, cluster)).find((candidate) => candidate.member === member);
  const volumeId = record?.volumeId;
  if (!volumeId) throw new OwnershipConflict(`member ${member} of ${cluster} has no volume on record`);
  if (!(await tryAttach(volumeId, instanceId))) await awaitRunning(cluster, member, instanceId);
  const pace = { waitingFor: volumeId, withinMs: 25_000, afterMs: 60, firstMs: 120 };
  await pollUntil(() => attachOnce(volumeId, instanceId), pace);
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
    { waitingFor: `${instanceId} to run`, withinMs: 25_000, firstMs: 120 },
  ).catch(async (error: unknown) => {
    // So that the step before does not take the same one again while its group has not noticed.
    const observedAt = new Date().toISOString();
    if (error instanceof InstanceGone) await updateMember(table, cluster, member, { health: "unhealthy", observedAt });
    throw error;
  });
};

export const handler = stepHandler("Attach volume", table, Input, attachVolume);
