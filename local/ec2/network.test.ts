import { describe, expect, test } from "vitest";
import { errorOf, freshAccount, launch, settle, smallNetwork } from "../testing/account.ts";

test("a fresh account has a default VPC with a public subnet in each zone", async () => {
  const { aws } = freshAccount();

  const { Vpcs } = await aws("DescribeVpcs", { Filters: [{ Name: "is-default", Values: ["true"] }] });
  const { Subnets } = await aws("DescribeSubnets", { Filters: [{ Name: "default-for-az", Values: ["true"] }] });

  expect(Vpcs?.map((vpc) => vpc.CidrBlock)).toEqual(["172.31.0.0/16"]);
  expect(Subnets?.map((subnet) => [subnet.AvailabilityZone, subnet.CidrBlock, subnet.MapPublicIpOnLaunch])).toEqual([
    ["us-west-2a", "172.31.0.0/20", true],
    ["us-west-2b", "172.31.16.0/20", true],
    ["us-west-2c", "172.31.32.0/20", true],
    ["us-west-2d", "172.31.48.0/20", true],
  ]);
});

test("a VPC comes and goes with its default group, main route table and network ACL", async () => {
  const { aws, service } = freshAccount();
  const before = service.snapshot();
  const { Vpc } = await aws("CreateVpc", { CidrBlock: "10.0.0.0/16" });
  const ofVpc = { Filters: [{ Name: "vpc-id", Values: [Vpc?.VpcId ?? ""] }] };

  expect((await aws("DescribeSecurityGroups", ofVpc)).SecurityGroups).toMatchObject([{ GroupName: "default" }]);
  expect((await aws("DescribeRouteTables", ofVpc)).RouteTables).toMatchObject([{ Associations: [{ Main: true }] }]);
  expect((await aws("DescribeNetworkAcls", ofVpc)).NetworkAcls).toMatchObject([{ IsDefault: true }]);

  await aws("DeleteVpc", { VpcId: Vpc?.VpcId });
  expect(service.snapshot()).toEqual(before);
});

describe("18: further blocks of a VPC", () => {
  async function fullVpc(cidr = "172.20.0.0/16") {
    const account = freshAccount();
    const { Vpc } = await account.aws("CreateVpc", { CidrBlock: cidr });
    const VpcId = Vpc?.VpcId ?? "";
    const add = (CidrBlock: string) => account.aws("AssociateVpcCidrBlock", { VpcId, CidrBlock });
    return { ...account, VpcId, add };
  }

  test("are associating, then associated: subnets lie in them, and route tables have them", async () => {
    const { aws, clock, VpcId, add } = await fullVpc();
    const subnet = () => aws("CreateSubnet", { VpcId, CidrBlock: "172.21.0.0/19", AvailabilityZone: "us-west-2b" });

    const { CidrBlockAssociation: added } = await add("172.21.0.0/16");
    expect(await errorOf(subnet())).toMatchObject({ code: "InvalidSubnet.Range" });
    await clock.advance(100);
    const { Vpcs } = await aws("DescribeVpcs", { VpcIds: [VpcId] });
    const { RouteTables } = await aws("DescribeRouteTables", { Filters: [{ Name: "vpc-id", Values: [VpcId] }] });

    expect(added?.CidrBlockState).toEqual({ State: "associating" });
    expect(Vpcs?.[0]?.CidrBlock).toBe("172.20.0.0/16");
    expect(Vpcs?.[0]?.CidrBlockAssociationSet?.map((each) => [each.CidrBlock, each.CidrBlockState?.State])).toEqual([
      ["172.20.0.0/16", "associated"],
      ["172.21.0.0/16", "associated"],
    ]);
    expect(RouteTables?.[0]?.Routes?.map((route) => [route.DestinationCidrBlock, route.GatewayId])).toEqual([
      ["172.20.0.0/16", "local"],
      ["172.21.0.0/16", "local"],
    ]);
    expect((await subnet()).Subnet?.CidrBlock).toBe("172.21.0.0/19");
  });

  test("go once no subnet lies in them, and with their VPC; the first one stays", async () => {
    const { aws, clock, VpcId, add } = await fullVpc();
    const { CidrBlockAssociation: added } = await add("172.21.0.0/16");
    await clock.advance(100);
    const { Subnet } = await aws("CreateSubnet", { VpcId, CidrBlock: "172.21.0.0/19" });
    const remove = () => aws("DisassociateVpcCidrBlock", { AssociationId: added?.AssociationId });

    expect(await errorOf(remove())).toMatchObject({ code: "CidrInUse" });
    const { Vpcs } = await aws("DescribeVpcs", { VpcIds: [VpcId] });
    const first = { AssociationId: Vpcs?.[0]?.CidrBlockAssociationSet?.[0]?.AssociationId };
    expect(await errorOf(aws("DisassociateVpcCidrBlock", first))).toMatchObject({ code: "OperationNotPermitted" });
    await aws("DeleteSubnet", { SubnetId: Subnet?.SubnetId });
    await remove();
    await add("172.22.0.0/16");
    await aws("DeleteVpc", { VpcId });
    expect((await aws("DescribeVpcs", { Filters: [{ Name: "vpc-id", Values: [VpcId] }] })).Vpcs).toEqual([]);
  });

  test.each([
    ["172.20.0.0/16", "172.20.128.0/20", "InvalidVpc.Range"],
    ["172.20.0.0/16", "172.31.0.0/16", "InvalidVpc.Range"],
    ["172.20.0.0/16", "10.1.0.0/16", "InvalidVpc.Range"],
    ["172.20.0.0/16", "198.19.0.0/16", "InvalidVpc.Range"],
    ["10.1.0.0/16", "10.0.0.0/16", "InvalidVpc.Range"],
    ["192.168.0.0/20", "172.20.0.0/16", "InvalidVpc.Range"],
  ])("are refused in the ranges that AWS reserves: to %s not %s", async (first, further, code) => {
    const { add } = await fullVpc(first);
    expect(await errorOf(add(further))).toMatchObject({ code });
  });

  test("are four at most, and may be of shared addresses", async () => {
    const { add } = await fullVpc();
    for (const block of ["172.21.0.0/16", "172.22.0.0/16", "100.64.0.0/16", "172.24.0.0/20"]) await add(block);
    expect(await errorOf(add("172.25.0.0/16"))).toMatchObject({ code: "CidrLimitExceeded" });
  });
});

test("a VPC is pending before it is available", async () => {
  const { aws, clock } = freshAccount();
  const { Vpc } = await aws("CreateVpc", { CidrBlock: "10.0.0.0/16" });
  await clock.advance(100);
  const { Vpcs } = await aws("DescribeVpcs", { VpcIds: [Vpc?.VpcId ?? ""] });
  expect([Vpc?.State, Vpcs?.[0]?.State]).toEqual(["pending", "available"]);
});

test("subnets neither overlap nor leave their VPC", async () => {
  const account = freshAccount();
  const { vpcId } = await smallNetwork(account);
  const create = (CidrBlock: string) => errorOf(account.aws("CreateSubnet", { VpcId: vpcId, CidrBlock }));

  expect(await create("10.0.0.128/25")).toEqual({
    code: "InvalidSubnet.Conflict",
    message: "The CIDR '10.0.0.128/25' conflicts with another subnet",
  });
  expect(await create("10.1.0.0/24")).toMatchObject({ code: "InvalidSubnet.Range" });
  expect(await create("10.0.1.0/29")).toMatchObject({ code: "InvalidSubnet.Range" });
  expect(await create("10.0.1.0")).toMatchObject({ code: "InvalidParameterValue" });
});

test("five addresses of a subnet are AWS's, and interfaces take the others", async () => {
  const account = freshAccount();
  const { subnetId } = await smallNetwork(account);
  await account.aws("CreateNetworkInterface", { SubnetId: subnetId });
  const { Subnets } = await account.aws("DescribeSubnets", { SubnetIds: [subnetId] });
  expect(Subnets?.[0]?.AvailableIpAddressCount).toBe(250);
});

test("an interface keeps the address that was asked for, and nobody else gets it", async () => {
  const account = freshAccount();
  const { subnetId } = await smallNetwork(account);
  const create = (PrivateIpAddress: string) =>
    account.aws("CreateNetworkInterface", { SubnetId: subnetId, PrivateIpAddress });

  const { NetworkInterface } = await create("10.0.0.10");

  expect(NetworkInterface).toMatchObject({ PrivateIpAddress: "10.0.0.10", Status: "available" });
  expect(NetworkInterface?.MacAddress).toMatch(/^02(:[0-9a-f]{2}){5}$/);
  expect(await errorOf(create("10.0.0.10"))).toEqual({
    code: "InvalidIPAddress.InUse",
    message: "Address 10.0.0.10 is in use.",
  });
  expect(await errorOf(create("10.0.0.3"))).toMatchObject({ code: "InvalidParameterValue" });
  expect(await errorOf(create("10.0.1.9"))).toMatchObject({ code: "InvalidParameterValue" });
});

test("MINOR 8: automatic addresses start at offset 10, where plans put masters, and are not used again at once", async () => {
  const account = freshAccount();
  const { subnetId } = await smallNetwork(account);
  const create = async () => (await account.aws("CreateNetworkInterface", { SubnetId: subnetId })).NetworkInterface;
  const first = await create();
  await account.aws("DeleteNetworkInterface", { NetworkInterfaceId: first?.NetworkInterfaceId });
  const second = await create();
  expect([first?.PrivateIpAddress, second?.PrivateIpAddress]).toEqual(["10.0.0.10", "10.0.0.11"]);
});

test("a NAT gateway holds its address and interface until it is deleted", async () => {
  const account = freshAccount();
  const { aws } = account;
  const { vpcId, subnetId } = await smallNetwork(account);
  const { InternetGateway } = await aws("CreateInternetGateway", {});
  await aws("AttachInternetGateway", { InternetGatewayId: InternetGateway?.InternetGatewayId, VpcId: vpcId });
  const { AllocationId } = await aws("AllocateAddress", {});
  const { NatGateway } = await aws("CreateNatGateway", { SubnetId: subnetId, AllocationId });
  const id = NatGateway?.NatGatewayId ?? "";
  const state = async () => (await aws("DescribeNatGateways", { NatGatewayIds: [id] })).NatGateways?.[0]?.State;

  expect(await state()).toBe("pending");
  await settle(account);
  expect(await state()).toBe("available");
  expect(await errorOf(aws("ReleaseAddress", { AllocationId }))).toMatchObject({ code: "AuthFailure" });
  expect(await errorOf(aws("DeleteSubnet", { SubnetId: subnetId }))).toMatchObject({ code: "DependencyViolation" });
  expect(
    await errorOf(
      aws("DetachInternetGateway", { InternetGatewayId: InternetGateway?.InternetGatewayId, VpcId: vpcId }),
    ),
  ).toMatchObject({ code: "DependencyViolation" });

  await aws("DeleteNatGateway", { NatGatewayId: id });
  expect(await state()).toBe("deleting");
  await settle(account);
  expect(await state()).toBe("deleted");
  await aws("ReleaseAddress", { AllocationId });
});

test("a NAT gateway in a VPC without internet gateway fails and says why", async () => {
  const account = freshAccount();
  const { subnetId } = await smallNetwork(account);
  const { AllocationId } = await account.aws("AllocateAddress", {});
  await account.aws("CreateNatGateway", { SubnetId: subnetId, AllocationId });
  await settle(account);
  const { NatGateways } = await account.aws("DescribeNatGateways", {});
  expect(NatGateways).toMatchObject([{ State: "failed", FailureCode: "Gateway.NotAttached" }]);
});

test("routes have one target a destination, and a lost target makes a black hole", async () => {
  const account = freshAccount();
  const { aws } = account;
  const { vpcId, subnetId } = await smallNetwork(account);
  const gateway = (await aws("CreateInternetGateway", {})).InternetGateway?.InternetGatewayId;
  await aws("AttachInternetGateway", { InternetGatewayId: gateway, VpcId: vpcId });
  const table = (await aws("CreateRouteTable", { VpcId: vpcId })).RouteTable?.RouteTableId;
  const route = { RouteTableId: table, DestinationCidrBlock: "0.0.0.0/0", GatewayId: gateway };

  await aws("CreateRoute", route);
  expect(await errorOf(aws("CreateRoute", route))).toMatchObject({ code: "RouteAlreadyExists" });
  const { AssociationId } = await aws("AssociateRouteTable", { RouteTableId: table, SubnetId: subnetId });
  expect(await errorOf(aws("AssociateRouteTable", { RouteTableId: table, SubnetId: subnetId }))).toMatchObject({
    code: "Resource.AlreadyAssociated",
  });
  expect(await errorOf(aws("DeleteRouteTable", { RouteTableId: table }))).toMatchObject({
    code: "DependencyViolation",
  });

  await aws("DetachInternetGateway", { InternetGatewayId: gateway, VpcId: vpcId });
  const { RouteTables } = await aws("DescribeRouteTables", { RouteTableIds: [table ?? ""] });
  expect(RouteTables?.[0]?.Routes).toMatchObject([
    { DestinationCidrBlock: "10.0.0.0/16", GatewayId: "local", State: "active" },
    { DestinationCidrBlock: "0.0.0.0/0", GatewayId: gateway, State: "blackhole" },
  ]);
  await aws("DisassociateRouteTable", { AssociationId });
  await aws("DeleteRouteTable", { RouteTableId: table });
});

test("a public address follows its association, and is not released while mapped", async () => {
  const account = freshAccount();
  const { aws } = account;
  const { subnetId } = await smallNetwork(account);
  const machine = await launch(account, { SubnetId: subnetId });
  await settle(account);
  const { AllocationId, PublicIp } = await aws("AllocateAddress", {});

  const { AssociationId } = await aws("AssociateAddress", { AllocationId, InstanceId: machine.InstanceId });

  const { Addresses } = await aws("DescribeAddresses", {
    Filters: [{ Name: "instance-id", Values: [machine.InstanceId ?? ""] }],
  });
  expect(Addresses).toMatchObject([{ PublicIp, AssociationId, PrivateIpAddress: machine.PrivateIpAddress }]);
  expect(await errorOf(aws("ReleaseAddress", { AllocationId }))).toMatchObject({ code: "InvalidIPAddress.InUse" });
  await aws("DisassociateAddress", { AssociationId });
  await aws("ReleaseAddress", { AllocationId });
  expect((await aws("DescribeAddresses", {})).Addresses).toEqual([]);
});

test("a full teardown leaves the account exactly as it was", async () => {
  const account = freshAccount();
  const { aws, service, clock, hosts } = account;
  const before = service.snapshot();
  const { vpcId, subnetId } = await smallNetwork(account);
  const group = (await aws("CreateSecurityGroup", { GroupName: "g", Description: "d", VpcId: vpcId })).GroupId ?? "";
  const { Subnet } = await aws("CreateSubnet", {
    VpcId: vpcId,
    CidrBlock: "10.0.1.0/24",
    AvailabilityZone: "us-west-2b",
  });
  const balancer = service.createManagedInterface({ subnetId: Subnet?.SubnetId ?? "", description: "ELB net/api/1" });
  const machine = await launch(account, { SubnetId: subnetId, SecurityGroupIds: [group], ClientToken: "once" });
  const disk = await aws("CreateVolume", { AvailabilityZone: "us-west-2a", Size: 20, ClientToken: "disk" });
  await settle(account);
  await aws("AttachVolume", { VolumeId: disk.VolumeId, InstanceId: machine.InstanceId, Device: "/dev/sdf" });
  await settle(account);

  expect(await errorOf(aws("DeleteSecurityGroup", { GroupId: group }))).toMatchObject({ code: "DependencyViolation" });
  expect(await errorOf(aws("DeleteVpc", { VpcId: vpcId }))).toMatchObject({ code: "DependencyViolation" });
  await aws("TerminateInstances", { InstanceIds: [machine.InstanceId ?? ""] });
  await settle(account);
  await aws("DeleteVolume", { VolumeId: disk.VolumeId });
  service.deleteManagedInterface(balancer.networkInterfaceId);
  await aws("DeleteSecurityGroup", { GroupId: group });
  await aws("DeleteSubnet", { SubnetId: subnetId });
  await aws("DeleteSubnet", { SubnetId: Subnet?.SubnetId });
  await aws("DeleteVpc", { VpcId: vpcId });
  await clock.advance(3_600_000);

  expect(service.snapshot()).toEqual(before);
  expect([hosts.hosts.size, hosts.volumes.size]).toEqual([0, 0]);
});
