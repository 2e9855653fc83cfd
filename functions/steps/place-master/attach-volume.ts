import * as z from "zod";
import { ec2 } from "../../aws/ec2/client.ts";
import { findInstances } from "../../aws/ec2/compute.ts";
import { attachOnce, tryAttach } from "../../aws/ec2/storage.ts";
import { InstanceGone, OwnershipConflict } from "../../domain/cluster/errors.ts";
import { masterGroupName } from "../../domain/cluster/naming.ts";
import { ownerOf } from "../../domain/cluster/records.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { MemberStepInput, stepHandler } from "../../runtime/handlers.ts";
import { pollUntil } from "../../runtime/poll.ts";
import { collaborators } from "../../runtime/system.ts";
import { readOwningCluster } from "../../usecases/deletion/owning-cluster.ts";
import { endMaster, endMasterCalls, letEnd, ownedInstance } from "../../usecases/members/end-master.ts";
import { countMetric, recordEvent, recordEventCalls } from "../../usecases/operations/record-event.ts";

const calls = { ...endMasterCalls, ...recordEventCalls, ...bind(ec2, { tryAttach, attachOnce, findInstances }) };

type Collaborators = Deps<typeof calls>;

const Input = MemberStepInput.extend({ instanceId: z.string() });

/**
 * Attaches the member's volume to the instance. It ends as soon as AWS accepts the call: "Await member" waits for etcd, and
 * the flow comes back here if the volume is missing. Then it waits for the attachment, and gives up one that hangs. A
 * former instance releases the volume by its termination (docs/references/aws.md#attach). Only a terminated instance
 * that still holds it is detached.
 */
export async function attachVolume(deps: Collaborators, input: z.output<typeof Input>): Promise<{ volumeId: string }> {
  const { cluster, member, instanceId } = input;
  const members = await deps.store.listMembers(cluster);
  const volumeId = members.find((each) => each.member === member)?.volumeId;
  if (!volumeId) throw new OwnershipConflict(`member ${member} of ${cluster} has no volume on record`);
  if (await deps.aws.tryAttach(volumeId, instanceId)) return { volumeId };
  await awaitRunning(deps, cluster, member, instanceId);
  const owningCluster = await readOwningCluster(deps, cluster);
  const pace = { waitingFor: volumeId, afterMs: 60, firstMs: 120 };
  const others = new Set(
    members.flatMap((each) => (each.member === member || each.instanceId === null ? [] : [each.instanceId])),
  );
  if (
    (await pollUntil(deps.clock, () => deps.aws.attachOnce(owningCluster, volumeId, instanceId, others), pace)) ===
    "stuck"
  )
    await giveUp(deps, input, volumeId);
  return { volumeId };
}

/** Throws InstanceGone if it will not. */
async function awaitRunning(deps: Collaborators, cluster: string, member: string, instanceId: string): Promise<void> {
  await pollUntil(
    deps.clock,
    async () => {
      const [instance] = await deps.aws.findInstances([instanceId]);
      if (!instance || !/^(pending|running)$/.test(instance.state)) {
        throw new InstanceGone(`${instanceId} is ${instance?.state ?? "gone"}`);
      }
      return instance.state === "running" ? true : undefined;
    },
    { waitingFor: `${instanceId} to run`, afterMs: 200, firstMs: 200 },
  ).catch(async (error: unknown) => {
    // Otherwise the step before would return the same instance while its group has not detected the termination.
    const observedAt = deps.clock.now().toISOString();
    if (error instanceof InstanceGone)
      await deps.store.updateMember(cluster, member, { health: "unhealthy", observedAt });
    throw error;
  });
}

/**
 * The attachment hangs. It ends with its instance, and the group launches another. The volume is not detached by force,
 * since the instance may write. A second time in one operation is reported.
 */
async function giveUp(deps: Collaborators, input: z.output<typeof Input>, volumeId: string): Promise<never> {
  const { cluster, operation, member, instanceId } = input;
  const observedAt = deps.clock.now().toISOString();
  const events = await deps.store.listEvents(cluster);
  const again = events.some(
    (event) => event.type === STUCK && event.operation === operation && event.member === member,
  );
  const message = `Volume ${volumeId} was attaching to ${instanceId} for too long${again ? ", again" : ""}; the instance is terminated and the next one tried.`;
  await deps.store.updateMember(cluster, member, { health: "unhealthy", observedAt });
  const [instance] = await deps.aws.findInstances([instanceId]);
  const record = await deps.store.getCluster(cluster);
  if (instance)
    await endMaster(deps, record, member, ownedInstance(await readOwningCluster(deps, cluster), member, instance));
  await letEnd(deps, masterGroupName(ownerOf(record), member), instanceId);
  const type = again ? `${STUCK}-again` : STUCK;
  await recordEvent(deps, cluster, { time: observedAt, type, message, member, operation });
  if (again) countMetric("VolumesStuck");
  throw new InstanceGone(message);
}

const STUCK = "volume-stuck";

export const handler = stepHandler("Attach volume", Input, attachVolume, collaborators(calls));
