import type { EC2Client } from "@aws-sdk/client-ec2";
import {
  DescribeAvailabilityZonesCommand,
  DescribeImagesCommand,
  DescribeInstanceTypeOfferingsCommand,
  DescribeInstanceTypesCommand,
  DescribeSecurityGroupsCommand,
  GetEbsDefaultKmsKeyIdCommand,
  type Tag,
} from "@aws-sdk/client-ec2";
import { TAG } from "../../domain/cluster/naming.ts";
import type { AccountImage } from "../../domain/plan/account.ts";
import { call, present } from "../common/aws-errors.ts";

/** Names of the Region's availability zones. */
export async function listZones(ec2: EC2Client): Promise<string[]> {
  const { AvailabilityZones = [] } = await call(
    ec2.send(new DescribeAvailabilityZonesCommand({ Filters: [{ Name: "zone-type", Values: ["availability-zone"] }] })),
  );
  return AvailabilityZones.map(({ ZoneName = "" }) => ZoneName);
}

/** Zones that offer each of the instance types. */
export async function listOfferings(
  ec2: EC2Client,
  instanceTypes: readonly string[],
): Promise<Map<string, Set<string>>> {
  const { InstanceTypeOfferings = [] } = await call(
    ec2.send(
      new DescribeInstanceTypeOfferingsCommand({
        LocationType: "availability-zone",
        Filters: [{ Name: "instance-type", Values: [...new Set(instanceTypes)] }],
      }),
    ),
  );
  const zones = new Map<string, Set<string>>();
  for (const { InstanceType = "", Location = "" } of InstanceTypeOfferings) {
    zones.set(InstanceType, (zones.get(InstanceType) ?? new Set()).add(Location));
  }
  return zones;
}

export interface MachineFacts {
  /** `x86_64`, `arm64`… */
  readonly architectures: readonly string[];
  readonly vcpus: number;
}

/** What the instance types are. One that the Region does not know is left out. */
export async function listMachines(
  ec2: EC2Client,
  instanceTypes: readonly string[],
): Promise<Map<string, MachineFacts>> {
  const { InstanceTypes = [] } = await call(
    ec2.send(
      new DescribeInstanceTypesCommand({ Filters: [{ Name: "instance-type", Values: [...new Set(instanceTypes)] }] }),
    ),
  );
  return new Map(
    InstanceTypes.map(({ InstanceType, ProcessorInfo, VCpuInfo }) => [
      InstanceType ?? "",
      { architectures: [...(ProcessorInfo?.SupportedArchitectures ?? [])], vcpus: VCpuInfo?.DefaultVCpus ?? 0 },
    ]),
  );
}

export interface GroupFacts {
  /** Null for a group that is none of ours. */
  readonly cluster: string | null;
  /** It came with its VPC. */
  readonly isDefault: boolean;
  readonly tagKeys: readonly string[];
}

/**
 * Which of these security groups exist, and of which cluster of ours each is. Asked by filter: one missing id would
 * make a call by ids fail as a whole.
 */
export async function findSecurityGroups(
  ec2: EC2Client,
  groupIds: readonly string[],
): Promise<Map<string, GroupFacts>> {
  if (groupIds.length === 0) return new Map();
  const { SecurityGroups = [] } = await call(
    ec2.send(new DescribeSecurityGroupsCommand({ Filters: [{ Name: "group-id", Values: [...new Set(groupIds)] }] })),
  );
  return new Map(
    SecurityGroups.map(({ GroupId = "", GroupName, Tags }) => [
      GroupId,
      {
        cluster: clusterOf(Tags),
        isDefault: GroupName === "default",
        tagKeys: (Tags ?? []).map(({ Key = "" }) => Key),
      },
    ]),
  );
}

/** By the tags that all that we make has. */
function clusterOf(tags: readonly Tag[] = []): string | null {
  const of = (key: string) => tags.find(({ Key }) => Key === key)?.Value;
  return of(TAG.cluster) ?? of(TAG.uid) ?? null;
}

/** The key that volumes are encrypted with where none is named: an ARN, or AWS's own alias. */
export async function ebsDefaultKey(ec2: EC2Client): Promise<string> {
  return present((await call(ec2.send(new GetEbsDefaultKmsKeyIdCommand({})))).KmsKeyId, "a default key");
}

export interface ImageFacts extends AccountImage {
  readonly name: string;
}

/** Newest first, as kops picks (docs/references/kops.md#images). */
export async function findImages(
  ec2: EC2Client,
  by: { id: string } | { name: string; owner: string },
): Promise<ImageFacts[]> {
  const query =
    "id" in by
      ? { Filters: [{ Name: "image-id", Values: [by.id] }] }
      : { Owners: [by.owner], Filters: [{ Name: "name", Values: [by.name] }] };
  const { Images = [] } = await call(ec2.send(new DescribeImagesCommand(query)));
  return Images.toSorted((a, b) => (b.CreationDate ?? "").localeCompare(a.CreationDate ?? "")).map((image) => ({
    imageId: image.ImageId ?? "",
    name: image.Name ?? "",
    architecture: image.Architecture ?? "",
    state: image.State ?? "",
    rootDeviceType: image.RootDeviceType ?? "",
    rootDevice: image.RootDeviceName ?? "",
    rootGiB: image.BlockDeviceMappings?.find((each) => each.DeviceName === image.RootDeviceName)?.Ebs?.VolumeSize ?? 0,
  }));
}
