import { ensureMemberAddress } from "../../aws/ec2/addresses.ts";
import { ec2 } from "../../aws/ec2/client.ts";
import { findInterfaces, findVolumes, putInterfaceGroups, putTags } from "../../aws/ec2/members.ts";
import { OwnershipConflict } from "../../domain/cluster/errors.ts";
import { type ClusterRecord, type MemberRecord, ownerOf } from "../../domain/cluster/records.ts";
import {
  hasOtherGroups,
  interfaceTags,
  lacksAddress,
  masterGroupsOf,
  volumeTags,
} from "../../domain/drift/member-drift.ts";
import type { VolumeState } from "../../domain/repair/member-assessment.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { recordEvent, recordEventCalls } from "../operations/record-event.ts";

export const memberDriftCalls = {
  ...recordEventCalls,
  ...bind(ec2, { findInterfaces, findVolumes, putTags, putInterfaceGroups, ensureMemberAddress }),
};

type Collaborators = Deps<typeof memberDriftCalls>;

/**
 * Restores members' volumes and interfaces where somebody changed them: owner's tags that were removed, security
 * groups that were exchanged, Elastic IPs that were taken away. The record says which are the cluster's; what names
 * another owner is left alone. Each is recorded as an event. Resolves with the states of those volumes that are there.
 */
export async function fixMembers(
  deps: Collaborators,
  cluster: ClusterRecord,
  operation: string,
): Promise<ReadonlyMap<string, VolumeState>> {
  const members = await deps.store.listMembers(cluster.name);
  const [interfaces, volumes] = await Promise.all([
    deps.aws.findInterfaces(members.flatMap(({ interfaceId }) => interfaceId ?? [])),
    deps.aws.findVolumes(members.flatMap(({ volumeId }) => volumeId ?? [])),
  ]);
  const record = (member: string, type: string, id: string, message: string): Promise<void> => {
    const event = { time: deps.clock.now().toISOString(), type, message, member, operation };
    return recordEvent(deps, cluster.name, event, `${operation}#${type}#${id}`);
  };
  for (const member of members) {
    const volume = volumes.find(({ id }) => id === member.volumeId);
    const found = interfaces.find(({ id }) => id === member.interfaceId);
    const restored = [
      { id: volume?.id, tags: volume && volumeTags(cluster, member, volume) },
      { id: found?.id, tags: found && interfaceTags(cluster, member, found) },
    ];
    for (const { id, tags } of restored) {
      if (id === undefined || tags === undefined) continue;
      await deps.aws.putTags(id, tags);
      const message = `Tags of ${id} of master ${member.member} were removed; they are restored.`;
      await record(member.member, "tags-restored", id, message);
    }
    if (found && lacksAddress(cluster, member, found)) {
      const { type, message } = await restoreAddress(deps, cluster, member, found.id);
      await record(member.member, type, found.id, message);
    }
    const groups = masterGroupsOf(cluster);
    if (!found || !groups || !hasOtherGroups(cluster, found)) continue;
    await deps.aws.putInterfaceGroups(found.id, groups);
    const message =
      `Security groups of ${found.id} of master ${member.member} had been changed to ${found.groups.join(", ")}; ` +
      `they are ${groups.join(", ")} again.`;
    await record(member.member, "interface-groups-restored", found.id, message);
  }
  return new Map(volumes.map(({ id, state, instanceId }) => [id, { state, attachedTo: instanceId }]));
}

/**
 * What to record of it. An address of the cluster's that somebody uses elsewhere stays there, and keeps no other from
 * repair.
 */
async function restoreAddress(
  deps: Collaborators,
  cluster: ClusterRecord,
  { member, addressId: former }: MemberRecord,
  interfaceId: string,
): Promise<{ type: string; message: string }> {
  try {
    const addressId = await deps.aws.ensureMemberAddress(ownerOf(cluster), { member, interfaceId });
    if (addressId !== former) await deps.store.updateMember(cluster.name, member, { addressId });
    const message = `The Elastic IP of ${interfaceId} of master ${member} was removed; it has ${addressId} now.`;
    return { type: "address-restored", message };
  } catch (error) {
    if (!(error instanceof OwnershipConflict)) throw error;
    return { type: "address-held", message: `Master ${member} has no Elastic IP: ${error.message}` };
  }
}
