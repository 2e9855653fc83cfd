import type * as ec2 from "@aws-sdk/client-ec2";
import { AwsError, type Handlers } from "../../wire/contract.ts";
import type { Engine } from "../engine/engine.ts";
import { required } from "../engine/errors.ts";
import { type FilterAttributes, select } from "../engine/filters.ts";
import { kinds } from "../engine/kinds.ts";
import type { Volume } from "../engine/state-compute.ts";
import { tagList, tagsOnCreate } from "../engine/tags.ts";
import { zoneNamed, zonesOf } from "../network/zones.ts";
import { attachVolume, detachVolume } from "./attachments.ts";
import { addVolume, eraseVolume, fillVolume, volumeRequest } from "./volumes.ts";

function create(engine: Engine, input: ec2.CreateVolumeCommandInput): Volume {
  const byId = zonesOf(engine.context.region).find((zone) => zone.id === input.AvailabilityZoneId)?.name;
  const zone = zoneNamed(engine, required(input.AvailabilityZone ?? byId, "AvailabilityZone")).name;
  const volume = addVolume(engine, volumeRequest(input, zone, tagsOnCreate(input.TagSpecifications, kinds.volume)));
  fillVolume(engine, volume);
  return volume;
}

function remove(engine: Engine, volume: Volume): void {
  if (volume.attachment) {
    throw new AwsError("VolumeInUse", `Volume ${volume.id} is currently attached to ${volume.attachment.instanceId}`);
  }
  if (volume.state !== "available" && volume.state !== "error") {
    throw new AwsError("IncorrectState", `The volume '${volume.id}' is in the '${volume.state}' state.`);
  }
  eraseVolume(engine, volume);
}

export function volumeHandlers(engine: Engine): Handlers<typeof ec2> {
  const { store } = engine;
  return {
    CreateVolume(input) {
      const exists = (id: string) => store.volumes.find(id) !== undefined;
      const [id = ""] = engine.tokens.once("CreateVolume", input, exists, () => [create(engine, input).id]);
      return volumeView(store.volumes.get(id));
    },

    DescribeVolumes(input) {
      const { items, ...next } = select(store.volumes, input.VolumeIds, input, filters);
      return { Volumes: items.map(volumeView), ...next };
    },

    DeleteVolume(input) {
      remove(engine, store.volumes.get(required(input.VolumeId, "VolumeId")));
      return {};
    },

    AttachVolume(input) {
      const volume = store.volumes.get(required(input.VolumeId, "VolumeId"));
      const instance = store.instances.get(required(input.InstanceId, "InstanceId"));
      attachVolume(engine, volume, instance, required(input.Device, "Device"));
      return attachmentView(volume)[0] ?? {};
    },

    DetachVolume(input) {
      const volume = store.volumes.get(required(input.VolumeId, "VolumeId"));
      if (input.InstanceId !== undefined) store.instances.get(input.InstanceId);
      detachVolume(engine, volume, {
        instanceId: input.InstanceId,
        device: input.Device,
        force: input.Force ?? false,
      });
      return attachmentView(volume)[0] ?? {};
    },
  };
}

const filters: FilterAttributes<Volume> = {
  "volume-id": (volume) => volume.id,
  status: (volume) => volume.state,
  "availability-zone": (volume) => volume.zone,
  size: (volume) => volume.sizeGiB,
  "volume-type": (volume) => volume.type,
  encrypted: (volume) => volume.encrypted,
  "snapshot-id": (volume) => volume.snapshotId,
  "create-time": (volume) => new Date(volume.createdAt).toISOString(),
  "attachment.instance-id": (volume) => volume.attachment?.instanceId,
  "attachment.device": (volume) => volume.attachment?.device,
  "attachment.status": (volume) => volume.attachment?.state,
  "attachment.delete-on-termination": (volume) => volume.attachment?.deleteOnTermination,
};

function attachmentView(volume: Volume): ec2.VolumeAttachment[] {
  const { attachment } = volume;
  if (!attachment) return [];
  return [
    {
      VolumeId: volume.id,
      InstanceId: attachment.instanceId,
      Device: attachment.device,
      State: attachment.state,
      AttachTime: new Date(attachment.attachedAt),
      DeleteOnTermination: attachment.deleteOnTermination,
    },
  ];
}

function volumeView(volume: Volume): ec2.Volume {
  return {
    VolumeId: volume.id,
    AvailabilityZone: volume.zone,
    Size: volume.sizeGiB,
    VolumeType: volume.type,
    ...(volume.iops !== undefined && { Iops: volume.iops }),
    ...(volume.throughput !== undefined && { Throughput: volume.throughput }),
    Encrypted: volume.encrypted,
    ...(volume.kmsKeyId !== undefined && { KmsKeyId: volume.kmsKeyId }),
    SnapshotId: volume.snapshotId ?? "",
    State: volume.state,
    CreateTime: new Date(volume.createdAt),
    MultiAttachEnabled: false,
    Attachments: attachmentView(volume),
    Tags: tagList(volume.tags),
  };
}
