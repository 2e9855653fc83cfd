import { deleteGroup, findOwnGroups } from "../../aws/auto-scaling/auto-scaling.ts";
import { byTag, find } from "../../aws/ec2/owned.ts";
import { deleteLaunchTemplate, terminateInstance } from "../../aws/ec2/removal.ts";
import { OwnershipConflict } from "../../domain/cluster/errors.ts";
import { masterGroupName, nodeGroupName, TAG } from "../../domain/cluster/naming.ts";
import { type ClusterRecord, ownerOf } from "../../domain/cluster/records.ts";
import { type Claimant, claimantOf, explainRefusal, Owned } from "../../domain/ownership/ownership.ts";
import { type StepInput, StepInput as StepInputSchema, stepHandler } from "../../runtime/handlers.ts";
import { table } from "../../runtime/table.ts";
import { getCluster } from "../../store/clusters.ts";
import { permitEach, removeOwned } from "../../usecases/deletion/permits.ts";

/** Groups first, so that nothing is launched again, then every instance that is left, then what they were launched from. */
const deleteCompute = async ({ cluster: name }: StepInput): Promise<void> => {
  const cluster = await getCluster(table, name);
  const claimant = claimantOf(cluster);
  const own = byTag({ key: TAG.uid, value: claimant.uid });
  await deleteGroups(cluster, claimant);
  await removeOwned("instances", claimant, {
    find: () => find.instances(own),
    remove: (instance) => terminateInstance(instance),
  });
  await removeOwned("launch templates", claimant, {
    find: () => find.launchTemplates(own),
    remove: (template) => deleteLaunchTemplate(template),
  });
};

const deleteGroups = async (cluster: ClusterRecord, claimant: Claimant): Promise<void> => {
  const owner = ownerOf(cluster);
  const names = [
    ...cluster.plan.members.map((member) => masterGroupName(owner, member.name)),
    ...cluster.plan.nodes.map(({ zone }) => nodeGroupName(owner, zone)),
  ];
  const findGroups = () => findOwnGroups({ key: TAG.uid, value: owner.uid }, names);
  await removeOwned("groups", claimant, {
    find: findGroups,
    // Asking once more may find it gone, and its tags, on which the right hangs, with it.
    remove: async (permit, group) => (group.isGoing ? undefined : deleteGroup(permit)),
  });
  // A group of ours that has lost its tags would launch what is ended next, again and again: a person must settle it.
  const { refused } = permitEach(await findGroups(), (group) => Owned.decide(claimant, group));
  const lost = refused.filter(({ id }) => names.includes(id));
  if (lost.length > 0) throw new OwnershipConflict(lost.map(explainRefusal).join("; "));
};

export const handler = stepHandler("Delete compute", table, StepInputSchema, deleteCompute);
