import type * as ec2 from "@aws-sdk/client-ec2";
import type { CloudState } from "./cloud-state.ts";
import { type ConditionKeys, type Demand, type Demands, type Mapping, mappingOf, requestTags } from "./demand.ts";
import { launchDemands } from "./ec2-launch.ts";
import { Ec2Resources } from "./ec2-resources.ts";

/** "Actions, resources, and condition keys for Amazon EC2". Describe… knows no resource but `*`, with two exceptions. */
export function ec2Mapping(cloud: CloudState): Mapping {
  const resources = new Ec2Resources(cloud);
  return mappingOf<typeof ec2>(
    "ec2",
    {
      ...networkDemands(resources),
      ...interfaceDemands(resources),
      ...volumeDemands(cloud, resources),
      ...computeDemands(cloud, resources),
    },
    /^Describe/,
  );
}

function networkDemands(resources: Ec2Resources): Demands<typeof ec2> {
  const use = (action: string, ...ids: (string | undefined)[]): Demand[] => resources.use(action, ids);
  return {
    CreateVpc: (input) => resources.create("CreateVpc", "vpc", input.TagSpecifications),
    DescribeVpcAttribute: (input) => use("DescribeVpcAttribute", input.VpcId),
    ModifyVpcAttribute: (input) => use("ModifyVpcAttribute", input.VpcId),
    DisassociateVpcCidrBlock: () => use("DisassociateVpcCidrBlock"),
    AssociateVpcCidrBlock: (input) => use("AssociateVpcCidrBlock", input.VpcId),
    DeleteVpc: (input) => use("DeleteVpc", input.VpcId),
    CreateDhcpOptions: (input) => resources.create("CreateDhcpOptions", "dhcp-options", input.TagSpecifications),
    AssociateDhcpOptions: (input) => use("AssociateDhcpOptions", input.DhcpOptionsId, input.VpcId),
    DeleteDhcpOptions: (input) => use("DeleteDhcpOptions", input.DhcpOptionsId),
    CreateSubnet: (input) => [
      ...resources.create("CreateSubnet", "subnet", input.TagSpecifications),
      ...use("CreateSubnet", input.VpcId),
    ],
    ModifySubnetAttribute: (input) => use("ModifySubnetAttribute", input.SubnetId),
    DeleteSubnet: (input) => use("DeleteSubnet", input.SubnetId),
    CreateInternetGateway: (input) =>
      resources.create("CreateInternetGateway", "internet-gateway", input.TagSpecifications),
    AttachInternetGateway: (input) => use("AttachInternetGateway", input.InternetGatewayId, input.VpcId),
    DetachInternetGateway: (input) => use("DetachInternetGateway", input.InternetGatewayId, input.VpcId),
    DeleteInternetGateway: (input) => use("DeleteInternetGateway", input.InternetGatewayId),
    CreateRouteTable: (input) => [
      ...resources.create("CreateRouteTable", "route-table", input.TagSpecifications),
      ...use("CreateRouteTable", input.VpcId),
    ],
    CreateRoute: (input) => use("CreateRoute", input.RouteTableId),
    ReplaceRoute: (input) => use("ReplaceRoute", input.RouteTableId),
    DeleteRoute: (input) => use("DeleteRoute", input.RouteTableId),
    AssociateRouteTable: (input) => use("AssociateRouteTable", input.RouteTableId, input.SubnetId, input.GatewayId),
    DisassociateRouteTable: (input) =>
      resources.use("DisassociateRouteTable", resources.associatedWith(input.AssociationId)),
    DeleteRouteTable: (input) => use("DeleteRouteTable", input.RouteTableId),
    AllocateAddress: (input) => resources.create("AllocateAddress", "elastic-ip", input.TagSpecifications),
    AssociateAddress: (input) =>
      use("AssociateAddress", input.AllocationId, input.InstanceId, input.NetworkInterfaceId),
    ReleaseAddress: (input) => use("ReleaseAddress", input.AllocationId),
    CreateNatGateway: (input) => [
      ...resources.create("CreateNatGateway", "natgateway", input.TagSpecifications),
      ...use("CreateNatGateway", input.SubnetId, input.AllocationId),
    ],
    DeleteNatGateway: (input) => use("DeleteNatGateway", input.NatGatewayId),
  };
}

function interfaceDemands(resources: Ec2Resources): Demands<typeof ec2> {
  const use = (action: string, ...ids: (string | undefined)[]): Demand[] => resources.use(action, ids);
  return {
    CreateSecurityGroup: (input) => [
      ...resources.create("CreateSecurityGroup", "security-group", input.TagSpecifications),
      ...use("CreateSecurityGroup", input.VpcId),
    ],
    AuthorizeSecurityGroupIngress: (input) => [
      ...use("AuthorizeSecurityGroupIngress", input.GroupId),
      ...ruleTags(resources, "AuthorizeSecurityGroupIngress", input.TagSpecifications),
    ],
    AuthorizeSecurityGroupEgress: (input) => [
      ...use("AuthorizeSecurityGroupEgress", input.GroupId),
      ...ruleTags(resources, "AuthorizeSecurityGroupEgress", input.TagSpecifications),
    ],
    RevokeSecurityGroupIngress: (input) => use("RevokeSecurityGroupIngress", input.GroupId),
    RevokeSecurityGroupEgress: (input) => use("RevokeSecurityGroupEgress", input.GroupId),
    AssociateSecurityGroupVpc: (input) => use("AssociateSecurityGroupVpc", input.GroupId, input.VpcId),
    DisassociateSecurityGroupVpc: (input) => use("DisassociateSecurityGroupVpc", input.GroupId, input.VpcId),
    DeleteSecurityGroup: (input) => use("DeleteSecurityGroup", input.GroupId),
    CreateNetworkInterface: (input) => [
      ...resources.create("CreateNetworkInterface", "network-interface", input.TagSpecifications, {
        ...(input.SubnetId !== undefined && { "ec2:Subnet": resources.arn("subnet", input.SubnetId) }),
      }),
      ...use("CreateNetworkInterface", input.SubnetId, ...(input.Groups ?? [])),
    ],
    ModifyNetworkInterfaceAttribute: (input) =>
      use("ModifyNetworkInterfaceAttribute", input.NetworkInterfaceId, ...(input.Groups ?? [])),
    AttachNetworkInterface: (input) => use("AttachNetworkInterface", input.NetworkInterfaceId, input.InstanceId),
    DetachNetworkInterface: (input) =>
      resources.use("DetachNetworkInterface", resources.attachedBy(input.AttachmentId)),
    DeleteNetworkInterface: (input) => use("DeleteNetworkInterface", input.NetworkInterfaceId),
  };
}

function volumeDemands(cloud: CloudState, resources: Ec2Resources): Demands<typeof ec2> {
  const use = (action: string, ...ids: (string | undefined)[]): Demand[] => resources.use(action, ids);
  return {
    CreateVolume: (input) => [
      ...resources.create("CreateVolume", "volume", input.TagSpecifications, {
        "ec2:Encrypted": input.Encrypted ?? false,
        ...(input.AvailabilityZone !== undefined && { "ec2:AvailabilityZone": input.AvailabilityZone }),
        ...(input.VolumeType !== undefined && { "ec2:VolumeType": input.VolumeType }),
        ...(input.Size !== undefined && { "ec2:VolumeSize": input.Size }),
      }),
      ...use("CreateVolume", input.SnapshotId),
    ],
    AttachVolume: (input) => use("AttachVolume", input.VolumeId, input.InstanceId),
    DetachVolume: (input) =>
      use(
        "DetachVolume",
        input.VolumeId,
        input.InstanceId ?? cloud.ec2.volumes.find(input.VolumeId)?.attachment?.instanceId,
      ),
    DeleteVolume: (input) => use("DeleteVolume", input.VolumeId),
    CreateSnapshot: (input) => [
      ...resources.create("CreateSnapshot", "snapshot", input.TagSpecifications),
      ...use("CreateSnapshot", input.VolumeId),
    ],
    DeleteSnapshot: (input) => use("DeleteSnapshot", input.SnapshotId),
  };
}

function computeDemands(cloud: CloudState, resources: Ec2Resources): Demands<typeof ec2> {
  const use = (action: string, ...ids: (string | undefined)[]): Demand[] => resources.use(action, ids);
  const template = (input: { LaunchTemplateId?: string | undefined; LaunchTemplateName?: string | undefined }) =>
    input.LaunchTemplateId ??
    cloud.ec2.launchTemplates.list().find(({ name }) => name === input.LaunchTemplateName)?.id ??
    "lt-";
  return {
    CreateTags: (input) => resources.use("CreateTags", input.Resources ?? [], requestTags(input.Tags)),
    DeleteTags: (input) => resources.use("DeleteTags", input.Resources ?? [], requestTags(input.Tags)),
    RegisterImage: (input) => [
      ...resources.create("RegisterImage", "image", input.TagSpecifications),
      ...use("RegisterImage", ...(input.BlockDeviceMappings ?? []).map(({ Ebs }) => Ebs?.SnapshotId)),
    ],
    DeregisterImage: (input) => use("DeregisterImage", input.ImageId),
    CreateLaunchTemplate: (input) =>
      resources.create("CreateLaunchTemplate", "launch-template", input.TagSpecifications),
    CreateLaunchTemplateVersion: (input) => use("CreateLaunchTemplateVersion", template(input)),
    ModifyLaunchTemplate: (input) => use("ModifyLaunchTemplate", template(input)),
    DeleteLaunchTemplate: (input) => use("DeleteLaunchTemplate", template(input)),
    RunInstances: (input) => launchDemands(cloud, input),
    DescribeInstanceAttribute: (input) => use("DescribeInstanceAttribute", input.InstanceId),
    ModifyInstanceAttribute: (input) =>
      resources.use("ModifyInstanceAttribute", [input.InstanceId, ...(input.Groups ?? [])], attributeKeys(input)),
    StartInstances: (input) => resources.use("StartInstances", input.InstanceIds ?? []),
    StopInstances: (input) => resources.use("StopInstances", input.InstanceIds ?? []),
    RebootInstances: (input) => resources.use("RebootInstances", input.InstanceIds ?? []),
    TerminateInstances: (input) => resources.use("TerminateInstances", input.InstanceIds ?? []),
    GetEbsDefaultKmsKeyId: () => [],
    ModifyEbsDefaultKmsKeyId: () => [],
    ResetEbsDefaultKmsKeyId: () => [],
    GetConsoleOutput: (input) => use("GetConsoleOutput", input.InstanceId),
  };
}

/** `ec2:Attribute/…` of attributes that are one value (EC2 user guide, "ec2:Attribute condition key"). */
function attributeKeys(input: object): ConditionKeys {
  const entries = Object.entries(input).flatMap(([name, given]): [string, string][] =>
    typeof given === "object" && given !== null && "Value" in given
      ? [[`ec2:Attribute/${name}`, String(given.Value)]]
      : [],
  );
  return Object.fromEntries(entries);
}

/** Rules are resources of their own only when they are tagged. */
function ruleTags(
  resources: Ec2Resources,
  action: string,
  specifications: readonly ec2.TagSpecification[] | undefined,
): Demand[] {
  return specifications?.length ? resources.create(action, "security-group-rule", specifications) : [];
}
