import { autoScaling } from "../../aws/auto-scaling/client.ts";
import { findOwnGroups } from "../../aws/auto-scaling/removal.ts";
import { ec2 } from "../../aws/ec2/client.ts";
import { listOwnedEc2 } from "../../aws/ec2/owned.ts";
import { iam } from "../../aws/iam/client.ts";
import { listProfiles, listRoles } from "../../aws/iam/removal.ts";
import { ssm } from "../../aws/ssm/client.ts";
import { listParameters } from "../../aws/ssm/parameters.ts";
import { mayBeBalancerOf, mayBeIdentityOf, TAG } from "../../domain/cluster/naming.ts";
import type { ClusterRecord, MemberRecord } from "../../domain/cluster/records.ts";
import { byKind, type FoundResource } from "../../domain/deletion/deletion.ts";
import { owningClusterOf } from "../../domain/ownership/known-resources.ts";
import { Owned, type Refusal } from "../../domain/ownership/ownership.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { checkOwnership } from "./check-ownership.ts";
import { findApiRecord, findApiRecordCalls } from "./find-api-record.ts";
import { findWorkloads, findWorkloadsCalls } from "./find-workloads.ts";

export const clusterResourcesCalls = {
  ...findWorkloadsCalls,
  ...findApiRecordCalls,
  ...bind(ec2, { listOwnedEc2 }),
  ...bind(autoScaling, { findOwnGroups }),
  ...bind(iam, { listRoles, listProfiles }),
  ...bind(ssm, { listParameters }),
};

type Collaborators = Deps<typeof clusterResourcesCalls>;

/** By the uid; or by the cluster's name, where no uid is known. */
export type Search = { readonly uid: string } | { readonly cluster: string };

/**
 * All resources in the account with this tag, except parameters. Each resource is selected by its own tags. Names only
 * narrow lists that carry no tags.
 */
export async function listResourcesByTag(deps: Collaborators, by: Search): Promise<FoundResource[]> {
  const tag = "uid" in by ? { key: TAG.uid, value: by.uid } : { key: TAG.cluster, value: by.cluster };
  const found = await Promise.all([
    deps.aws.listOwnedEc2(tag),
    deps.aws.findOwnGroups(tag, []),
    deps.aws.listBalancing(({ elbName }) => mayBeBalancerOf(by, elbName)),
    deps.aws.listRoles((name) => mayBeIdentityOf(by, name)),
    deps.aws.listProfiles((name) => mayBeIdentityOf(by, name)),
  ]);
  return found
    .flat()
    .filter(({ tags }) => tags[tag.key] === tag.value)
    .toSorted(byKind);
}

/** What a deletion removes, and what it leaves although it looks similar. */
export interface ClusterResources {
  readonly removed: readonly FoundResource[];
  readonly refused: readonly Refusal[];
}

/**
 * All of this cluster's resources: those with its tags, those that its Kubernetes created, its parameters and its DNS
 * record.
 */
export async function listClusterResources(
  deps: Collaborators,
  cluster: ClusterRecord,
  members: readonly MemberRecord[],
): Promise<ClusterResources> {
  const owningCluster = owningClusterOf(cluster, members);
  const [tagged, made, parameters, api] = await Promise.all([
    listResourcesByTag(deps, { uid: owningCluster.uid }),
    findWorkloads(deps, owningCluster),
    deps.aws.listParameters(owningCluster),
    findApiRecord(deps, cluster),
  ]);
  const parts = [
    checkOwnership(tagged, (each) => Owned.decide(owningCluster, each)),
    made,
    checkOwnership(parameters, (each) => Owned.decide(owningCluster, each)),
  ];
  const removed = parts.flatMap(({ permitted }) => permitted.map(({ found }): FoundResource => found));
  const record: FoundResource[] =
    api?.decision instanceof Owned ? [{ kind: "dns-record", id: api.decision.id, name: "api", tags: {} }] : [];
  return {
    removed: [...removed, ...record].toSorted(byKind),
    refused: [
      ...parts.flatMap(({ refused }) => refused),
      ...(api && !(api.decision instanceof Owned) ? [api.decision] : []),
    ],
  };
}
