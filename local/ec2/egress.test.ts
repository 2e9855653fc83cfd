import { expect, test } from "vitest";
import { type Account, freshAccount, instance, launch, settle, smallNetwork } from "../testing/account.ts";

/** A VPC whose one subnet has a route to an internet gateway and lends public addresses at launch. */
async function publicNetwork(account: Account) {
  const { aws } = account;
  const { vpcId, subnetId } = await smallNetwork(account);
  const { InternetGateway } = await aws("CreateInternetGateway", {});
  const gatewayId = InternetGateway?.InternetGatewayId ?? "";
  await aws("AttachInternetGateway", { InternetGatewayId: gatewayId, VpcId: vpcId });
  const { RouteTable } = await aws("CreateRouteTable", { VpcId: vpcId });
  const tableId = RouteTable?.RouteTableId ?? "";
  await aws("CreateRoute", { RouteTableId: tableId, DestinationCidrBlock: "0.0.0.0/0", GatewayId: gatewayId });
  await aws("AssociateRouteTable", { RouteTableId: tableId, SubnetId: subnetId });
  await aws("ModifySubnetAttribute", { SubnetId: subnetId, MapPublicIpOnLaunch: { Value: true } });
  return { vpcId, subnetId, gatewayId, tableId };
}

function hasWayOut({ hosts }: Account, instanceId: string | undefined): boolean {
  return hosts.hosts.get(instanceId ?? "")?.spec.egress() ?? false;
}

test("B1: an instance on an interface made before it has no public address and no way out; an Elastic IP gives it both", async () => {
  const account = freshAccount();
  const { aws } = account;
  const { subnetId } = await publicNetwork(account);
  const { NetworkInterface } = await aws("CreateNetworkInterface", { SubnetId: subnetId });
  const NetworkInterfaceId = NetworkInterface?.NetworkInterfaceId ?? "";
  const { InstanceId: before } = await launch(account, {
    NetworkInterfaces: [{ DeviceIndex: 0, NetworkInterfaceId }],
  });
  const { InstanceId: plain } = await launch(account, { SubnetId: subnetId });
  await settle(account);

  expect((await instance(account, before)).PublicIpAddress).toBeUndefined();
  expect((await instance(account, plain)).PublicIpAddress).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
  expect([hasWayOut(account, before), hasWayOut(account, plain)]).toEqual([false, true]);

  const { AllocationId, PublicIp } = await aws("AllocateAddress", { Domain: "vpc" });
  const { AssociationId } = await aws("AssociateAddress", { AllocationId, NetworkInterfaceId });
  expect((await instance(account, before)).PublicIpAddress).toBe(PublicIp);
  expect(hasWayOut(account, before)).toBe(true);

  await aws("TerminateInstances", { InstanceIds: [before ?? ""] });
  await settle(account);
  const { InstanceId: after } = await launch(account, {
    NetworkInterfaces: [{ DeviceIndex: 0, NetworkInterfaceId }],
  });
  await settle(account);
  expect((await instance(account, after)).PublicIpAddress).toBe(PublicIp);
  expect(hasWayOut(account, after)).toBe(true);

  await aws("DisassociateAddress", { AssociationId });
  expect(hasWayOut(account, after)).toBe(false);
});

test("B1: without a route, without the gateway, or with the route to a NAT gateway that is gone, nothing gets out", async () => {
  const account = freshAccount();
  const { aws } = account;
  const { vpcId, subnetId, gatewayId, tableId } = await publicNetwork(account);
  const { Subnet } = await aws("CreateSubnet", {
    VpcId: vpcId,
    CidrBlock: "10.0.1.0/24",
    AvailabilityZone: "us-west-2a",
  });
  const { AllocationId } = await aws("AllocateAddress", { Domain: "vpc" });
  const { NatGateway } = await aws("CreateNatGateway", { SubnetId: subnetId, AllocationId });
  const { RouteTable } = await aws("CreateRouteTable", { VpcId: vpcId });
  const privateTable = RouteTable?.RouteTableId ?? "";
  await aws("AssociateRouteTable", { RouteTableId: privateTable, SubnetId: Subnet?.SubnetId });
  const { InstanceId: inside } = await launch(account, { SubnetId: Subnet?.SubnetId ?? "" });
  const { InstanceId: outside } = await launch(account, { SubnetId: subnetId });
  await settle(account);
  const ways = () => [hasWayOut(account, inside), hasWayOut(account, outside)];
  expect(ways()).toEqual([false, true]);

  await aws("CreateRoute", {
    RouteTableId: privateTable,
    DestinationCidrBlock: "0.0.0.0/0",
    NatGatewayId: NatGateway?.NatGatewayId,
  });
  expect(ways()).toEqual([true, true]);

  await aws("DeleteRoute", { RouteTableId: tableId, DestinationCidrBlock: "0.0.0.0/0" });
  expect(ways()).toEqual([false, false]);
  await aws("CreateRoute", { RouteTableId: tableId, DestinationCidrBlock: "0.0.0.0/0", GatewayId: gatewayId });
  await aws("DeleteNatGateway", { NatGatewayId: NatGateway?.NatGatewayId });
  await settle(account);
  expect(ways()).toEqual([false, true]);
});
