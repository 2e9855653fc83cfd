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
  type RouteTable,
  type SecurityGroup,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { NotReadyYet } from "../../domain/errors.ts";
import { call, ignoring, unlessGone } from "../aws-errors.ts";
import { ec2 } from "./client.ts";

/** Each asks for one removal. What is gone already is fine; what is still in use is NotReadyYet. */

export const terminateInstance = (InstanceId: string): Promise<void> =>
  unlessGone(ec2.send(new TerminateInstancesCommand({ InstanceIds: [InstanceId] })));

export const deleteLaunchTemplate = (LaunchTemplateId: string): Promise<void> =>
  unlessGone(ec2.send(new DeleteLaunchTemplateCommand({ LaunchTemplateId })));

export const deleteNatGateway = (NatGatewayId: string): Promise<void> =>
  unlessGone(ec2.send(new DeleteNatGatewayCommand({ NatGatewayId })));

/** EC2 answers AuthFailure while a service still uses the address (aws-facts §4.3). */
export const releaseAddress = (AllocationId: string): Promise<void> =>
  unlessGone(
    ec2.send(new ReleaseAddressCommand({ AllocationId })).catch((error: unknown) => {
      if (error instanceof Error && error.name === "AuthFailure") {
        throw new NotReadyYet(`address ${AllocationId} is still in use`, { cause: error });
      }
      throw error;
    }),
  );

export const deleteInterface = (NetworkInterfaceId: string, client = ec2): Promise<void> =>
  unlessGone(client.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId })));

export const deleteVolume = (VolumeId: string, client = ec2): Promise<void> =>
  unlessGone(client.send(new DeleteVolumeCommand({ VolumeId })));

export const deleteSubnet = (SubnetId: string): Promise<void> =>
  unlessGone(ec2.send(new DeleteSubnetCommand({ SubnetId })));

export const deleteVpc = (VpcId: string): Promise<void> => unlessGone(ec2.send(new DeleteVpcCommand({ VpcId })));

/** Once its subnets are gone, and its associations with them. */
export const deleteRouteTable = async ({ RouteTableId }: RouteTable): Promise<void> => {
  await unlessGone(ec2.send(new DeleteRouteTableCommand({ RouteTableId })));
};

export const deleteInternetGateway = async ({
  InternetGatewayId,
  Attachments = [],
}: InternetGateway): Promise<void> => {
  await Promise.all(
    Attachments.map(({ VpcId }) =>
      ignoring(
        ["Gateway.NotAttached", "InvalidInternetGatewayID.NotFound", "InvalidVpcID.NotFound"],
        ec2.send(new DetachInternetGatewayCommand({ InternetGatewayId, VpcId })),
      ),
    ),
  );
  await unlessGone(ec2.send(new DeleteInternetGatewayCommand({ InternetGatewayId })));
};

const naming = (permissions: readonly IpPermission[] = []): IpPermission[] =>
  permissions
    .filter(({ UserIdGroupPairs = [] }) => UserIdGroupPairs.length > 0)
    .map(({ IpProtocol, FromPort, ToPort, UserIdGroupPairs = [] }) => ({
      IpProtocol,
      ...(FromPort === undefined ? {} : { FromPort, ToPort }),
      UserIdGroupPairs: UserIdGroupPairs.map(({ GroupId }) => ({ GroupId })),
    }));

/** Takes away the rules that name groups: two groups that name each other would keep each other for ever. */
export const revokeReferences = async (
  { GroupId, IpPermissions, IpPermissionsEgress }: SecurityGroup,
  client: EC2Client = ec2,
): Promise<void> => {
  const [ingress, egress] = [naming(IpPermissions), naming(IpPermissionsEgress)];
  await Promise.all([
    ingress.length > 0 &&
      unlessGone(client.send(new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions: ingress }))),
    egress.length > 0 &&
      unlessGone(client.send(new RevokeSecurityGroupEgressCommand({ GroupId, IpPermissions: egress }))),
  ]);
};

export const deleteSecurityGroup = (GroupId: string, client: EC2Client = ec2): Promise<void> =>
  unlessGone(client.send(new DeleteSecurityGroupCommand({ GroupId })));

/** Ends the use of groups of other VPCs in this one; the groups themselves stay as they are. */
export const releaseForeignGroups = async (VpcId: string): Promise<void> => {
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
};
