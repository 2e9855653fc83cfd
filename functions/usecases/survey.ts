import { byKind, type OwnedResource } from "../domain/deletion.ts";
import { balancerName, kubernetesTag, type Owner, parameterPath, rolePrefix, TAG } from "../domain/naming.ts";
import { type ClusterRecord, ownerOf } from "../domain/records.ts";
import { findOwnGroups } from "../gateways/auto-scaling.ts";
import { byTag, inVpcs, list, listOwnedEc2, type TagMatch } from "../gateways/ec2/owned.ts";
import { listIdentity } from "../gateways/iam-removal.ts";
import { type BalancingFacts, listBalancing } from "../gateways/load-balancing-removal.ts";
import { listParameterNames } from "../gateways/parameters.ts";
import { findAlias, findHostedZones } from "../gateways/route53.ts";

/** Everything in the account that carries this tag. Holds for a cluster of which the table knows nothing. */
export const surveyByTag = async (cluster: string, tag: TagMatch): Promise<OwnedResource[]> => {
  const [ec2, groups, balancing, identity] = await Promise.all([
    listOwnedEc2(tag),
    findOwnGroups(tag, []),
    listBalancing(({ name }) => name.startsWith("hf-")),
    listIdentity(rolePrefix({ cluster })),
  ]);
  return [
    ...ec2,
    ...groups.map(({ name: id, tags }): OwnedResource => {
      return { kind: "auto-scaling-group", id, name: tags[TAG.resource] ?? id, uid: tags[TAG.uid] ?? "" };
    }),
    ...balancing.filter(({ tags }) => tags[tag.key] === tag.value).map(toOwned),
    ...identity.filter(({ uid }) => tag.key !== TAG.uid || uid === tag.value),
  ].toSorted(byKind);
};

const toOwned = ({ kind, arn, name, tags }: BalancingFacts): OwnedResource => ({
  kind,
  id: arn,
  name: tags[TAG.resource] ?? name,
  uid: tags[TAG.uid] ?? "",
});

/** All that a deletion of this cluster removes: what carries its uid, what Kubernetes made for it, its parameters, its DNS record. */
export const surveyCluster = async (cluster: ClusterRecord): Promise<OwnedResource[]> => {
  const owner = ownerOf(cluster);
  const [tagged, made, parameters, alias] = await Promise.all([
    surveyByTag(owner.cluster, { key: TAG.uid, value: owner.uid }),
    findWorkloads(owner),
    listParameterNames(parameterPath(owner)),
    findApiAlias(cluster),
  ]);
  return [
    ...tagged,
    ...made,
    ...parameters.map((id): OwnedResource => ({ kind: "parameter", id, name: id, uid: "" })),
    ...(alias ? [{ kind: "dns-record" as const, id: alias.name, name: "api", uid: "" }] : []),
  ].toSorted(byKind);
};

/** The cluster's VPCs: one, or none when it is gone or was never made. */
export const vpcsOf = async (owner: Owner): Promise<string[]> =>
  (await list.vpcs(byTag({ key: TAG.uid, value: owner.uid }))).flatMap(({ VpcId }) => VpcId ?? []);

/**
 * What Kubernetes made for this cluster: its tag, and not our uid. What lies in a VPC only in the cluster's own.
 * Volumes have no VPC: while instances of another VPC carry the same tag, a second cluster of this name lives, and volumes are
 * left to it.
 */
export const findWorkloads = async (owner: Owner): Promise<OwnedResource[]> => {
  const tag = { key: kubernetesTag(owner.cluster), value: "owned" };
  const vpcIds = await vpcsOf(owner);
  const [groups, interfaces, volumes, instances, balancing] = await Promise.all([
    vpcIds.length === 0 ? [] : list.securityGroups(byTag(tag), inVpcs(vpcIds)),
    vpcIds.length === 0 ? [] : list.interfaces(byTag(tag), inVpcs(vpcIds)),
    list.volumes(byTag(tag)),
    list.instances(byTag(tag)),
    vpcIds.length === 0 ? [] : listBalancing(({ vpcId }) => vpcIds.includes(vpcId)),
  ]);
  const isNotOurs = (tags: { Key?: string | undefined }[] = []) => !tags.some(({ Key }) => Key === TAG.uid);
  const nameOf = (tags: { Key?: string | undefined; Value?: string | undefined }[] = []) =>
    tags.find(({ Key }) => Key === "Name")?.Value;
  const namesake = instances.some(({ Tags, VpcId }) => isNotOurs(Tags) && !vpcIds.includes(VpcId ?? ""));
  return [
    ...balancing.filter(({ tags }) => tags[tag.key] === tag.value && tags[TAG.uid] === undefined).map(toOwned),
    ...volumes
      .filter(({ Tags }) => isNotOurs(Tags) && !namesake)
      .map(({ VolumeId: id = "", Tags }) => ({ kind: "volume" as const, id, name: nameOf(Tags) ?? id, uid: "" })),
    ...interfaces
      .filter(({ TagSet }) => isNotOurs(TagSet))
      .map(({ NetworkInterfaceId: id = "", TagSet }) => {
        return { kind: "network-interface" as const, id, name: nameOf(TagSet) ?? id, uid: "" };
      }),
    ...groups
      .filter(({ Tags }) => isNotOurs(Tags))
      .map(({ GroupId: id = "", GroupName: name = id }) => ({ kind: "security-group" as const, id, name, uid: "" })),
  ];
};

/**
 * The API's name in DNS. The zone is on record; where the record was lost, it is one of those that the cluster's name may lie
 * in. A record that leads to another load balancer is not the cluster's.
 */
export const findApiAlias = async (cluster: ClusterRecord) => {
  const name = `api.${cluster.name}`;
  const labels = cluster.name.split(".");
  const zones =
    cluster.hostedZoneId === undefined
      ? (await Promise.all(labels.map((_, index) => findHostedZones(labels.slice(index).join("."))))).flat()
      : [cluster.hostedZoneId];
  for (const zone of zones) {
    const record = await findAlias(zone, name, balancerName(ownerOf(cluster)));
    if (record) return { zone, name, record };
  }
  return undefined;
};
