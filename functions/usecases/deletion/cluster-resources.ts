import { findOwnGroups } from "../../aws/auto-scaling/auto-scaling.ts";
import { autoScaling } from "../../aws/auto-scaling/client.ts";
import { ec2 } from "../../aws/ec2/client.ts";
import { byTag, find, inVpcs, listOwnedEc2 } from "../../aws/ec2/owned.ts";
import { iam } from "../../aws/iam/client.ts";
import { listProfiles, listRoles } from "../../aws/iam/removal.ts";
import { elb } from "../../aws/load-balancing/client.ts";
import { listBalancing } from "../../aws/load-balancing/removal.ts";
import { route53 } from "../../aws/route53/client.ts";
import { findAddressRecord, findHostedZones } from "../../aws/route53/route53.ts";
import { ssm } from "../../aws/ssm/client.ts";
import { listParameters } from "../../aws/ssm/parameters.ts";
import { apiName, kubernetesTag, mayBeBalancerOf, mayBeIdentityOf, TAG } from "../../domain/cluster/naming.ts";
import type { ClusterRecord, MemberRecord } from "../../domain/cluster/records.ts";
import { byKind, type FoundResource } from "../../domain/deletion/deletion.ts";
import { type Claimant, claimantOf, Owned, type Refusal } from "../../domain/ownership/ownership.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { permitEach } from "./permits.ts";

export const surveyCalls = {
  ...bind(ec2, { listOwnedEc2 }),
  find: find(ec2),
  ...bind(autoScaling, { findOwnGroups }),
  ...bind(elb, { listBalancing }),
  ...bind(iam, { listRoles, listProfiles }),
  ...bind(ssm, { listParameters }),
  ...bind(route53, { findHostedZones, findAddressRecord }),
};

type Collaborators = Deps<typeof surveyCalls>;

/** By the uid; or by the cluster's name, where no uid is known. */
export type Search = { readonly uid: string } | { readonly cluster: string };

/**
 * All resources in the account with this tag, except parameters. Each resource is selected by its own tags. Names only
 * narrow lists that carry no tags.
 */
export const listResourcesByTag = async (deps: Collaborators, by: Search): Promise<FoundResource[]> => {
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
};

/** What a deletion removes, and what it leaves although it looks similar. */
export interface ClusterResources {
  readonly removed: readonly FoundResource[];
  readonly refused: readonly Refusal[];
}

/**
 * All of this cluster's resources: those with its tags, those that its Kubernetes created, its parameters and its DNS
 * record.
 */
export const listClusterResources = async (
  deps: Collaborators,
  cluster: ClusterRecord,
  members: readonly MemberRecord[],
): Promise<ClusterResources> => {
  const claimant = claimantOf(cluster, members);
  const [tagged, made, parameters, api] = await Promise.all([
    listResourcesByTag(deps, { uid: claimant.uid }),
    findWorkloads(deps, claimant),
    deps.aws.listParameters(claimant),
    findApiRecord(deps, cluster),
  ]);
  const parts = [
    permitEach(tagged, (each) => Owned.decide(claimant, each)),
    made,
    permitEach(parameters, (each) => Owned.decide(claimant, each)),
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
};

/** The cluster's VPCs: one, or none when it is gone or was never made. */
export const vpcsOf = async (deps: Collaborators, claimant: Claimant): Promise<Owned<"vpc">[]> => {
  const found = await deps.aws.find.vpcs(byTag({ key: TAG.uid, value: claimant.uid }));
  return permitEach(found, (each) => Owned.decide(claimant, each)).permitted.map(({ permit }) => permit);
};

/**
 * What Kubernetes made for this cluster. All but volumes lies in the cluster's own network, and is looked for there;
 * volumes of another cluster of the same name are found, too, and refused.
 */
export const findWorkloads = async (deps: Collaborators, claimant: Claimant) => {
  const tag = { key: kubernetesTag(claimant.cluster), value: "owned" };
  const vpcs = await vpcsOf(deps, claimant);
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
  return permitEach(workloads, (each) => Owned.decideWorkload(claimant, each, vpcs));
};

/**
 * The API's name in DNS, and whether it is the cluster's. The zone is on record; where the record was lost, it is one
 * of those that the cluster's name may lie in.
 */
export const findApiRecord = async (deps: Collaborators, cluster: ClusterRecord) => {
  const name = apiName(cluster.name);
  const labels = cluster.name.split(".");
  const zones =
    cluster.hostedZoneId === undefined
      ? (await Promise.all(labels.map((_, index) => deps.aws.findHostedZones(labels.slice(index).join("."))))).flat()
      : [cluster.hostedZoneId];
  const claimant = claimantOf(cluster);
  const found = [];
  for (const zone of zones) {
    const record = await deps.aws.findAddressRecord(zone, name);
    if (!record) continue;
    const target = record.AliasTarget?.DNSName ?? "";
    found.push({ zone, record, decision: Owned.decideRecord(claimant, { name, target }) });
  }
  return found.find(({ decision }) => decision instanceof Owned) ?? found[0];
};
