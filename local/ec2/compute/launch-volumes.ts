import type { BlockDeviceMapping } from "@aws-sdk/client-ec2";
import { AwsError } from "../../wire/contract.ts";
import type { Engine } from "../engine/engine.ts";
import { required } from "../engine/errors.ts";
import type { Image, Instance } from "../engine/state-compute.ts";
import type { Tags } from "../engine/tags.ts";
import { bindVolume } from "../storage/attachments.ts";
import { addVolume, type VolumeRequest } from "../storage/volumes.ts";

export interface PlannedVolume {
  readonly device: string;
  readonly isRoot: boolean;
  readonly deleteOnTermination: boolean;
  readonly request: Omit<VolumeRequest, "tags">;
}

/** The root volume and the mapped ones. @throws AwsError `InvalidBlockDeviceMapping` */
export function plannedVolumes(image: Image, zone: string, mappings: readonly BlockDeviceMapping[]): PlannedVolume[] {
  const wanted = mappings.filter((mapping) => mapping.NoDevice === undefined && mapping.Ebs !== undefined);
  const root = wanted.find((mapping) => mapping.DeviceName === image.rootDeviceName);
  const rootSize = root?.Ebs?.VolumeSize ?? image.rootSizeGiB;
  if (rootSize < image.rootSizeGiB) {
    throw new AwsError(
      "InvalidBlockDeviceMapping",
      `Volume of size ${rootSize}GB is smaller than snapshot '${image.rootSnapshotId ?? image.id}', expect size >= ${image.rootSizeGiB}GB`,
    );
  }
  const others = wanted.filter((mapping) => mapping !== root);
  return [
    planned(
      { ...root, DeviceName: image.rootDeviceName, Ebs: { VolumeType: "gp3", ...root?.Ebs, VolumeSize: rootSize } },
      zone,
      true,
    ),
    ...others.map((mapping) => planned(mapping, zone, false)),
  ];
}

function planned(mapping: BlockDeviceMapping, zone: string, isRoot: boolean): PlannedVolume {
  return {
    device: required(mapping.DeviceName, "DeviceName"),
    isRoot,
    deleteOnTermination: mapping.Ebs?.DeleteOnTermination ?? true,
    request: {
      zone,
      size: mapping.Ebs?.VolumeSize,
      type: mapping.Ebs?.VolumeType,
      iops: mapping.Ebs?.Iops,
      throughput: mapping.Ebs?.Throughput,
      encrypted: mapping.Ebs?.Encrypted,
      kmsKeyId: mapping.Ebs?.KmsKeyId,
      ...(!isRoot && { snapshotId: mapping.Ebs?.SnapshotId }),
      inDriver: !isRoot,
    },
  };
}

/** Makes the volumes of a new instance; the root volume is there from the start, the others when it runs. */
export function bindPlanned(engine: Engine, volumes: readonly PlannedVolume[], instance: Instance, tags: Tags): void {
  for (const { device, isRoot, deleteOnTermination, request } of volumes) {
    const volume = addVolume(engine, { ...request, tags: { ...tags } });
    bindVolume(engine, volume, instance, { device, state: isRoot ? "attached" : "attaching", deleteOnTermination });
  }
}
