import type * as ec2 from "@aws-sdk/client-ec2";
import { AwsError, type Handlers } from "../../wire/contract.ts";
import type { Engine } from "../engine/engine.ts";
import { invalidParameter, required } from "../engine/errors.ts";
import { type FilterAttributes, select } from "../engine/filters.ts";
import { kinds } from "../engine/kinds.ts";
import type { Image } from "../engine/state-compute.ts";
import { newResource } from "../engine/store.ts";
import { type Tags, tagList, tagsOnCreate } from "../engine/tags.ts";

/**
 * A convention of the local cloud, not of AWS: an image registered with this tag belongs to the account that the tag
 * names, so that a person can bring another account's public image.
 */
export const ownerTag = "holdfast:owner";

export interface ImageRequest {
  readonly id?: string;
  readonly name: string;
  readonly description?: string;
  readonly ownerId: string;
  readonly ownerAlias?: string;
  readonly architecture?: Image["architecture"];
  readonly rootDeviceName?: string;
  /** `ebs` if not given. */
  readonly rootDeviceType?: Image["rootDeviceType"];
  readonly rootSizeGiB?: number;
  readonly rootSnapshotId?: string;
  readonly isPublic?: boolean;
  readonly tags?: Tags;
}

const usualRootGiB = 8;

/** @throws AwsError `InvalidAMIName.Duplicate` for a name that its owner has already given. */
export function addImage(engine: Engine, request: ImageRequest): Image {
  const { context, store } = engine;
  const same = store.images.list().find((each) => each.name === request.name && each.ownerId === request.ownerId);
  if (same) {
    throw new AwsError("InvalidAMIName.Duplicate", `AMI name ${request.name} is already in use by AMI ${same.id}`);
  }
  const base = newResource(context, kinds.image.prefix, request.tags ?? {});
  return store.images.add({
    ...base,
    id: request.id ?? base.id,
    ownerId: request.ownerId,
    ...(request.ownerAlias !== undefined && { ownerAlias: request.ownerAlias }),
    name: request.name,
    description: request.description ?? "",
    architecture: request.architecture ?? "x86_64",
    isPublic: request.isPublic ?? false,
    rootDeviceName: request.rootDeviceName ?? "/dev/xvda",
    rootDeviceType: request.rootDeviceType ?? "ebs",
    rootSizeGiB: request.rootSizeGiB ?? usualRootGiB,
    ...(request.rootSnapshotId !== undefined && { rootSnapshotId: request.rootSnapshotId }),
  });
}

function architectureOf(name: string | undefined): Image["architecture"] {
  if (name === undefined || name === "x86_64") return "x86_64";
  if (name === "arm64") return name;
  throw invalidParameter(name, "Architecture");
}

function register(engine: Engine, input: ec2.RegisterImageCommandInput): Image {
  const tags = tagsOnCreate(input.TagSpecifications, kinds.image);
  const rootDeviceName = input.RootDeviceName ?? "/dev/xvda";
  const root = input.BlockDeviceMappings?.find((mapping) => mapping.DeviceName === rootDeviceName)?.Ebs;
  const snapshot = root?.SnapshotId === undefined ? undefined : engine.store.snapshots.get(root.SnapshotId);
  const ownerId = tags[ownerTag] ?? engine.context.accountId;
  return addImage(engine, {
    name: required(input.Name, "Name"),
    description: input.Description ?? "",
    ownerId,
    architecture: architectureOf(input.Architecture),
    rootDeviceName,
    rootSizeGiB: root?.VolumeSize ?? snapshot?.sizeGiB ?? usualRootGiB,
    ...(snapshot && { rootSnapshotId: snapshot.id }),
    isPublic: ownerId !== engine.context.accountId,
    tags,
  });
}

export function imageHandlers(engine: Engine): Handlers<typeof ec2> {
  const { store } = engine;
  return {
    RegisterImage(input) {
      return { ImageId: register(engine, input).id };
    },

    DeregisterImage(input) {
      const image = store.images.get(required(input.ImageId, "ImageId"));
      store.images.remove(image.id);
      return { Return: true };
    },

    DescribeImages(input) {
      const owners = (input.Owners ?? []).map((owner) => (owner === "self" ? engine.context.accountId : owner));
      const ofOwners = owners.length === 0 ? [] : [{ Name: "any-owner", Values: owners }];
      const query = { ...input, Filters: [...(input.Filters ?? []), ...ofOwners] };
      const { items, ...next } = select(store.images, input.ImageIds, query, filters);
      return { Images: items.map(imageView), ...next };
    },
  };
}

const filters: FilterAttributes<Image> = {
  "any-owner": (image) => [image.ownerId, image.ownerAlias],
  "image-id": (image) => image.id,
  name: (image) => image.name,
  description: (image) => image.description,
  architecture: (image) => image.architecture,
  "owner-id": (image) => image.ownerId,
  "owner-alias": (image) => image.ownerAlias,
  "is-public": (image) => image.isPublic,
  state: () => "available",
  "image-type": () => "machine",
  "root-device-type": (image) => image.rootDeviceType,
  "root-device-name": (image) => image.rootDeviceName,
  "virtualization-type": () => "hvm",
  hypervisor: () => "xen",
};

function imageView(image: Image): ec2.Image {
  return {
    ImageId: image.id,
    Name: image.name,
    Description: image.description,
    OwnerId: image.ownerId,
    ...(image.ownerAlias !== undefined && { ImageOwnerAlias: image.ownerAlias }),
    ImageLocation: `${image.ownerAlias ?? image.ownerId}/${image.name}`,
    Architecture: image.architecture,
    Public: image.isPublic,
    State: "available",
    ImageType: "machine",
    Hypervisor: "xen",
    VirtualizationType: "hvm",
    EnaSupport: true,
    PlatformDetails: "Linux/UNIX",
    RootDeviceType: image.rootDeviceType,
    RootDeviceName: image.rootDeviceName,
    CreationDate: new Date(image.createdAt).toISOString(),
    BlockDeviceMappings: [
      {
        DeviceName: image.rootDeviceName,
        Ebs: {
          VolumeSize: image.rootSizeGiB,
          VolumeType: "gp3",
          DeleteOnTermination: true,
          ...(image.rootSnapshotId !== undefined && { SnapshotId: image.rootSnapshotId }),
        },
      },
    ],
    Tags: tagList(image.tags),
  };
}
