import type { ResourceType } from "@aws-sdk/client-ec2";

/** What EC2 calls a kind of resource: in ids, in tags, and in errors (whose codes follow no rule). */
export interface Kind {
  readonly prefix: string;
  readonly resourceType: ResourceType;
  readonly notFound: string;
  readonly malformed: string;
  /** As error messages name an id of this kind. */
  readonly label: string;
}

function kind(prefix: string, resourceType: ResourceType, label: string, notFound: string, malformed: string): Kind {
  return { prefix, resourceType, notFound, malformed, label };
}

/** Error codes from EC2's errors overview; `InvalidVolume.NotFound` and its like are irregular on purpose. */
export const kinds = {
  vpc: kind("vpc", "vpc", "vpc ID", "InvalidVpcID.NotFound", "InvalidVpcID.Malformed"),
  subnet: kind("subnet", "subnet", "subnet ID", "InvalidSubnetID.NotFound", "InvalidSubnetID.Malformed"),
  internetGateway: kind(
    "igw",
    "internet-gateway",
    "internetGateway ID",
    "InvalidInternetGatewayID.NotFound",
    "InvalidInternetGatewayId.Malformed",
  ),
  routeTable: kind(
    "rtb",
    "route-table",
    "routeTable ID",
    "InvalidRouteTableID.NotFound",
    "InvalidRouteTableId.Malformed",
  ),
  networkAcl: kind(
    "acl",
    "network-acl",
    "networkAcl ID",
    "InvalidNetworkAclID.NotFound",
    "InvalidNetworkAclId.Malformed",
  ),
  dhcpOptions: kind(
    "dopt",
    "dhcp-options",
    "dhcpOptions ID",
    "InvalidDhcpOptionID.NotFound",
    "InvalidDhcpOptionsId.Malformed",
  ),
  address: kind(
    "eipalloc",
    "elastic-ip",
    "allocation ID",
    "InvalidAllocationID.NotFound",
    "InvalidAllocationID.Malformed",
  ),
  natGateway: kind("nat", "natgateway", "NAT gateway", "NatGatewayNotFound", "NatGatewayMalformed"),
  securityGroup: kind("sg", "security-group", "security group", "InvalidGroup.NotFound", "InvalidGroupId.Malformed"),
  securityGroupRule: kind(
    "sgr",
    "security-group-rule",
    "security group rule ID",
    "InvalidSecurityGroupRuleId.NotFound",
    "InvalidSecurityGroupRuleId.Malformed",
  ),
  networkInterface: kind(
    "eni",
    "network-interface",
    "networkInterface ID",
    "InvalidNetworkInterfaceID.NotFound",
    "InvalidNetworkInterfaceId.Malformed",
  ),
  volume: kind("vol", "volume", "volume", "InvalidVolume.NotFound", "InvalidVolumeID.Malformed"),
  snapshot: kind("snap", "snapshot", "snapshot", "InvalidSnapshot.NotFound", "InvalidSnapshotID.Malformed"),
  image: kind("ami", "image", "image id", "InvalidAMIID.NotFound", "InvalidAMIID.Malformed"),
  launchTemplate: kind(
    "lt",
    "launch-template",
    "launch template ID",
    "InvalidLaunchTemplateId.NotFound",
    "InvalidLaunchTemplateId.Malformed",
  ),
  instance: kind("i", "instance", "instance ID", "InvalidInstanceID.NotFound", "InvalidInstanceID.Malformed"),
} as const;
