import type * as ec2 from "@aws-sdk/client-ec2";
import type { Engine } from "../engine/engine.ts";
import { notEmulated } from "../engine/errors.ts";
import { mergeTags, type Tags, tagsFor } from "../engine/tags.ts";
import { templateOf, versionOf } from "./launch-templates.ts";

/** What a launch is made of, after the launch template and the request became one; the request wins. */
export interface LaunchParameters {
  readonly imageId: string | undefined;
  readonly instanceType: string;
  readonly keyName: string | undefined;
  readonly userData: string;
  readonly zone: string | undefined;
  readonly subnetId: string | undefined;
  readonly privateIpAddress: string | undefined;
  readonly groupIds: readonly string[];
  readonly groupNames: readonly string[];
  readonly interfaces: readonly ec2.LaunchTemplateInstanceNetworkInterfaceSpecificationRequest[];
  readonly profile: string | undefined;
  readonly blockDevices: readonly ec2.BlockDeviceMapping[];
  readonly metadata: ec2.InstanceMetadataOptionsRequest;
  readonly ebsOptimized: boolean;
  readonly monitoring: boolean;
  readonly apiTerminationDisabled: boolean;
  readonly shutdownBehavior: "stop" | "terminate";
  readonly tags: { readonly instance: Tags; readonly volume: Tags; readonly networkInterface: Tags };
}

/** What EC2 launches when nobody names a type. */
const usualType = "m1.small";

/** @throws AwsError as {@link templateOf} and {@link versionOf} do, and for options that are not emulated */
export function launchParameters(engine: Pick<Engine, "store">, input: ec2.RunInstancesCommandInput): LaunchParameters {
  const template = templateData(engine, input.LaunchTemplate);
  refuseUnknown(input, template);
  const profile = input.IamInstanceProfile ?? template.IamInstanceProfile;
  return {
    imageId: input.ImageId ?? template.ImageId,
    instanceType: input.InstanceType ?? template.InstanceType ?? usualType,
    keyName: input.KeyName ?? template.KeyName,
    userData: input.UserData ?? template.UserData ?? "",
    zone: input.Placement?.AvailabilityZone ?? template.Placement?.AvailabilityZone,
    subnetId: input.SubnetId,
    privateIpAddress: input.PrivateIpAddress,
    groupIds: input.SecurityGroupIds ?? template.SecurityGroupIds ?? [],
    groupNames: input.SecurityGroups ?? template.SecurityGroups ?? [],
    interfaces: input.NetworkInterfaces ?? template.NetworkInterfaces ?? [],
    profile: profile?.Arn ?? profile?.Name,
    blockDevices: input.BlockDeviceMappings ?? template.BlockDeviceMappings ?? [],
    metadata: { ...template.MetadataOptions, ...input.MetadataOptions },
    ebsOptimized: input.EbsOptimized ?? template.EbsOptimized ?? false,
    monitoring: input.Monitoring?.Enabled ?? template.Monitoring?.Enabled ?? false,
    apiTerminationDisabled: input.DisableApiTermination ?? template.DisableApiTermination ?? false,
    shutdownBehavior: input.InstanceInitiatedShutdownBehavior ?? template.InstanceInitiatedShutdownBehavior ?? "stop",
    tags: launchTags(input, template),
  };
}

function templateData(
  engine: Pick<Engine, "store">,
  reference: ec2.LaunchTemplateSpecification | undefined,
): ec2.RequestLaunchTemplateData {
  if (!reference) return {};
  return versionOf(templateOf(engine, reference), reference.Version ?? "$Default").data;
}

function launchTags(
  input: ec2.RunInstancesCommandInput,
  template: ec2.RequestLaunchTemplateData,
): LaunchParameters["tags"] {
  const of = (type: ec2.ResourceType): Tags => {
    const asked = Object.entries(tagsFor(input.TagSpecifications, type)).map(([Key, Value]) => ({ Key, Value }));
    return mergeTags(tagsFor(template.TagSpecifications, type), asked);
  };
  return { instance: of("instance"), volume: of("volume"), networkInterface: of("network-interface") };
}

/** Options that change what is launched must not be swallowed. */
function refuseUnknown(input: ec2.RunInstancesCommandInput, template: ec2.RequestLaunchTemplateData): void {
  if (template.InstanceRequirements) throw notEmulated("attribute-based instance selection");
  if (input.InstanceMarketOptions ?? template.InstanceMarketOptions) throw notEmulated("Spot Instances");
  if (input.HibernationOptions?.Configured ?? template.HibernationOptions?.Configured) throw notEmulated("hibernation");
  if (input.Ipv6AddressCount || input.Ipv6Addresses?.length) throw notEmulated("IPv6");
}
