import type { LaunchTemplateSpecification, RunInstancesCommandInput } from "@aws-sdk/client-ec2";
import { type LaunchParameters, launchParameters } from "../../ec2/compute/launch-parameters.ts";
import { templateOf } from "../../ec2/compute/launch-templates.ts";
import type { Tags } from "../../ec2/engine/tags.ts";
import type { CloudState } from "./cloud-state.ts";
import { type ConditionKeys, type Demand, demand, given } from "./demand.ts";
import { Ec2Resources } from "./ec2-resources.ts";

const ACTION = "RunInstances";

/**
 * What RunInstances is checked for: everything that is launched and everything that it is launched from, and the permission to
 * pass the profile's role to EC2 (EC2 user guide, "Resource-level permissions for RunInstances"). What a launch template
 * names counts like what the request names.
 * @throws AwsError if there is no such launch template.
 */
export function launchDemands(cloud: CloudState, input: RunInstancesCommandInput): Demand[] {
  const resources = new Ec2Resources(cloud);
  const launch = launchParameters({ store: cloud.ec2 }, input);
  const template = templateKeys(cloud, resources, input.LaunchTemplate);
  const keys = template.keys;
  return [
    ...resources.use(ACTION, [launch.imageId, ...given([template.id])], keys),
    ...resources.create(ACTION, "instance", specification("instance", launch.tags.instance), {
      ...keys,
      ...instanceKeys(cloud, launch),
    }),
    ...volumes(resources, launch, keys),
    ...network(cloud, resources, launch, keys),
    ...(launch.keyName === undefined ? [] : [demand(`ec2:${ACTION}`, resources.arn("key-pair", launch.keyName), keys)]),
    ...passRole(cloud, launch.profile),
  ];
}

function templateKeys(
  cloud: CloudState,
  resources: Ec2Resources,
  reference: LaunchTemplateSpecification | undefined,
): { id: string | undefined; keys: ConditionKeys } {
  if (!reference) return { id: undefined, keys: {} };
  const { id } = templateOf({ store: cloud.ec2 }, reference);
  return { id, keys: { "ec2:LaunchTemplate": resources.arn("launch-template", id) } };
}

function specification(type: "instance" | "volume" | "network-interface", tags: Tags) {
  return [{ ResourceType: type, Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) }];
}

function instanceKeys(cloud: CloudState, launch: LaunchParameters): ConditionKeys {
  const profileArn = profileOf(cloud, launch.profile)?.arn;
  return {
    "ec2:InstanceType": launch.instanceType,
    "ec2:RootDeviceType": "ebs",
    ...(launch.metadata.HttpTokens && { "ec2:MetadataHttpTokens": launch.metadata.HttpTokens }),
    ...(launch.metadata.HttpPutResponseHopLimit !== undefined && {
      "ec2:MetadataHttpPutResponseHopLimit": launch.metadata.HttpPutResponseHopLimit,
    }),
    ...(profileArn !== undefined && { "ec2:InstanceProfile": profileArn }),
  };
}

/** The root volume is one, whether the request describes it or not. */
function volumes(resources: Ec2Resources, launch: LaunchParameters, keys: ConditionKeys): Demand[] {
  const devices = launch.blockDevices.length === 0 ? [{}] : launch.blockDevices;
  return devices.flatMap(({ Ebs }) =>
    resources.create(ACTION, "volume", specification("volume", launch.tags.volume), {
      ...keys,
      "ec2:Encrypted": Ebs?.Encrypted ?? false,
      ...(Ebs?.VolumeType && { "ec2:VolumeType": Ebs.VolumeType }),
      ...(Ebs?.VolumeSize !== undefined && { "ec2:VolumeSize": Ebs.VolumeSize }),
    }),
  );
}

/**
 * A new interface is made in the subnet, with the groups. One that exists brings its own: whether AWS checks for those is not
 * documented ("SimulatePrincipalPolicy" counts subnet and groups to every launch in a VPC), so it is checked here.
 */
function network(cloud: CloudState, resources: Ec2Resources, launch: LaunchParameters, keys: ConditionKeys): Demand[] {
  const interfaces = launch.interfaces.length === 0 ? [{}] : launch.interfaces;
  return interfaces.flatMap(({ NetworkInterfaceId, SubnetId = launch.subnetId, Groups = launch.groupIds }) => {
    if (NetworkInterfaceId !== undefined) {
      const found = cloud.ec2.networkInterfaces.find(NetworkInterfaceId);
      return resources.use(ACTION, [NetworkInterfaceId, found?.subnetId, ...(found?.groupIds ?? [])], keys);
    }
    const tags = specification("network-interface", launch.tags.networkInterface);
    const subnet = SubnetId === undefined ? {} : { "ec2:Subnet": resources.arn("subnet", SubnetId) };
    return [
      ...resources.create(ACTION, "network-interface", tags, { ...keys, ...subnet }),
      ...resources.use(ACTION, [SubnetId, ...Groups], keys),
    ];
  });
}

function profileOf(cloud: CloudState, profile: string | undefined) {
  return Object.values(cloud.iam().profiles).find(({ name, arn }) => profile === name || profile === arn);
}

function passRole(cloud: CloudState, profile: string | undefined): Demand[] {
  const { roles } = cloud.iam();
  const role = roles[profileOf(cloud, profile)?.roleName ?? ""];
  return role ? [demand("iam:PassRole", role.arn, { "iam:PassedToService": "ec2.amazonaws.com" })] : [];
}
