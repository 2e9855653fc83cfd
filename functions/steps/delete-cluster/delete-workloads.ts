import { byTag, inVpcs } from "../../aws/ec2/owned.ts";
import { sts } from "../../aws/sts/client.ts";
import { openWorkloads, type WorkloadRemoval } from "../../aws/sts/workloads.ts";
import { kubernetesTag } from "../../domain/cluster/naming.ts";
import { owningClusterOf } from "../../domain/ownership/known-resources.ts";
import { Owned } from "../../domain/ownership/ownership.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { type EnvOf, NonEmpty } from "../../runtime/env.ts";
import { StepInput, type StepRequest, stepHandler } from "../../runtime/handlers.ts";
import { collaborators } from "../../runtime/system.ts";
import { checkOwnership } from "../../usecases/deletion/check-ownership.ts";
import { findWorkloads, findWorkloadsCalls } from "../../usecases/deletion/find-workloads.ts";
import { vpcsOf } from "../../usecases/deletion/own-vpcs.ts";
import { attemptEach, removeAll } from "../../usecases/deletion/remove.ts";

const calls = { ...findWorkloadsCalls, ...bind(sts, { openWorkloads }) };

const ENV = { WORKLOAD_ROLE: NonEmpty };
type Collaborators = Deps<typeof calls, EnvOf<typeof ENV>>;

/**
 * What Kubernetes made for this cluster: load balancers, volumes, interfaces, security groups. After the nodes are
 * gone, so that no controller makes them again, and before the network, which they keep in use.
 */
export async function deleteWorkloads(deps: Collaborators, { cluster: name }: StepRequest): Promise<void> {
  const owningCluster = owningClusterOf(await deps.store.getCluster(name));
  const found = await findWorkloads(deps, owningCluster);
  if (found.permitted.length === 0) return;
  const removal = await deps.aws.openWorkloads(deps.env.WORKLOAD_ROLE, owningCluster);
  const vpcs = await vpcsOf(deps, owningCluster);
  if (vpcs.length > 0) {
    // The cluster's own groups carry this tag too, and their rules name the groups of Kubernetes' load balancers.
    const tag = byTag({ key: kubernetesTag(name), value: "owned" });
    const groups = checkOwnership(
      await deps.aws.find.securityGroups(tag, inVpcs(vpcs.map(({ id }) => id))),
      (group) => {
        const own = Owned.decide(owningCluster, group);
        return own instanceof Owned
          ? own
          : Owned.decideWorkload(owningCluster, { ...group, vpcId: group.item.VpcId }, vpcs);
      },
    );
    await attemptEach(groups.permitted, ({ owned, found: { item } }) => removal.revokeReferences(owned, item));
  }
  await removeAll(deps, "what Kubernetes made:", {
    find: async () => (await findWorkloads(deps, owningCluster)).permitted,
    remove: ({ owned }) => remove(removal, owned),
    id: ({ owned }) => owned.id,
  });
}

async function remove(removal: WorkloadRemoval, owned: Owned): Promise<void> {
  if (owned.is("volume")) return removal.deleteVolume(owned);
  if (owned.is("network-interface")) return removal.deleteInterface(owned);
  if (owned.is("security-group")) return removal.deleteSecurityGroup(owned);
  if (owned.is("load-balancer")) return removal.deleteBalancing(owned);
  if (owned.is("target-group")) return removal.deleteBalancing(owned);
}

export const handler = stepHandler("Delete workloads", StepInput, deleteWorkloads, collaborators(calls, ENV));
