import {
  DescribeInstancesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
} from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, expect, test } from "vitest";
import { memberOf, memberReplaced, type Scenario, startScenario } from "../support/scenario.ts";

const NAME = "full.example.com";
const [A, B, C] = ["us-west-2a", "us-west-2b", "us-west-2c"] as const;

let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario({ hosts: "simulated", workflowSpeed: 20 });
  const internal = ["--api-loadbalancer-type", "internal", "--admin-access", "203.0.113.0/24"];
  await holdfast("create", "cluster", NAME, "--zones", A, "--node-count", "1", ...internal, "--yes", "--wait");
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});

async function holdfast(...words: string[]): Promise<void> {
  const { code, stderr } = await scenario.holdfast(...words);
  if (code !== 0) throw new Error(stderr);
}

const Filters = [{ Name: "tag:holdfast:cluster", Values: [NAME] }];

test("18: another size replaces the master in its zone, and names it by the next letter", async () => {
  await holdfast("migrate", "cluster", NAME, "--master-zones", A, "--master-size", "m5.large", "--yes", "--wait");

  const after = await scenario.cluster(NAME);
  expect(after).toMatchObject({ status: "ACTIVE", quorum: { size: 1, healthy: 1 }, spec: { masterSize: "m5.large" } });
  expect(after.members.map(({ name, zone }) => `${name} ${zone}`)).toEqual([`b ${A}`]);
  const InstanceIds = [memberOf(after, "b").instanceId ?? ""];
  const { Reservations = [] } = await scenario.ec2.send(new DescribeInstancesCommand({ InstanceIds }));
  expect(Reservations[0]?.Instances?.[0]?.InstanceType).toBe("m5.large");
});

test("18: a cluster whose subnet fills its VPC goes from one zone to three", async () => {
  await holdfast("migrate", "cluster", NAME, "--master-zones", [A, B, C].join(","), "--yes", "--wait");

  const after = await scenario.cluster(NAME);
  expect(after).toMatchObject({ status: "ACTIVE", quorum: { size: 3, healthy: 3 } });
  expect(after.plan.network).toMatchObject({ cidr: "172.20.0.0/16", furtherCidrs: ["172.21.0.0/16"] });
  const { Vpcs: [vpc] = [] } = await scenario.ec2.send(new DescribeVpcsCommand({ Filters }));
  expect(vpc?.CidrBlockAssociationSet?.map(({ CidrBlock }) => CidrBlock)).toEqual(["172.20.0.0/16", "172.21.0.0/16"]);
  const { Subnets = [] } = await scenario.ec2.send(new DescribeSubnetsCommand({ Filters }));
  expect(Subnets.map(({ CidrBlock, AvailabilityZone }) => `${CidrBlock} ${AvailabilityZone}`).toSorted()).toEqual([
    `172.20.0.0/16 ${A}`,
    `172.21.0.0/19 ${B}`,
    `172.21.32.0/19 ${C}`,
  ]);
});

test("18: security groups let the new block in where they let in the VPC", async () => {
  const { SecurityGroups = [] } = await scenario.ec2.send(new DescribeSecurityGroupsCommand({ Filters }));
  const rules = SecurityGroups.flatMap(({ GroupName, IpPermissions = [] }) =>
    IpPermissions.flatMap(({ FromPort, IpRanges = [] }) =>
      IpRanges.map(({ CidrIp }) => `${GroupName} ${FromPort} ${CidrIp}`),
    ),
  );

  for (const block of ["172.20.0.0/16", "172.21.0.0/16"]) {
    expect(rules).toContain(`masters.${NAME} 6443 ${block}`);
    expect(rules).toContain(`api.${NAME} 443 ${block}`);
  }
});

test("18: a master in the new block is repaired, an update works, and nothing is left after the deletion", async () => {
  const before = await scenario.cluster(NAME);
  await scenario.terminate(memberOf(before, "c").instanceId ?? "");
  const after = await memberReplaced(scenario, NAME, memberOf(before, "c"), 90_000);
  expect(after).toMatchObject({ status: "ACTIVE", quorum: { size: 3, healthy: 3 } });

  await holdfast("update", "cluster", NAME, "--node-count", "2", "--yes", "--wait");
  await holdfast("delete", "cluster", NAME, "--yes", "--wait");

  expect((await scenario.ec2.send(new DescribeVpcsCommand({ Filters }))).Vpcs).toEqual([]);
  expect((await scenario.ec2.send(new DescribeSubnetsCommand({ Filters }))).Subnets).toEqual([]);
});
