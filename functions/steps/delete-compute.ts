import { masterGroupName, nodeGroupName, TAG } from "../domain/naming.ts";
import { ownerOf } from "../domain/records.ts";
import { deleteGroup, findOwnGroups } from "../gateways/auto-scaling.ts";
import { byTag, list } from "../gateways/ec2/owned.ts";
import { deleteLaunchTemplate, terminateInstance } from "../gateways/ec2/removal.ts";
import { getCluster } from "../gateways/table/clusters.ts";
import { type StepInput, StepInput as StepInputSchema, stepHandler } from "../runtime/handlers.ts";
import { table } from "../runtime/table.ts";
import { removeAll } from "../usecases/remove.ts";

/** Groups first, so that nothing is launched again, then every instance that is left, then what they were launched from. */
const deleteCompute = async ({ cluster: name }: StepInput): Promise<void> => {
  const cluster = await getCluster(table, name);
  const owner = ownerOf(cluster);
  const tag = { key: TAG.uid, value: owner.uid };
  const groups = [
    ...cluster.plan.members.map((member) => masterGroupName(owner, member.name)),
    ...cluster.plan.nodes.map(({ zone }) => nodeGroupName(owner, zone)),
  ];
  await removeAll("groups", {
    find: () => findOwnGroups(tag, groups),
    // Asking once more may find it gone, and its tags, on which the right hangs, with it.
    remove: async (group) => (group.isGoing ? undefined : deleteGroup(group.name)),
    id: (group) => group.name,
  });
  await removeAll("instances", {
    find: () => list.instances(byTag(tag)),
    remove: ({ InstanceId = "" }) => terminateInstance(InstanceId),
    id: ({ InstanceId }) => InstanceId,
  });
  await removeAll("launch templates", {
    find: () => list.launchTemplates(byTag(tag)),
    remove: ({ LaunchTemplateId = "" }) => deleteLaunchTemplate(LaunchTemplateId),
    id: ({ LaunchTemplateId }) => LaunchTemplateId,
  });
};

export const handler = stepHandler("Delete compute", table, StepInputSchema, deleteCompute);
