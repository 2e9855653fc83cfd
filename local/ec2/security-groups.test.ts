import type { IpPermission } from "@aws-sdk/client-ec2";
import { expect, test } from "vitest";
import { type Account, errorOf, freshAccount, launch, settle, smallNetwork } from "../testing/account.ts";

const https: IpPermission = { IpProtocol: "tcp", FromPort: 443, ToPort: 443, IpRanges: [{ CidrIp: "10.0.0.0/8" }] };

async function groupIn({ aws }: Account, vpcId: string, GroupName: string): Promise<string> {
  return (await aws("CreateSecurityGroup", { GroupName, Description: "test", VpcId: vpcId })).GroupId ?? "";
}

test("a group's name is unique in its VPC", async () => {
  const account = freshAccount();
  const { vpcId } = await smallNetwork(account);
  await groupIn(account, vpcId, "masters");
  expect(await errorOf(groupIn(account, vpcId, "masters"))).toEqual({
    code: "InvalidGroup.Duplicate",
    message: `The security group 'masters' already exists for VPC '${vpcId}'`,
  });
});

test("a rule exists once, whatever its description", async () => {
  const account = freshAccount();
  const { vpcId } = await smallNetwork(account);
  const GroupId = await groupIn(account, vpcId, "masters");
  const authorize = (IpPermissions: IpPermission[]) =>
    account.aws("AuthorizeSecurityGroupIngress", { GroupId, IpPermissions });

  const { SecurityGroupRules } = await authorize([https]);

  expect(SecurityGroupRules).toMatchObject([
    { GroupId, IsEgress: false, IpProtocol: "tcp", FromPort: 443, ToPort: 443, CidrIpv4: "10.0.0.0/8" },
  ]);
  const again = { ...https, IpRanges: [{ CidrIp: "10.0.0.0/8", Description: "again" }] };
  expect(await errorOf(authorize([again]))).toEqual({
    code: "InvalidPermission.Duplicate",
    message: 'the specified rule "peer: 10.0.0.0/8, TCP, from port: 443, to port: 443, ALLOW" already exists',
  });
});

test("a refused Authorize adds none of its rules", async () => {
  const account = freshAccount();
  const { vpcId } = await smallNetwork(account);
  const GroupId = await groupIn(account, vpcId, "masters");
  const ssh = { ...https, FromPort: 22, ToPort: 22 };
  await account.aws("AuthorizeSecurityGroupIngress", { GroupId, IpPermissions: [https] });
  await errorOf(account.aws("AuthorizeSecurityGroupIngress", { GroupId, IpPermissions: [ssh, https] }));
  const { SecurityGroups } = await account.aws("DescribeSecurityGroups", { GroupIds: [GroupId] });
  expect(SecurityGroups?.[0]?.IpPermissions).toHaveLength(1);
});

test("rules go by their permissions or by their ids", async () => {
  const account = freshAccount();
  const { vpcId } = await smallNetwork(account);
  const GroupId = await groupIn(account, vpcId, "masters");
  const all: IpPermission = { IpProtocol: "-1", UserIdGroupPairs: [{ GroupId }] };
  const { SecurityGroupRules } = await account.aws("AuthorizeSecurityGroupIngress", {
    GroupId,
    IpPermissions: [all, https],
  });
  const httpsRule = SecurityGroupRules?.[1]?.SecurityGroupRuleId ?? "";

  await account.aws("RevokeSecurityGroupIngress", { GroupId, IpPermissions: [all] });
  await account.aws("RevokeSecurityGroupIngress", { GroupId, SecurityGroupRuleIds: [httpsRule] });

  const { SecurityGroupRules: left } = await account.aws("DescribeSecurityGroupRules", {
    Filters: [{ Name: "group-id", Values: [GroupId] }],
  });
  expect(left).toMatchObject([{ IsEgress: true, IpProtocol: "-1", CidrIpv4: "0.0.0.0/0" }]);
  expect(await errorOf(account.aws("RevokeSecurityGroupIngress", { GroupId, IpPermissions: [https] }))).toMatchObject({
    code: "InvalidPermission.NotFound",
  });
});

test("a group that another one's rules name cannot be deleted", async () => {
  const account = freshAccount();
  const { vpcId } = await smallNetwork(account);
  const masters = await groupIn(account, vpcId, "masters");
  const nodes = await groupIn(account, vpcId, "nodes");
  const IpPermissions = [{ IpProtocol: "-1", UserIdGroupPairs: [{ GroupId: nodes }] }];
  await account.aws("AuthorizeSecurityGroupIngress", { GroupId: masters, IpPermissions });

  expect(await errorOf(account.aws("DeleteSecurityGroup", { GroupId: nodes }))).toEqual({
    code: "DependencyViolation",
    message: `resource ${nodes} has a dependent object`,
  });
  await account.aws("RevokeSecurityGroupIngress", { GroupId: masters, IpPermissions });
  await account.aws("DeleteSecurityGroup", { GroupId: nodes });
});

test("a group with a given id can be put in by the control, into the default VPC", async () => {
  const account = freshAccount();
  account.service.seed({ kind: "security-group", groupId: "sg-12345678" });
  const { SecurityGroups } = await account.aws("DescribeSecurityGroups", { GroupIds: ["sg-12345678"] });
  const { Vpcs } = await account.aws("DescribeVpcs", {});
  expect(SecurityGroups).toMatchObject([{ GroupId: "sg-12345678", VpcId: Vpcs?.[0]?.VpcId }]);
});

test("what is no group id is malformed, not missing", async () => {
  const { aws } = freshAccount();
  expect(await errorOf(aws("DescribeSecurityGroups", { GroupIds: ["i-abcd1234"] }))).toEqual({
    code: "InvalidGroupId.Malformed",
    message: 'Invalid id: "i-abcd1234" (expecting "sg-...")',
  });
});

test("a group of another VPC fits an interface once it is associated, but no default group does", async () => {
  const account = freshAccount();
  const { aws } = account;
  const { vpcId, subnetId } = await smallNetwork(account);
  const other = (await aws("CreateVpc", { CidrBlock: "10.9.0.0/16" })).Vpc?.VpcId ?? "";
  account.service.seed({ kind: "security-group", groupId: "sg-12345678", vpcId: other });
  account.service.seed({ kind: "security-group", groupId: "sg-87654321", vpcId: other, name: "default" });
  const wear = () => aws("CreateNetworkInterface", { SubnetId: subnetId, Groups: ["sg-12345678"] });
  const associate = (GroupId: string) => aws("AssociateSecurityGroupVpc", { GroupId, VpcId: vpcId });

  expect(await errorOf(wear())).toMatchObject({ code: "InvalidParameter" });
  expect(await associate("sg-12345678")).toEqual({ State: "associating" });
  expect((await wear()).NetworkInterface?.Groups).toMatchObject([{ GroupId: "sg-12345678" }]);
  expect(await errorOf(associate("sg-87654321"))).toMatchObject({ code: "InvalidParameterValue" });
  expect(await errorOf(aws("DisassociateSecurityGroupVpc", { GroupId: "sg-12345678", VpcId: vpcId }))).toMatchObject({
    code: "DependencyViolation",
  });
});

/** Two instances of a VPC: one wears `masters`, the other `nodes`. */
async function mastersAndNodes(account: Account) {
  const { vpcId, subnetId } = await smallNetwork(account);
  const masters = await groupIn(account, vpcId, "masters");
  const nodes = await groupIn(account, vpcId, "nodes");
  const master = await launch(account, { SubnetId: subnetId, SecurityGroupIds: [masters] });
  const node = await launch(account, { SubnetId: subnetId, SecurityGroupIds: [nodes] });
  await settle(account);
  return { subnetId, masters, nodes, master, node };
}

const everything = { protocol: "-1", from: -1, to: -1, peers: ["0.0.0.0/0"] };

test("R15: a host enforces the rules of its groups from its launch on, with groups as their members' addresses", async () => {
  const account = freshAccount();
  const { masters, nodes, master, node } = await mastersAndNodes(account);
  const firewall = () => account.hosts.hosts.get(master.InstanceId ?? "")?.firewall;

  expect(firewall()).toEqual({ ingress: [], egress: [everything] });

  const etcd = { IpProtocol: "tcp", FromPort: 2379, ToPort: 2380, UserIdGroupPairs: [{ GroupId: nodes }] };
  await account.aws("AuthorizeSecurityGroupIngress", { GroupId: masters, IpPermissions: [etcd, https] });
  await settle(account);

  expect(firewall()?.ingress).toEqual([
    { protocol: "tcp", from: 2379, to: 2380, peers: [`${node.PrivateIpAddress}/32`] },
    { protocol: "tcp", from: 443, to: 443, peers: ["10.0.0.0/8"] },
  ]);

  await account.aws("RevokeSecurityGroupIngress", { GroupId: masters, IpPermissions: [https] });
  await account.aws("RevokeSecurityGroupEgress", {
    GroupId: masters,
    IpPermissions: [{ IpProtocol: "-1", IpRanges: [{ CidrIp: "0.0.0.0/0" }] }],
  });
  await settle(account);

  expect(firewall()).toEqual({
    ingress: [{ protocol: "tcp", from: 2379, to: 2380, peers: [`${node.PrivateIpAddress}/32`] }],
    egress: [],
  });
});

test("R15: hosts learn of members that come and go, and of their own interface's other groups", async () => {
  const account = freshAccount();
  const { subnetId, masters, nodes, master, node } = await mastersAndNodes(account);
  const fromNodes = { IpProtocol: "udp", FromPort: 1, ToPort: 65_535, UserIdGroupPairs: [{ GroupId: nodes }] };
  await account.aws("AuthorizeSecurityGroupIngress", { GroupId: masters, IpPermissions: [fromNodes] });
  const peers = () => account.hosts.hosts.get(master.InstanceId ?? "")?.firewall?.ingress.map((rule) => rule.peers);

  const second = await launch(account, { SubnetId: subnetId, SecurityGroupIds: [nodes] });
  await settle(account);
  expect(peers()).toEqual([[`${node.PrivateIpAddress}/32`, `${second.PrivateIpAddress}/32`]]);

  await account.aws("TerminateInstances", { InstanceIds: [node.InstanceId ?? ""] });
  await settle(account);
  expect(peers()).toEqual([[`${second.PrivateIpAddress}/32`]]);

  await account.aws("ModifyInstanceAttribute", { InstanceId: master.InstanceId, Groups: [nodes] });
  await settle(account);
  expect(peers()).toEqual([]);
});

test("R15: a balancer's groups see private addresses, or from the internet those of NAT gateways and of interfaces", async () => {
  const account = freshAccount();
  const { subnetId, nodes, node } = await mastersAndNodes(account);
  const { vpcId } = await networkOf(account, subnetId);
  const clients = (isPublic: boolean) =>
    account.service.balancerClients({ vpcId, groupIds: [nodes], port: 443, isPublic });
  await account.aws("AuthorizeSecurityGroupIngress", {
    GroupId: nodes,
    IpPermissions: [{ ...https, IpRanges: [{ CidrIp: `${node.PrivateIpAddress}/32` }] }],
  });

  expect(clients(false)).toEqual([node.PrivateIpAddress]);
  expect(clients(true)).toEqual([]);

  const publicIp = await behindNat(account, { vpcId, subnetId });
  await account.aws("AuthorizeSecurityGroupIngress", {
    GroupId: nodes,
    IpPermissions: [{ ...https, IpRanges: [{ CidrIp: `${publicIp}/32` }] }],
  });

  expect(clients(true)).toContain(node.PrivateIpAddress);
});

async function networkOf({ aws }: Account, subnetId: string): Promise<{ vpcId: string }> {
  const { Subnets } = await aws("DescribeSubnets", { SubnetIds: [subnetId] });
  return { vpcId: Subnets?.[0]?.VpcId ?? "" };
}

/** Gives a subnet a NAT gateway as its way out, and resolves with the address that the internet sees. */
async function behindNat(account: Account, { vpcId, subnetId }: { vpcId: string; subnetId: string }): Promise<string> {
  const { aws } = account;
  const gateway = (await aws("CreateInternetGateway", {})).InternetGateway?.InternetGatewayId ?? "";
  await aws("AttachInternetGateway", { InternetGatewayId: gateway, VpcId: vpcId });
  const { AllocationId, PublicIp = "" } = await aws("AllocateAddress", {});
  const { NatGateway } = await aws("CreateNatGateway", { SubnetId: subnetId, AllocationId });
  await settle(account);
  const { RouteTable } = await aws("CreateRouteTable", { VpcId: vpcId });
  const RouteTableId = RouteTable?.RouteTableId ?? "";
  await aws("AssociateRouteTable", { RouteTableId, SubnetId: subnetId });
  await aws("CreateRoute", {
    RouteTableId,
    DestinationCidrBlock: "0.0.0.0/0",
    NatGatewayId: NatGateway?.NatGatewayId ?? "",
  });
  return PublicIp;
}
