import { ec2 } from "../../aws/ec2/client.ts";
import { ensureFinalSnapshot } from "../../aws/ec2/snapshots.ts";
import { ownerOf } from "../../domain/cluster/records.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { StepInput, type StepRequest, stepHandler } from "../../runtime/handlers.ts";
import { pollUntil } from "../../runtime/poll.ts";
import { collaborators } from "../../runtime/system.ts";
import { recordEvent, recordEventCalls } from "../../usecases/operations/record-event.ts";

const calls = { ...recordEventCalls, ...bind(ec2, { ensureFinalSnapshot }) };

type Collaborators = Deps<typeof calls>;

/** One member's data, kept after the cluster is gone; taken when no instance writes to it any more. */
export async function snapshotMember(
  deps: Collaborators,
  { cluster: name, operation }: StepRequest,
): Promise<{ snapshotId: string | null }> {
  const owner = ownerOf(await deps.store.getCluster(name));
  const members = (await deps.store.listMembers(name)).filter(({ volumeId }) => volumeId !== null);
  const { member, volumeId } = members.find(({ health }) => health === "healthy") ?? members[0] ?? {};
  if (member === undefined || !volumeId) return { snapshotId: null };
  const snapshotId = await pollUntil(deps.clock, () => deps.aws.ensureFinalSnapshot(owner, { member, volumeId }), {
    waitingFor: `a snapshot of ${volumeId}`,
  });
  const message = `The data of member ${member} is kept as ${snapshotId}.`;
  const time = deps.clock.now().toISOString();
  await recordEvent(deps, name, { time, type: "final-snapshot", message, member, operation });
  return { snapshotId };
}

export const handler = stepHandler("Snapshot member", StepInput, snapshotMember, collaborators(calls));
