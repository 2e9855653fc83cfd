import { isDeepStrictEqual } from "node:util";
import {
  AttachVolumeCommand,
  CreateNetworkInterfaceCommand,
  CreateTagsCommand,
  CreateVolumeCommand,
  DescribeNetworkInterfacesCommand,
  DescribeVolumesCommand,
  DetachVolumeCommand,
  ModifyNetworkInterfaceAttributeCommand,
  type NetworkInterface,
  paginateDescribeNetworkInterfaces,
  paginateDescribeVolumes,
  type Volume,
  type VolumeAttachment,
} from "@aws-sdk/client-ec2";
import { InstanceGone, NotReadyYet, OwnershipConflict } from "../../domain/errors.ts";
import { clientToken, type Owner, TAG } from "../../domain/naming.ts";
import { type Claimant, interfaceName, Owned, volumeName } from "../../domain/ownership.ts";
import { call, ignoring, present } from "../aws-errors.ts";
import { byResource, ec2, fromTags, lookUp, ownedBy, tagged } from "./client.ts";
import { findInstances } from "./compute.ts";

export interface VolumeRequest {
  readonly member: string;
  readonly generation: number;
  readonly zone: string;
  readonly sizeGiB: number;
}

/** The member's volume of this generation: gp3 and encrypted, as kops makes them; outlives every instance. */
export const ensureVolume = async (owner: Owner, want: VolumeRequest): Promise<string> => {
  const { Volumes = [] } = await lookUp(owner, () =>
    ec2.send(
      new DescribeVolumesCommand({
        Filters: [...ownedBy(owner), { Name: `tag:${TAG.member}`, Values: [want.member] }],
      }),
    ),
  );
  const resource = volumeName(want.member, want.generation);
  const found = byResource(Volumes, ({ VolumeId }) => VolumeId ?? "").get(resource);
  if (found) return present(found.VolumeId, "a volume id");
  const { VolumeId } = await call(
    ec2.send(
      new CreateVolumeCommand({
        AvailabilityZone: want.zone,
        Size: want.sizeGiB,
        VolumeType: "gp3",
        Encrypted: true,
        ClientToken: clientToken(owner, resource, want.generation),
        TagSpecifications: tagged("volume", owner, resource, { [TAG.member]: want.member }),
      }),
    ),
  );
  return present(VolumeId, "a volume id");
};

export interface InterfaceRequest {
  readonly member: string;
  /** The generation in which the member came to its zone: 1, unless it has moved. */
  readonly home: number;
  readonly subnetId: string;
  /** Undefined: one that is free there, for EC2 to say. */
  readonly address: string | undefined;
  readonly securityGroupIds: readonly string[];
}

export interface MemberInterface {
  readonly interfaceId: string;
  readonly address: string;
}

/** The member's network interface, which carries its fixed address (aws-facts §3.4, way A). */
export const ensureInterface = async (owner: Owner, want: InterfaceRequest): Promise<MemberInterface> => {
  const { NetworkInterfaces = [] } = await lookUp(owner, () =>
    ec2.send(
      new DescribeNetworkInterfacesCommand({
        Filters: [...ownedBy(owner), { Name: `tag:${TAG.member}`, Values: [want.member] }],
      }),
    ),
  );
  const resource = interfaceName(want.member, want.home);
  const found = NetworkInterfaces.map((item) => ({ ...item, Tags: item.TagSet }));
  const existing = byResource(found, (item) => item.NetworkInterfaceId ?? "").get(resource);
  if (existing) {
    await setGroups(existing, want.securityGroupIds);
    return toMemberInterface(existing);
  }
  const { NetworkInterface } = await call(
    ec2.send(
      new CreateNetworkInterfaceCommand({
        SubnetId: want.subnetId,
        PrivateIpAddress: want.address,
        Groups: [...want.securityGroupIds],
        Description: `master ${want.member} of ${owner.cluster}`,
        ClientToken: clientToken(owner, resource, want.home),
        TagSpecifications: tagged("network-interface", owner, resource, {
          [TAG.member]: want.member,
          // The AWS VPC CNI takes over interfaces that it does not know (aws-facts §3.4).
          "node.k8s.amazonaws.com/no_manage": "true",
        }),
      }),
    ),
  );
  return toMemberInterface(present(NetworkInterface, "an interface"));
};

const toMemberInterface = ({ NetworkInterfaceId, PrivateIpAddress }: NetworkInterface): MemberInterface => ({
  interfaceId: present(NetworkInterfaceId, "an interface id"),
  address: present(PrivateIpAddress, "an address"),
});

/** The groups of the interfaces of all nodes; those of instances to come are in the launch template. */
export const setNodeGroups = async (owner: Owner, securityGroupIds: readonly string[]): Promise<void> => {
  const pages = paginateDescribeNetworkInterfaces(
    { client: ec2, pageSize: 500 },
    { Filters: [...ownedBy(owner), { Name: `tag:${TAG.resource}`, Values: ["interface-of/node"] }] },
  );
  for await (const { NetworkInterfaces = [] } of pages) {
    for (const each of NetworkInterfaces) await setGroups(each, securityGroupIds);
  }
};

/** Groups take effect at once, on an interface in use as well. */
const setGroups = async (existing: NetworkInterface, want: readonly string[]): Promise<void> => {
  const NetworkInterfaceId = present(existing.NetworkInterfaceId, "an interface id");
  const have = (existing.Groups ?? []).map(({ GroupId = "" }) => GroupId);
  if (isDeepStrictEqual(have.toSorted(), [...want].sort())) return;
  await call(ec2.send(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId, Groups: [...want] })));
};

/** States of these volumes by id; a volume that is no more is not in the map. */
export const volumeStates = async (volumeIds: readonly string[]): Promise<Map<string, string>> => {
  if (volumeIds.length === 0) return new Map();
  const { Volumes = [] } = await call(
    ec2.send(new DescribeVolumesCommand({ Filters: [{ Name: "volume-id", Values: [...volumeIds] }] })),
  );
  return new Map(Volumes.map(({ VolumeId = "", State = "" }) => [VolumeId, State]));
};

/** A damaged volume is kept for a person to look at, and says of itself what it is. */
export const tagDamaged = async (VolumeId: string): Promise<void> => {
  await call(ec2.send(new CreateTagsCommand({ Resources: [VolumeId], Tags: [{ Key: TAG.damaged, Value: "true" }] })));
};

/** Ids of the volumes of all members of all clusters, as far as they are usable and say whose they are. */
export const listMemberVolumes = async (): Promise<Set<string>> => {
  const ids = new Set<string>();
  const pages = paginateDescribeVolumes(
    { client: ec2, pageSize: 500 },
    {
      Filters: [
        { Name: "tag-key", Values: [TAG.member] },
        { Name: "status", Values: ["creating", "available", "in-use"] },
      ],
    },
  );
  for await (const { Volumes = [] } of pages)
    for (const { VolumeId, Tags } of Volumes) if (VolumeId && fromTags(Tags)[TAG.uid]) ids.add(VolumeId);
  return ids;
};

/** A Nitro instance ignores the name; on others it is the first one that no image uses. */
const DEVICE = "/dev/xvdf";

/**
 * Attaches without having looked, for a volume that should be free and an instance that should run; false if AWS says that
 * one of them is not. Never takes a volume from another instance: EC2 refuses that.
 */
export const tryAttach = async (VolumeId: string, InstanceId: string): Promise<boolean> => {
  try {
    await call(ec2.send(new AttachVolumeCommand({ VolumeId, InstanceId, Device: DEVICE })));
    return true;
  } catch (error) {
    if (error instanceof NotReadyYet || error instanceof InstanceGone) return false;
    throw error;
  }
};

/**
 * An attachment takes seconds; the load targets allow twenty (faults §5.1). One that takes three times that hangs, and
 * goes away with its instance (AWS's own advice for a volume that is stuck attaching).
 */
const ATTACHING_MS = 60_000;

/**
 * One look, and one attach if the volume is free. `attached` when the instance has it, `stuck` when the attachment has
 * been on its way for too long; NotReadyYet while it is on its way or another instance still holds the volume. Never takes
 * a volume from an instance that may live: one that
 * is being terminated lets go by itself.
 */
export const attachOnce = async (
  claimant: Claimant,
  volumeId: string,
  instanceId: string,
): Promise<"attached" | "stuck"> => {
  const { Volumes = [] } = await call(ec2.send(new DescribeVolumesCommand({ VolumeIds: [volumeId] })));
  const volume: Volume | undefined = Volumes[0];
  const attachment = volume?.Attachments?.[0];
  if (attachment?.InstanceId === instanceId) {
    if (attachment.State === "attached") return "attached";
    const since = attachment.AttachTime?.getTime() ?? Date.now();
    if (attachment.State === "attaching" && Date.now() - since > ATTACHING_MS) return "stuck";
    throw new NotReadyYet(`volume ${volumeId} is ${attachment.State} to ${instanceId}`);
  }
  if (volume && attachment) {
    await releaseFromDead(attachment, () =>
      Owned.require(claimant, { kind: "volume", id: volumeId, tags: fromTags(volume.Tags) }),
    );
  }
  if (attachment) throw new NotReadyYet(`volume ${volumeId} is still ${attachment.State} to ${attachment.InstanceId}`);
  if (volume?.State === "error" || volume?.State === "deleting" || volume?.State === "deleted") {
    throw new OwnershipConflict(`volume ${volumeId} is in state ${volume.State}`);
  }
  await call(ec2.send(new AttachVolumeCommand({ VolumeId: volumeId, InstanceId: instanceId, Device: DEVICE })));
  throw new NotReadyYet(`volume ${volumeId} is attaching to ${instanceId}`);
};

/**
 * A volume that stays attached to an instance of which EC2 says that it is terminated is detached; by force only when
 * that has been asked for and hangs. While its holder lives, or may live, or is not found (which may be a read that lags),
 * it is not touched.
 */
const releaseFromDead = async (
  { InstanceId, State }: VolumeAttachment,
  permit: () => Owned<"volume">,
): Promise<void> => {
  if (InstanceId === undefined) return;
  const [holder] = await findInstances([InstanceId]);
  if (holder?.state !== "terminated") return;
  const Force = State === "detaching" || State === "busy";
  await ignoring(
    ["IncorrectState", "InvalidAttachment.NotFound"],
    ec2.send(new DetachVolumeCommand({ VolumeId: permit().id, InstanceId, Force })),
  );
};
