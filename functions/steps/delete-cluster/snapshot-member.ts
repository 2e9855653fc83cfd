import { ensureFinalSnapshot } from "../../aws/ec2/snapshots.ts";
import { ownerOf } from "../../domain/cluster/records.ts";
import { type StepInput, StepInput as StepInputSchema, stepHandler } from "../../runtime/handlers.ts";
import { pollUntil } from "../../runtime/poll.ts";
import { table } from "../../runtime/table.ts";
import { getCluster, listMembers } from "../../store/clusters.ts";
import { tellEvent } from "../../usecases/operations/story.ts";

/** One member's data, kept after the cluster is gone; taken when no instance writes to it any more. */
const snapshotMember = async ({ cluster: name, operation }: StepInput): Promise<{ snapshotId: string | null }> => {
  const owner = ownerOf(await getCluster(table, name));
  const members = (await listMembers(table, name)).filter(({ volumeId }) => volumeId !== null);
  const { member, volumeId } = members.find(({ health }) => health === "healthy") ?? members[0] ?? {};
  if (member === undefined || !volumeId) return { snapshotId: null };
  const snapshotId = await pollUntil(() => ensureFinalSnapshot(owner, { member, volumeId }), {
    waitingFor: `a snapshot of ${volumeId}`,
  });
  const message = `The data of member ${member} is kept as ${snapshotId}.`;
  const time = new Date().toISOString();
  await tellEvent(table, name, { time, type: "final-snapshot", message, member, operation });
  return { snapshotId };
};

export const handler = stepHandler("Snapshot member", table, StepInputSchema, snapshotMember);
