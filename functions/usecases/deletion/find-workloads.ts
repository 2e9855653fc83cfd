import { byTag, inVpcs } from "../../aws/ec2/owned.ts";
import { elb } from "../../aws/load-balancing/client.ts";
import { listBalancing } from "../../aws/load-balancing/removal.ts";
import { kubernetesTag, TAG } from "../../domain/cluster/naming.ts";
import type { FoundResource } from "../../domain/deletion/deletion.ts";
import { Owned, type OwningCluster } from "../../domain/ownership/ownership.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { checkOwnership } from "./check-ownership.ts";
import { ownVpcsCalls, vpcsOf } from "./own-vpcs.ts";

export const findWorkloadsCalls = { ...ownVpcsCalls, ...bind(elb, { listBalancing }) };

/**
 * What Kubernetes made for this cluster. All but volumes lies in the cluster's own network, and is looked for there;
 * volumes of another cluster of the same name are found, too, and refused.
 */
export async function findWorkloads(deps: Deps<typeof findWorkloadsCalls>, owningCluster: OwningCluster) {
  const tag = { key: kubernetesTag(owningCluster.cluster), value: "owned" };
  const vpcs = await vpcsOf(deps, owningCluster);
  const ids = vpcs.map(({ id }) => id);
  const isTheirs = ({ tags }: FoundResource) => tags[tag.key] === tag.value && tags[TAG.uid] === undefined;
  const [groups, interfaces, volumes, balancing] = await Promise.all([
    ids.length === 0 ? [] : deps.aws.find.securityGroups(byTag(tag), inVpcs(ids)),
    ids.length === 0 ? [] : deps.aws.find.interfaces(byTag(tag), inVpcs(ids)),
    deps.aws.find.volumes(byTag(tag)),
    ids.length === 0 ? [] : deps.aws.listBalancing(({ vpcId }) => ids.includes(vpcId)),
  ]);
  const workloads = [
    ...balancing,
    ...volumes.map((each) => ({ ...each, madeAt: each.item.CreateTime })),
    ...interfaces.map((each) => ({ ...each, vpcId: each.item.VpcId })),
    // Kubernetes knows its groups by the names that it gave them, not by a tag.
    ...groups.map((each) => ({ ...each, vpcId: each.item.VpcId, name: each.item.GroupName ?? each.id })),
  ].filter(isTheirs);
  return checkOwnership(workloads, (each) => Owned.decideWorkload(owningCluster, each, vpcs));
}
