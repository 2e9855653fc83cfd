import type { EC2Client } from "@aws-sdk/client-ec2";
import {
  AttachVolumeCommand,
  CreateTagsCommand,
  CreateVolumeCommand,
  DescribeVolumesCommand,
  DetachVolumeCommand,
  paginateDescribeVolumes,
  type Volume,
  type VolumeAttachment,
} from "@aws-sdk/client-ec2";
import { InstanceGone, NotReadyYet, OwnershipConflict } from "../../domain/cluster/errors.ts";
import { clientToken, type Owner, TAG } from "../../domain/cluster/naming.ts";
import { requireOwn, volumeDifferences } from "../../domain/ownership/adoption.ts";
import { volumeName } from "../../domain/ownership/known-resources.ts";
import { Owned, type OwningCluster } from "../../domain/ownership/ownership.ts";
import type { VolumeState } from "../../domain/repair/member-assessment.ts";
import { call, ignoring, present } from "../common/aws-errors.ts";
import { byResource, fromTags, lookUp, ownedBy, tagDifferencesOf, tagged } from "./client.ts";
import { findInstances } from "./compute.ts";

export interface VolumeRequest {
  readonly member: string;
  readonly generation: number;
  readonly zone: string;
  readonly sizeGiB: number;
}

/**
 * Creates or adopts the member's volume of this generation: gp3, encrypted. An existing one is adopted only if it has
 * the expected settings and is unattached, since a record names each volume before it is attached.
 */
export async function ensureVolume(ec2: EC2Client, owner: Owner, request: VolumeRequest): Promise<string> {
  const { Volumes = [] } = await lookUp(owner, () =>
    ec2.send(
      new DescribeVolumesCommand({
        Filters: [...ownedBy(owner), { Name: `tag:${TAG.member}`, Values: [request.member] }],
      }),
    ),
  );
  const usable = Volumes.filter(({ State }) => State !== "deleting" && State !== "deleted");
  const found = byResource(usable, ({ VolumeId }) => VolumeId ?? "").get(
    volumeName(request.member, request.generation),
  );
  return found ? ownVolume(owner, request, found) : createVolume(ec2, owner, request);
}

/**
 * The volume of a member's later generation, which is decided on record: the one that is `known`, if it is still there,
 * or the one that the client token stands for. Tags are not asked: whatever else bears them is not the member's.
 */
export async function nextVolume(
  ec2: EC2Client,
  owner: Owner,
  request: VolumeRequest,
  known: string | undefined,
): Promise<string> {
  const state = known === undefined ? undefined : (await volumeStates(ec2, [known])).get(known)?.state;
  const isThere = state === "creating" || state === "available" || state === "in-use";
  return known !== undefined && isThere ? known : createVolume(ec2, owner, request);
}

async function createVolume(ec2: EC2Client, owner: Owner, request: VolumeRequest): Promise<string> {
  const resource = volumeName(request.member, request.generation);
  const volume = await call(
    ec2.send(
      new CreateVolumeCommand({
        AvailabilityZone: request.zone,
        Size: request.sizeGiB,
        VolumeType: "gp3",
        Encrypted: true,
        ClientToken: clientToken(owner, resource, request.generation),
        TagSpecifications: tagged("volume", owner, resource, { [TAG.member]: request.member }),
      }),
    ),
  );
  return present(volume.VolumeId, "a volume id");
}

/** Its id, if it may be adopted. */
function ownVolume(owner: Owner, request: VolumeRequest, volume: Volume): string {
  const resource = volumeName(request.member, request.generation);
  const found = {
    encrypted: volume.Encrypted ?? false,
    type: volume.VolumeType ?? "",
    zone: volume.AvailabilityZone ?? "",
    sizeGiB: volume.Size ?? 0,
    state: volume.State ?? "",
    attachedTo: volume.Attachments?.[0]?.InstanceId,
  };
  requireOwn(`volume ${volume.VolumeId}`, owner, [
    ...tagDifferencesOf(owner, resource, volume, { [TAG.member]: request.member }),
    ...volumeDifferences(request, found),
  ]);
  return present(volume.VolumeId, "a volume id");
}

/** The instance that has the volume or is being given it; null for none. */
export function attachedTo({ Attachments: [attachment] = [] }: Volume): string | null {
  return attachment?.State === "detached" ? null : (attachment?.InstanceId ?? null);
}

/** What EC2 says of these volumes, by id; a volume that is no more is not in the map. */
export async function volumeStates(ec2: EC2Client, volumeIds: readonly string[]): Promise<Map<string, VolumeState>> {
  if (volumeIds.length === 0) return new Map();
  const { Volumes = [] } = await call(
    ec2.send(new DescribeVolumesCommand({ Filters: [{ Name: "volume-id", Values: [...volumeIds] }] })),
  );
  return new Map(
    Volumes.map((volume) => [volume.VolumeId ?? "", { state: volume.State ?? "", attachedTo: attachedTo(volume) }]),
  );
}

/** The volume is attached to the instance; not one that is only being attached. */
export async function hasVolume(ec2: EC2Client, instanceId: string, volumeId: string): Promise<boolean> {
  const { Volumes = [] } = await call(
    ec2.send(new DescribeVolumesCommand({ Filters: [{ Name: "volume-id", Values: [volumeId] }] })),
  );
  const attachments = Volumes.flatMap(({ Attachments = [] }) => Attachments);
  return attachments.some(({ InstanceId, State }) => InstanceId === instanceId && State === "attached");
}

/** A damaged volume is kept for a person to look at, and says of itself what it is. */
export async function tagDamaged(ec2: EC2Client, VolumeId: string): Promise<void> {
  await call(ec2.send(new CreateTagsCommand({ Resources: [VolumeId], Tags: [{ Key: TAG.damaged, Value: "true" }] })));
}

/**
 * The volumes of all members of all clusters, as far as they are usable and say whose they are, each with the instance
 * that it is attached to, or null.
 */
export async function listMemberVolumes(ec2: EC2Client): Promise<Map<string, string | null>> {
  const found = new Map<string, string | null>();
  const pages = paginateDescribeVolumes(
    { client: ec2, pageSize: 500 },
    {
      Filters: [
        { Name: "tag-key", Values: [TAG.member] },
        { Name: "status", Values: ["creating", "available", "in-use"] },
      ],
    },
  );
  for await (const { Volumes = [] } of pages) {
    for (const volume of Volumes) {
      if (volume.VolumeId && fromTags(volume.Tags)[TAG.uid]) found.set(volume.VolumeId, attachedTo(volume));
    }
  }
  return found;
}

/** A Nitro instance ignores the name; on Xen masters look for it (hosts/boot/master.sh). No image uses it. */
const DEVICE = "/dev/xvdf";

/**
 * Attaches without having looked, for a volume that should be free and an instance that should run; false if AWS says
 * that one of them is not. Never takes a volume from another instance: EC2 refuses that.
 */
export async function tryAttach(ec2: EC2Client, VolumeId: string, InstanceId: string): Promise<boolean> {
  try {
    await call(ec2.send(new AttachVolumeCommand({ VolumeId, InstanceId, Device: DEVICE })));
    return true;
  } catch (error) {
    if (error instanceof NotReadyYet || error instanceof InstanceGone) return false;
    throw error;
  }
}

/**
 * An attachment takes seconds; the load targets allow twenty (docs/references/faults.md#load-targets). One that takes
 * three times that hangs, and goes away with its instance (AWS's own advice for a volume that is stuck attaching).
 */
const ATTACHING_MS = 60_000;

/**
 * Attaches the volume once if it is free. Returns `attached`, or `stuck` if attaching takes too long; throws
 * NotReadyYet while it is attaching or held. Never detaches it from a foreign instance that may run; from another
 * master (`others`) it is detached without force.
 */
export async function attachOnce(
  ec2: EC2Client,
  owningCluster: OwningCluster,
  volumeId: string,
  instanceId: string,
  others: ReadonlySet<string>,
): Promise<"attached" | "stuck"> {
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
    const own = () => Owned.require(owningCluster, { kind: "volume", id: volumeId, tags: fromTags(volume.Tags) });
    await releaseFromDead(ec2, attachment, own);
    if (attachment.State === "attached" && others.has(attachment.InstanceId ?? "")) {
      await detach(ec2, own(), attachment.InstanceId, false);
    }
  }
  if (attachment) throw new NotReadyYet(`volume ${volumeId} is still ${attachment.State} to ${attachment.InstanceId}`);
  if (volume?.State === "error" || volume?.State === "deleting" || volume?.State === "deleted") {
    throw new OwnershipConflict(`volume ${volumeId} is in state ${volume.State}`);
  }
  await call(ec2.send(new AttachVolumeCommand({ VolumeId: volumeId, InstanceId: instanceId, Device: DEVICE })));
  throw new NotReadyYet(`volume ${volumeId} is attaching to ${instanceId}`);
}

/**
 * Detaches a volume from a terminated instance, by force only if a normal detach hangs. A holder that may run, or that
 * is not found (a read may lag), keeps it.
 */
async function releaseFromDead(
  ec2: EC2Client,
  { InstanceId, State }: VolumeAttachment,
  owned: () => Owned<"volume">,
): Promise<void> {
  if (InstanceId === undefined) return;
  const [holder] = await findInstances(ec2, [InstanceId]);
  if (holder?.state !== "terminated") return;
  await detach(ec2, owned(), InstanceId, State === "detaching" || State === "busy");
}

async function detach(
  ec2: EC2Client,
  { id: VolumeId }: Owned<"volume">,
  InstanceId: string | undefined,
  Force: boolean,
): Promise<void> {
  await ignoring(
    ["IncorrectState", "InvalidAttachment.NotFound"],
    ec2.send(new DetachVolumeCommand({ VolumeId, InstanceId, Force })),
  );
}
