import { DeleteItemCommand, DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import {
  CreateNetworkInterfaceCommand,
  CreateSecurityGroupCommand,
  CreateVolumeCommand,
  CreateVpcCommand,
  DeleteNetworkInterfaceCommand,
  DeleteSecurityGroupCommand,
  DescribeSecurityGroupsCommand,
  DescribeSnapshotsCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
} from "@aws-sdk/client-ec2";
import {
  CreateLoadBalancerCommand,
  DeleteLoadBalancerCommand,
  DescribeLoadBalancersCommand,
  ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { DeleteParametersCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import * as z from "zod";
import { compareInventories, type Inventory, takeInventory } from "../support/inventory.ts";
import { eventually, type Scenario, startScenario } from "../support/scenario.ts";

const NAME = "gone.example.com";
const ZONES = ["us-west-2a", "us-west-2b", "us-west-2c"];
const OWNED = { Key: `kubernetes.io/cluster/${NAME}`, Value: "owned" };

let scenario: Scenario;
let before: Inventory;
beforeAll(async () => {
  scenario = await startScenario();
});
beforeEach(() => {
  before = takeInventory(scenario.cloud);
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});

function operator() {
  return {
    endpoint: scenario.cloud.endpoints.aws,
    region: scenario.cloud.endpoints.region,
    credentials: { accessKeyId: "holdfast", secretAccessKey: "holdfast" },
  };
}

function create(...shape: string[]) {
  return scenario.holdfast("create", "cluster", NAME, ...shape, "--yes", "--wait");
}

function remove(...more: string[]) {
  return scenario.holdfast("delete", "cluster", NAME, "--yes", "--wait", ...more);
}

/** What is there beyond what was there, once services have let go of what they hold for a moment longer. */
function differences() {
  return eventually(
    async () => compareInventories(before, takeInventory(scenario.cloud)),
    (found) => found.length === 0,
    5_000,
  ).catch(() => compareInventories(before, takeInventory(scenario.cloud)));
}

async function vpcId(): Promise<string> {
  const { Vpcs = [] } = await scenario.ec2.send(
    new DescribeVpcsCommand({ Filters: [{ Name: "tag:holdfast:cluster", Values: [NAME] }] }),
  );
  return Vpcs[0]?.VpcId ?? "";
}

/** As the cluster's EBS driver tags what it makes. */
async function driverTags() {
  const { Vpcs = [] } = await scenario.ec2.send(
    new DescribeVpcsCommand({ Filters: [{ Name: "tag:holdfast:cluster", Values: [NAME] }] }),
  );
  const uid = Vpcs[0]?.Tags?.find(({ Key }) => Key === "holdfast:uid")?.Value;
  return [
    { Key: "ebs.csi.aws.com/cluster", Value: "true" },
    { Key: "holdfast.dev/cluster-uid", Value: uid },
  ];
}

async function subnetIds(): Promise<string[]> {
  const { Subnets = [] } = await scenario.ec2.send(
    new DescribeSubnetsCommand({ Filters: [{ Name: "tag:holdfast:cluster", Values: [NAME] }] }),
  );
  return Subnets.map(({ SubnetId = "" }) => SubnetId);
}

test.each(["public", "private"].flatMap((topology) => [1, 3, 5].map((masters) => [topology, masters] as const)))(
  "a %s cluster with %i masters leaves nothing",
  async (topology, masters) => {
    const zones = ["--zones", ZONES.join(","), "--master-zones", ZONES.slice(0, Math.min(masters, 3)).join(",")];
    expect(await create(...zones, "--master-count", String(masters), "--topology", topology)).toMatchObject({
      code: 0,
    });

    expect(await remove()).toMatchObject({ code: 0 });

    expect(await differences()).toEqual([]);
  },
);

test.each([
  "ec2:CreateSubnet",
  "ec2:CreateNatGateway",
  "iam:AddRoleToInstanceProfile",
  "elasticloadbalancing:CreateListener",
  "ec2:CreateLaunchTemplate",
  "autoscaling:CreateAutoScalingGroup",
])("after a creation that failed at %s nothing is left", async (call) => {
  await scenario.holdfast("local", "fault", "api", "access-denied", call);
  const created = await create("--zones", "us-west-2a", "--topology", "private");
  await scenario.holdfast("local", "fault", "clear");

  const deleted = await remove();

  expect(created).toMatchObject({ code: 1 });
  expect(deleted).toMatchObject({ code: 0 });
  expect(await differences()).toEqual([]);
});

test("a cluster whose record is lost is found by its tags, its uid is named, and nothing is left", async () => {
  await create("--zones", "us-west-2a");
  const dynamodb = new DynamoDBClient(operator());
  const { TableNames = [] } = await dynamodb.send(new ListTablesCommand({}));
  const Key = { pk: { S: `CLUSTER#${NAME}` }, sk: { S: "META" } };
  await dynamodb.send(new DeleteItemCommand({ TableName: TableNames[0], Key }));

  const preview = await scenario.holdfast("delete", "cluster", NAME);
  const deleted = await remove();

  expect(preview.stdout).toMatch(/^Deleting gone\.example\.com \(uid [0-9a-z]{26}\) removes \d+ resources/);
  expect(deleted).toMatchObject({ code: 0 });
  expect(await differences()).toEqual([]);
});

test("what somebody deleted by hand before is no obstacle", async () => {
  await create("--zones", "us-west-2a");
  const elb = new ElasticLoadBalancingV2Client(operator());
  const { LoadBalancers = [] } = await elb.send(new DescribeLoadBalancersCommand({}));
  await elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: LoadBalancers[0]?.LoadBalancerArn }));
  const path = `/holdfast/${NAME}`;
  await new SSMClient(operator()).send(
    new DeleteParametersCommand({ Names: [`${path}/control/authorities`, `${path}/masters/a`] }),
  );

  expect(await remove()).toMatchObject({ code: 0 });

  expect(await differences()).toEqual([]);
});

test("a foreign interface blocks by name and is not touched; when it is gone, the same command continues", async () => {
  await create("--zones", "us-west-2a");
  const [SubnetId = ""] = await subnetIds();
  const { NetworkInterface } = await scenario.ec2.send(new CreateNetworkInterfaceCommand({ SubnetId }));
  const id = NetworkInterface?.NetworkInterfaceId ?? "";

  const blocked = await remove();

  expect(blocked.code).toBe(1);
  expect(blocked.stderr).toContain("DeletionBlocked");
  expect(blocked.stderr).toContain(`interface ${id} in ${SubnetId} (attached to nothing; owner: account`);
  expect((await scenario.cluster(NAME)).status).toBe("FAILED");
  expect(takeInventory(scenario.cloud)).toContain(`ec2/networkInterfaces/${id}`);

  await scenario.ec2.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId: id }));
  expect(await remove()).toMatchObject({ code: 0 });
  expect(await differences()).toEqual([]);
});

test("what Kubernetes made goes too, and what has its tag elsewhere stays", async () => {
  await create("--zones", "us-west-2a");
  const { ec2 } = scenario;
  const elb = new ElasticLoadBalancingV2Client(operator());
  const [Subnet = ""] = await subnetIds();
  await elb.send(new CreateLoadBalancerCommand({ Name: "a1b2c3", Type: "network", Subnets: [Subnet], Tags: [OWNED] }));
  await ec2.send(
    new CreateVolumeCommand({
      AvailabilityZone: "us-west-2a",
      Size: 1,
      TagSpecifications: [{ ResourceType: "volume", Tags: [OWNED, ...(await driverTags())] }],
    }),
  );
  await ec2.send(
    new CreateNetworkInterfaceCommand({
      SubnetId: Subnet,
      TagSpecifications: [{ ResourceType: "network-interface", Tags: [OWNED] }],
    }),
  );
  const groupIn = async (VpcId: string) => {
    const TagSpecifications = [{ ResourceType: "security-group" as const, Tags: [OWNED] }];
    const request = { VpcId, GroupName: "k8s-elb-a1b2c3", Description: "for Kubernetes", TagSpecifications };
    return (await ec2.send(new CreateSecurityGroupCommand(request))).GroupId ?? "";
  };
  await groupIn(await vpcId());
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: "10.8.0.0/16" }));
  const elsewhere = await groupIn(Vpc?.VpcId ?? "");

  const deleted = await remove();

  expect(deleted).toMatchObject({ code: 0 });
  const came = (await differences()).filter(
    (line) => line.startsWith("+ ec2/securityGroups") && !line.includes(Vpc?.VpcId ?? ""),
  );
  expect(came).toContain(`+ ec2/securityGroups/${elsewhere}`);
  expect(await differences()).not.toContainEqual(expect.stringMatching(/elb\/|volumes\/|nterfaces\//));
  // A name that something of another tool bears is refused (M3).
  expect(await create("--zones", "us-west-2a")).toMatchObject({ code: 2, stderr: expect.stringContaining(elsewhere) });
  await ec2.send(new DeleteSecurityGroupCommand({ GroupId: elsewhere }));
});

test("the user's group loses its association and nothing else", async () => {
  const resources = [{ kind: "security-group", groupId: "sg-12345678" }];
  await scenario.api.post("/_seed", { resources }, z.unknown());
  before = takeInventory(scenario.cloud);
  const created = await create("--zones", "us-west-2a", "--master-security-groups", "sg-12345678");
  expect(created).toMatchObject({ code: 0 });

  expect(await remove()).toMatchObject({ code: 0 });

  const { SecurityGroups } = await scenario.ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: ["sg-12345678"] }));
  expect(SecurityGroups).toHaveLength(1);
  expect(await differences()).toEqual([]);
});

test("a final snapshot is kept, tagged and named", async () => {
  await create("--zones", "us-west-2a");

  const deleted = await remove("--final-snapshot");

  expect({ code: deleted.code, said: deleted.stderr }).toMatchObject({ code: 0 });
  const { Snapshots = [] } = await scenario.ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ["self"] }));
  const events = await scenario.holdfast("get", "events", NAME);
  expect(events.stdout).toContain(`The data of member a is kept as ${Snapshots[0]?.SnapshotId}.`);
  expect(await differences()).toEqual([expect.stringMatching(/^\+ ec2\/snapshots\/snap-\w+ final-snapshot$/)]);
});
