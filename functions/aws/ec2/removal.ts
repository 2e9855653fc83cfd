import {
  DeleteInternetGatewayCommand,
  DeleteLaunchTemplateCommand,
  DeleteNatGatewayCommand,
  DeleteNetworkInterfaceCommand,
  DeleteRouteTableCommand,
  DeleteSecurityGroupCommand,
  DeleteSubnetCommand,
  DeleteVolumeCommand,
  DeleteVpcCommand,
  DescribeSecurityGroupVpcAssociationsCommand,
  DetachInternetGatewayCommand,
  DisassociateSecurityGroupVpcCommand,
  type EC2Client,
  type InternetGateway,
  type IpPermission,
  ReleaseAddressCommand,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
  type SecurityGroup,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { NotReadyYet } from "../../domain/cluster/errors.ts";
import type { Owned } from "../../domain/ownership/ownership.ts";
import { call, ignoring, unlessGone } from "../common/aws-errors.ts";

/**
 * Each asks for one removal of what the gate found to be the cluster's. What is gone already is fine; what is still in
 * use is NotReadyYet.
 */

export function terminateInstance(ec2: EC2Client, { id }: Owned<"instance">): Promise<void> {
  return unlessGone(ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] })));
}

export function deleteLaunchTemplate(
  ec2: EC2Client,
  { id: LaunchTemplateId }: Owned<"launch-template">,
): Promise<void> {
  return unlessGone(ec2.send(new DeleteLaunchTemplateCommand({ LaunchTemplateId })));
}

export function deleteNatGateway(ec2: EC2Client, { id: NatGatewayId }: Owned<"nat-gateway">): Promise<void> {
  return unlessGone(ec2.send(new DeleteNatGatewayCommand({ NatGatewayId })));
}

/** EC2 answers AuthFailure while a service still uses the address (docs/references/aws.md#deletion). */
export function releaseAddress(ec2: EC2Client, { id: AllocationId }: Owned<"address">): Promise<void> {
  return unlessGone(
    ec2.send(new ReleaseAddressCommand({ AllocationId })).catch((error: unknown) => {
      if (error instanceof Error && error.name === "AuthFailure") {
        throw new NotReadyYet(`address ${AllocationId} is still in use`, { cause: error });
      }
      throw error;
    }),
  );
}

export function deleteInterface(ec2: EC2Client, { id: NetworkInterfaceId }: Owned<"network-interface">): Promise<void> {
  return unlessGone(ec2.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId })));
}

export function deleteVolume(ec2: EC2Client, { id: VolumeId }: Owned<"volume">): Promise<void> {
  return unlessGone(ec2.send(new DeleteVolumeCommand({ VolumeId })));
}

export function deleteSubnet(ec2: EC2Client, { id: SubnetId }: Owned<"subnet">): Promise<void> {
  return unlessGone(ec2.send(new DeleteSubnetCommand({ SubnetId })));
}

export function deleteVpc(ec2: EC2Client, { id: VpcId }: Owned<"vpc">): Promise<void> {
  return unlessGone(ec2.send(new DeleteVpcCommand({ VpcId })));
}

/** Once its subnets are gone, and its associations with them. */
export async function deleteRouteTable(ec2: EC2Client, { id: RouteTableId }: Owned<"route-table">): Promise<void> {
  await unlessGone(ec2.send(new DeleteRouteTableCommand({ RouteTableId })));
}

export async function deleteInternetGateway(
  ec2: EC2Client,
  { id: InternetGatewayId }: Owned<"internet-gateway">,
  { Attachments = [] }: InternetGateway,
): Promise<void> {
  await Promise.all(
    Attachments.map(({ VpcId }) =>
      ignoring(
        ["Gateway.NotAttached", "InvalidInternetGatewayID.NotFound", "InvalidVpcID.NotFound"],
        ec2.send(new DetachInternetGatewayCommand({ InternetGatewayId, VpcId })),
      ),
    ),
  );
  await unlessGone(ec2.send(new DeleteInternetGatewayCommand({ InternetGatewayId })));
}

function naming(permissions: readonly IpPermission[] = []): IpPermission[] {
  return permissions
    .filter(({ UserIdGroupPairs = [] }) => UserIdGroupPairs.length > 0)
    .map(({ IpProtocol, FromPort, ToPort, UserIdGroupPairs = [] }) => ({
      IpProtocol,
      ...(FromPort === undefined ? {} : { FromPort, ToPort }),
      UserIdGroupPairs: UserIdGroupPairs.map(({ GroupId }) => ({ GroupId })),
    }));
}

/** Takes away the rules that name groups: two groups that name each other would keep each other for ever. */
export async function revokeReferences(
  ec2: EC2Client,
  group: Owned<"security-group">,
  { IpPermissions, IpPermissionsEgress }: SecurityGroup,
): Promise<void> {
  const [ingress, egress] = [naming(IpPermissions), naming(IpPermissionsEgress)];
  await Promise.all([
    ingress.length > 0 &&
      unlessGone(ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId: group.id, IpPermissions: ingress }))),
    egress.length > 0 && revokeEgress(ec2, group, egress),
  ]);
}

/** Takes rules from a group for what its machines send. */
export function revokeEgress(
  ec2: EC2Client,
  { id: GroupId }: Owned<"security-group">,
  rules: readonly IpPermission[],
): Promise<void> {
  return unlessGone(ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId, IpPermissions: [...rules] })));
}

export function deleteSecurityGroup(ec2: EC2Client, { id: GroupId }: Owned<"security-group">): Promise<void> {
  return unlessGone(ec2.send(new DeleteSecurityGroupCommand({ GroupId })));
}

/** Ends the use of groups of other VPCs in this one; the groups themselves stay as they are. */
export async function releaseForeignGroups(ec2: EC2Client, { id: VpcId }: Owned<"vpc">): Promise<void> {
  const { SecurityGroupVpcAssociations = [] } = await call(
    ec2.send(new DescribeSecurityGroupVpcAssociationsCommand({ Filters: [{ Name: "vpc-id", Values: [VpcId] }] })),
  );
  const held = SecurityGroupVpcAssociations.filter(({ State }) => State === "associated" || State === "associating");
  await Promise.all(
    held.map(({ GroupId }) => unlessGone(ec2.send(new DisassociateSecurityGroupVpcCommand({ GroupId, VpcId })))),
  );
  if (SecurityGroupVpcAssociations.some(({ State }) => State !== "disassociated" && State !== "association-failed")) {
    throw new NotReadyYet(`security groups are still associated with ${VpcId}`);
  }
}
