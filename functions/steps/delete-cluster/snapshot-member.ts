import { ec2 } from "../../aws/ec2/client.ts";
import { ensureFinalSnapshot } from "../../aws/ec2/snapshots.ts";
import { ownerOf } from "../../domain/cluster/records.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { type StepInput, StepInput as StepInputSchema, stepHandler } from "../../runtime/handlers.ts";
import { pollUntil } from "../../runtime/poll.ts";
import { system } from "../../runtime/system.ts";
import { storyCalls, tellEvent } from "../../usecases/operations/story.ts";

const calls = { ...storyCalls, ...bind(ec2, { ensureFinalSnapshot }) };

type Collaborators = Deps<typeof calls>;

/** One member's data, kept after the cluster is gone; taken when no instance writes to it any more. */
export const snapshotMember = async (
  deps: Collaborators,
  { cluster: name, operation }: StepInput,
): Promise<{ snapshotId: string | null }> => {
  const owner = ownerOf(await deps.store.getCluster(name));
  const members = (await deps.store.listMembers(name)).filter(({ volumeId }) => volumeId !== null);
  const { member, volumeId } = members.find(({ health }) => health === "healthy") ?? members[0] ?? {};
  if (member === undefined || !volumeId) return { snapshotId: null };
  const snapshotId = await pollUntil(deps.clock, () => deps.aws.ensureFinalSnapshot(owner, { member, volumeId }), {
    waitingFor: `a snapshot of ${volumeId}`,
  });
  const message = `The data of member ${member} is kept as ${snapshotId}.`;
  const time = deps.clock.now().toISOString();
  await tellEvent(deps, name, { time, type: "final-snapshot", message, member, operation });
  return { snapshotId };
};

export const handler = stepHandler("Snapshot member", StepInputSchema, snapshotMember, () => ({
  ...system,
  aws: calls,
}));
