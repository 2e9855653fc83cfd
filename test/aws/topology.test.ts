import {
  CreateSecurityGroupCommand,
  CreateVpcCommand,
  DescribeAddressesCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupsCommand,
  DescribeVolumesCommand,
  type Tag,
} from "@aws-sdk/client-ec2";
import {
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TAG } from "../../functions/domain/cluster/naming.ts";
import { memberOf, memberReplaced, type Scenario, startScenario } from "../support/scenario.ts";

/** Both topologies with one and with three masters, in an account where an address is lent to new interfaces only. */
const ZONES = "us-west-2a,us-west-2b,us-west-2c";
let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario({ hosts: "simulated" });
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});

const UBUNTU = "099720109477/ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20261101";

async function create(name: string, topology: string, masterZones: string, ...more: string[]) {
  const shape = ["--zones", ZONES, "--master-zones", masterZones, "--node-count", "1", "--topology", topology];
  const { code, stderr } = await scenario.holdfast("create", "cluster", ...shape, name, ...more, "--yes", "--wait");
  return { code, stderr, status: (await scenario.cluster(name)).status };
}

/** Elastic IPs by the logical names in their tags: which interface each belongs to. */
async function addressesOf(uid: string): Promise<Record<string, string | undefined>> {
  const Filters = [{ Name: `tag:${TAG.uid}`, Values: [uid] }];
  const { Addresses = [] } = await scenario.ec2.send(new DescribeAddressesCommand({ Filters }));
  const nameOf = (tags: Tag[] = []) => tags.find(({ Key }) => Key === TAG.resource)?.Value ?? "";
  return Object.fromEntries(Addresses.map(({ Tags, NetworkInterfaceId }) => [nameOf(Tags), NetworkInterfaceId]));
}

async function uidOf(name: string): Promise<string> {
  const { Volumes = [] } = await scenario.ec2.send(
    new DescribeVolumesCommand({ Filters: [{ Name: `tag:${TAG.cluster}`, Values: [name] }] }),
  );
  return Volumes[0]?.Tags?.find(({ Key }) => Key === TAG.uid)?.Value ?? "";
}

async function interfaceOf(instanceId: string | null): Promise<string | undefined> {
  const Filters = [{ Name: "attachment.instance-id", Values: [instanceId ?? ""] }];
  const { NetworkInterfaces = [] } = await scenario.ec2.send(new DescribeNetworkInterfacesCommand({ Filters }));
  return NetworkInterfaces[0]?.NetworkInterfaceId;
}

test("B1: both topologies become ACTIVE, with one master and with three", async () => {
  const results = await Promise.all([
    create("public-three.example.com", "public", ZONES),
    create("public-one.example.com", "public", "us-west-2a"),
    create("private-three.example.com", "private", ZONES),
    create("private-one.example.com", "private", "us-west-2a", "--image", UBUNTU),
  ]);

  expect(results).toEqual(Array(4).fill({ code: 0, stderr: expect.any(String), status: "ACTIVE" }));
});

test("B1: a master keeps its Elastic IP when its instance is replaced, and deletion releases all of them", async () => {
  const name = "public-three.example.com";
  const uid = await uidOf(name);
  const addresses = await addressesOf(uid);
  const before = memberOf(await scenario.cluster(name), "b");
  expect(Object.keys(addresses).toSorted()).toEqual(["address/master-a", "address/master-b", "address/master-c"]);
  expect(addresses["address/master-b"]).toBe(await interfaceOf(before.instanceId));

  await scenario.terminate(before.instanceId ?? "");
  const after = memberOf(await memberReplaced(scenario, name, before, 60_000), "b");
  expect(await addressesOf(uid)).toEqual(addresses);
  expect(await interfaceOf(after.instanceId)).toBe(addresses["address/master-b"]);

  const { code } = await scenario.holdfast("delete", "cluster", name, "--yes", "--wait");
  expect(code).toBe(0);
  expect(await addressesOf(uid)).toEqual({});
});

test("M10: an image that calls its root /dev/sda1 gets one volume an instance, as large as planned and encrypted", async () => {
  const Filters = [{ Name: `tag:${TAG.cluster}`, Values: ["private-one.example.com"] }];
  const { Volumes = [] } = await scenario.ec2.send(new DescribeVolumesCommand({ Filters }));
  const found = Volumes.map(({ Tags = [], Size, Encrypted, Attachments: [attachment] = [] }) => [
    Tags.find(({ Key }) => Key === TAG.resource)?.Value,
    Size,
    Encrypted,
    attachment?.Device,
  ]);

  expect(found.toSorted()).toEqual([
    ["root-of/master-a", 64, true, "/dev/sda1"],
    ["root-of/node", 128, true, "/dev/sda1"],
    ["volume/a", 20, true, expect.any(String)],
  ]);
});

test("MINOR 8: the load balancer, which has interfaces in the masters' subnets, took none of their addresses", async () => {
  const { members } = await scenario.cluster("public-one.example.com");
  const Filters = [{ Name: "description", Values: ["ELB net/hf-public-one-exampl*"] }];
  const { NetworkInterfaces = [] } = await scenario.ec2.send(new DescribeNetworkInterfacesCommand({ Filters }));

  expect(members.map(({ address }) => address)).toEqual(["172.20.0.10"]);
  expect(NetworkInterfaces.map(({ PrivateIpAddress }) => PrivateIpAddress).toSorted()).toEqual([
    "172.20.0.11",
    "172.20.128.10",
    "172.20.64.10",
  ]);
});

test("MINOR 1: each address of the API's load balancer forwards to the masters of all zones", async () => {
  const client = {
    endpoint: scenario.cloud.endpoints.aws,
    region: scenario.cloud.endpoints.region,
    credentials: { accessKeyId: "holdfast", secretAccessKey: "holdfast" },
  };
  const elb = new ElasticLoadBalancingV2Client(client);
  const { TargetGroups = [] } = await elb.send(new DescribeTargetGroupsCommand({}));
  const group = TargetGroups.find(({ TargetGroupName = "" }) => TargetGroupName.startsWith("hf-private-three"));
  const { Attributes = [] } = await elb.send(
    new DescribeTargetGroupAttributesCommand({ TargetGroupArn: group?.TargetGroupArn }),
  );

  expect(Attributes).toContainEqual({ Key: "load_balancing.cross_zone.enabled", Value: "true" });
  // F4: a silent master gets no new connection after two checks.
  const checks = { HealthCheckIntervalSeconds: 5, HealthCheckTimeoutSeconds: 4, UnhealthyThresholdCount: 2 };
  expect(group).toMatchObject(checks);
});

test("MINOR 9: a default group is refused; with a group of the user's a creation that failed continues", async () => {
  const { Vpc } = await scenario.ec2.send(new CreateVpcCommand({ CidrBlock: "10.9.0.0/16" }));
  const VpcId = Vpc?.VpcId;
  const { SecurityGroups = [] } = await scenario.ec2.send(
    new DescribeSecurityGroupsCommand({ Filters: [{ Name: "vpc-id", Values: [VpcId ?? ""] }] }),
  );
  const request = new CreateSecurityGroupCommand({ VpcId, GroupName: "mine", Description: "of the user" });
  const { GroupId = "" } = await scenario.ec2.send(request);
  const name = "groups.example.com";
  const createWith = (group: string) =>
    create(name, "public", "us-west-2a", "--master-security-groups", group, "--node-security-groups", group);
  const refused = await scenario.holdfast(
    ...[
      "create",
      "cluster",
      name,
      "--zones",
      "us-west-2a",
      "--master-security-groups",
      SecurityGroups[0]?.GroupId ?? "",
    ],
  );
  await scenario.holdfast("local", "fault", "api", "access-denied", "elasticloadbalancing:CreateLoadBalancer");
  const failed = await createWith(GroupId);
  await scenario.holdfast("local", "fault", "clear");
  const { code, status } = await createWith(GroupId);

  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("is the default group of its VPC") });
  expect(failed).toMatchObject({ code: 1, status: "FAILED" });
  expect([code, status]).toEqual([0, "ACTIVE"]);
  const { members } = await scenario.cluster(name);
  const { NetworkInterfaces = [] } = await scenario.ec2.send(
    new DescribeNetworkInterfacesCommand({
      Filters: [{ Name: "attachment.instance-id", Values: [members[0]?.instanceId ?? ""] }],
    }),
  );
  expect(NetworkInterfaces[0]?.Groups?.map((group) => group.GroupId)).toContain(GroupId);
});
