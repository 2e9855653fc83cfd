import { byTag, find, inVpcs } from "../../aws/ec2/owned.ts";
import { deleteInterface, deleteSecurityGroup, deleteVolume, revokeReferences } from "../../aws/ec2/removal.ts";
import { deleteBalancing } from "../../aws/load-balancing/removal.ts";
import { openWorkloads, type WorkloadClients } from "../../aws/sts/workloads.ts";
import { kubernetesTag } from "../../domain/cluster/naming.ts";
import { claimantOf, Owned } from "../../domain/ownership/ownership.ts";
import { NonEmpty, readEnv } from "../../runtime/env.ts";
import { type StepInput, StepInput as StepInputSchema, stepHandler } from "../../runtime/handlers.ts";
import { table } from "../../runtime/table.ts";
import { getCluster } from "../../store/clusters.ts";
import { permitEach } from "../../usecases/deletion/permits.ts";
import { attemptEach, removeAll } from "../../usecases/deletion/remove.ts";
import { findWorkloads, vpcsOf } from "../../usecases/deletion/survey.ts";

const env = readEnv({ WORKLOAD_ROLE: NonEmpty });

/**
 * What Kubernetes made for this cluster: load balancers, volumes, interfaces, security groups. After the nodes are gone, so that no
 * controller makes them again, and before the network, which they keep in use.
 */
const deleteWorkloads = async ({ cluster: name }: StepInput): Promise<void> => {
  const claimant = claimantOf(await getCluster(table, name));
  const found = await findWorkloads(claimant);
  if (found.permitted.length === 0) return;
  const clients = await openWorkloads(env.WORKLOAD_ROLE, claimant);
  const vpcs = await vpcsOf(claimant);
  if (vpcs.length > 0) {
    // The cluster's own groups carry this tag too, and their rules name the groups of Kubernetes' load balancers.
    const tag = byTag({ key: kubernetesTag(name), value: "owned" });
    const groups = permitEach(await find.securityGroups(tag, inVpcs(vpcs.map(({ id }) => id))), (group) => {
      const own = Owned.decide(claimant, group);
      return own instanceof Owned ? own : Owned.decideWorkload(claimant, { ...group, vpcId: group.item.VpcId }, vpcs);
    });
    await attemptEach(groups.permitted, ({ permit, found: { item } }) => revokeReferences(permit, item, clients.ec2));
  }
  await removeAll("what Kubernetes made:", {
    find: async () => (await findWorkloads(claimant)).permitted,
    remove: ({ permit }) => remove(permit, clients),
    id: ({ permit }) => permit.id,
  });
};

const remove = async (permit: Owned, { ec2, elb }: WorkloadClients): Promise<void> => {
  if (permit.is("volume")) return deleteVolume(permit, ec2);
  if (permit.is("network-interface")) return deleteInterface(permit, ec2);
  if (permit.is("security-group")) return deleteSecurityGroup(permit, ec2);
  if (permit.is("load-balancer")) return deleteBalancing(permit, elb);
  if (permit.is("target-group")) return deleteBalancing(permit, elb);
};

export const handler = stepHandler("Delete workloads", table, StepInputSchema, deleteWorkloads);
