import type { OwnedResource } from "../domain/deletion.ts";
import { kubernetesTag } from "../domain/naming.ts";
import { ownerOf } from "../domain/records.ts";
import { byTag, inVpcs, list } from "../gateways/ec2/owned.ts";
import { deleteInterface, deleteSecurityGroup, deleteVolume, revokeReferences } from "../gateways/ec2/removal.ts";
import { deleteBalancing } from "../gateways/load-balancing-removal.ts";
import { getCluster } from "../gateways/table/clusters.ts";
import { openWorkloads, type WorkloadClients } from "../gateways/workloads.ts";
import { NonEmpty, readEnv } from "../runtime/env.ts";
import { type StepInput, StepInput as StepInputSchema, stepHandler } from "../runtime/handlers.ts";
import { table } from "../runtime/table.ts";
import { attemptEach, removeAll } from "../usecases/remove.ts";
import { findWorkloads, vpcsOf } from "../usecases/survey.ts";

const env = readEnv({ WORKLOAD_ROLE: NonEmpty });

/**
 * What Kubernetes made for this cluster: load balancers, volumes, interfaces, security groups. After the nodes are gone, so that no
 * controller makes them again, and before the network, which they keep in use.
 */
const deleteWorkloads = async ({ cluster: name }: StepInput): Promise<void> => {
  const owner = ownerOf(await getCluster(table, name));
  const found = await findWorkloads(owner);
  if (found.length === 0) return;
  const clients = await openWorkloads(env.WORKLOAD_ROLE, name);
  const vpcIds = await vpcsOf(owner);
  if (vpcIds.length > 0) {
    // The cluster's own groups carry this tag too, and their rules name the groups of Kubernetes' load balancers.
    const groups = await list.securityGroups(byTag({ key: kubernetesTag(name), value: "owned" }), inVpcs(vpcIds));
    await attemptEach(groups, (group) => revokeReferences(group, clients.ec2));
  }
  await removeAll("what Kubernetes made:", {
    find: () => findWorkloads(owner),
    remove: (resource) => remove(resource, clients),
    id: ({ id }) => id,
  });
};

const remove = async ({ kind, id }: OwnedResource, { ec2, elb }: WorkloadClients): Promise<void> => {
  if (kind === "volume") return deleteVolume(id, ec2);
  if (kind === "network-interface") return deleteInterface(id, ec2);
  if (kind === "security-group") return deleteSecurityGroup(id, ec2);
  if (kind === "load-balancer" || kind === "target-group") return deleteBalancing({ kind, arn: id }, elb);
};

export const handler = stepHandler("Delete workloads", table, StepInputSchema, deleteWorkloads);
