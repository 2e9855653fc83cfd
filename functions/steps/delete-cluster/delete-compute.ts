import { autoScaling } from "../../aws/auto-scaling/client.ts";
import { deleteGroup, findOwnGroups } from "../../aws/auto-scaling/removal.ts";
import { ec2 } from "../../aws/ec2/client.ts";
import { byTag, find } from "../../aws/ec2/owned.ts";
import { deleteLaunchTemplate, terminateInstance } from "../../aws/ec2/removal.ts";
import { OwnershipConflict } from "../../domain/cluster/errors.ts";
import { masterGroupName, nodeGroupName, TAG } from "../../domain/cluster/naming.ts";
import { type ClusterRecord, ownerOf } from "../../domain/cluster/records.ts";
import { owningClusterOf } from "../../domain/ownership/known-resources.ts";
import { explainRefusal, Owned, type OwningCluster } from "../../domain/ownership/ownership.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { StepInput, type StepRequest, stepHandler } from "../../runtime/handlers.ts";
import { collaborators } from "../../runtime/system.ts";
import { checkOwnership, removeOwned } from "../../usecases/deletion/check-ownership.ts";

const calls = {
  ...bind(ec2, { terminateInstance, deleteLaunchTemplate }),
  find: find(ec2),
  ...bind(autoScaling, { findOwnGroups, deleteGroup }),
};

type Collaborators = Deps<typeof calls>;

/**
 * Groups first, so that nothing is launched again, then every instance that is left, then what they were launched from.
 */
export async function deleteCompute(deps: Collaborators, { cluster: name }: StepRequest): Promise<void> {
  const cluster = await deps.store.getCluster(name);
  const owningCluster = owningClusterOf(cluster);
  const own = byTag({ key: TAG.uid, value: owningCluster.uid });
  await deleteGroups(deps, cluster, owningCluster);
  await removeOwned(deps, "instances", owningCluster, {
    find: () => deps.aws.find.instances(own),
    remove: (instance) => deps.aws.terminateInstance(instance),
  });
  await removeOwned(deps, "launch templates", owningCluster, {
    find: () => deps.aws.find.launchTemplates(own),
    remove: (template) => deps.aws.deleteLaunchTemplate(template),
  });
}

async function deleteGroups(deps: Collaborators, cluster: ClusterRecord, owningCluster: OwningCluster): Promise<void> {
  const owner = ownerOf(cluster);
  const names = [
    ...cluster.plan.members.map((member) => masterGroupName(owner, member.name)),
    ...cluster.plan.nodes.map(({ zone }) => nodeGroupName(owner, zone)),
  ];
  const findGroups = () => deps.aws.findOwnGroups({ key: TAG.uid, value: owner.uid }, names);
  await removeOwned(deps, "groups", owningCluster, {
    find: findGroups,
    // Asking once more may find it gone, and its tags, on which the permission hangs, with it.
    remove: async (owned, group) => (group.isGoing ? undefined : deps.aws.deleteGroup(owned)),
  });
  // A group of ours that has lost its tags would launch what is ended next, again and again: a person must fix it.
  const { refused } = checkOwnership(await findGroups(), (group) => Owned.decide(owningCluster, group));
  const lost = refused.filter(({ id }) => names.includes(id));
  if (lost.length > 0) throw new OwnershipConflict(lost.map(explainRefusal).join("; "));
}

export const handler = stepHandler("Delete compute", StepInput, deleteCompute, collaborators(calls));
