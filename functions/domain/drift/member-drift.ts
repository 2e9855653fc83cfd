import { type Owner, ownerTags, TAG } from "../cluster/naming.ts";
import { type ClusterRecord, type MemberRecord, ownerOf } from "../cluster/records.ts";
import { interfaceName, volumeName } from "../ownership/known-resources.ts";

/** A member's interface as EC2 has it. */
export interface InterfaceFacts {
  readonly id: string;
  readonly groups: readonly string[];
  /** The instance that it is attached to. */
  readonly instanceId: string | null;
  /** Allocation id of its Elastic IP; null for none. */
  readonly addressId: string | null;
  readonly tags: Readonly<Record<string, string>>;
}

/** A member's volume as EC2 has it. */
export interface VolumeFacts {
  readonly id: string;
  readonly state: string;
  readonly zone: string;
  readonly sizeGiB: number;
  readonly encrypted: boolean;
  /** The instance that has it or is being given it; null for none. */
  readonly instanceId: string | null;
  readonly tags: Readonly<Record<string, string>>;
}

/** Security groups of masters' interfaces, as the record has them; undefined before there is a network. */
export function masterGroupsOf({ network, spec }: ClusterRecord): string[] | undefined {
  return network && [network.masterGroupId, ...spec.masterSecurityGroups];
}

/** Somebody changed the interface's security groups. */
export function hasOtherGroups(cluster: ClusterRecord, { groups }: InterfaceFacts): boolean {
  const wanted = masterGroupsOf(cluster);
  return wanted !== undefined && [...new Set(wanted)].sort().join() !== [...groups].sort().join();
}

/**
 * The Elastic IP was removed. The host then reaches neither AWS nor the load balancer, and neither would its
 * replacement.
 */
export function lacksAddress(
  { spec }: ClusterRecord,
  { addressId }: MemberRecord,
  found: Pick<InterfaceFacts, "addressId">,
): boolean {
  return spec.topology === "public" && (found.addressId === null || found.addressId !== addressId);
}

/** It has no owner's tag. A resource that names another owner is never changed. */
export function isUntagged({ tags }: { readonly tags: Readonly<Record<string, string>> }): boolean {
  return tags[TAG.uid] === undefined;
}

/** Tags without labels: a permission to put any key would be one to put others' owner tags. */
function tagsOf(cluster: ClusterRecord, resource: string, more: Readonly<Record<string, string>>) {
  const owner: Owner = { ...ownerOf(cluster), labels: {} };
  return ownerTags(owner, resource, more);
}

/**
 * The tags to put back on a member's volume; undefined unless the record proves that it is the member's: the id is on
 * record, and it is encrypted, of the member's zone and at least as large as asked for.
 */
export function volumeTags(
  cluster: ClusterRecord,
  { member, volumeId, generation }: MemberRecord,
  volume: VolumeFacts,
): Record<string, string> | undefined {
  const plan = cluster.plan.members.find(({ name }) => name === member);
  const fits = volume.encrypted && volume.zone === plan?.zone && volume.sizeGiB >= cluster.spec.etcdVolumeGiB;
  if (volume.id !== volumeId || !isUntagged(volume) || !fits) return undefined;
  return tagsOf(cluster, volumeName(member, generation), { [TAG.member]: member });
}

/** An interface must be on record, and free or attached to the member's instance. */
export function interfaceTags(
  cluster: ClusterRecord,
  { member, interfaceId, instanceId, home = 1 }: MemberRecord,
  found: InterfaceFacts,
): Record<string, string> | undefined {
  const isFree = found.instanceId === null || found.instanceId === instanceId;
  if (found.id !== interfaceId || !isUntagged(found) || !isFree) return undefined;
  return tagsOf(cluster, interfaceName(member, home), {
    [TAG.member]: member,
    "node.k8s.amazonaws.com/no_manage": "true",
  });
}
