import { DescribeSecurityGroupsCommand } from "@aws-sdk/client-ec2";
import {
  DescribeLoadBalancersCommand,
  ElasticLoadBalancingV2Client,
  type LoadBalancer,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Scenario, startScenario } from "../support/scenario.ts";

const ZONES = "us-west-2a,us-west-2b,us-west-2c";

let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario({ hosts: "simulated" });
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});

async function create(name: string, ...flags: string[]) {
  const shape = ["create", "cluster", name, "--zones", ZONES, ...flags, "--yes", "--wait", "-o", "json"];
  const { code, stdout, stderr } = await scenario.holdfast(...shape);
  return { code, stderr, cluster: code === 0 ? JSON.parse(stdout) : undefined };
}

async function balancerOf(name: string): Promise<LoadBalancer | undefined> {
  const { aws: endpoint, region } = scenario.cloud.endpoints;
  const credentials = { accessKeyId: "holdfast", secretAccessKey: "holdfast" };
  const elb = new ElasticLoadBalancingV2Client({ endpoint, region, credentials });
  const { LoadBalancers = [] } = await elb.send(new DescribeLoadBalancersCommand({}));
  return LoadBalancers.find(({ LoadBalancerName }) => LoadBalancerName?.startsWith(`hf-${name}-`));
}

test("with a network of the user's own, a creation ends when the nodes have joined, and says that none is Ready", async () => {
  const { code, stderr, cluster } = await create("own.example.com", "--networking", "cni");

  expect({ code, status: cluster?.status }).toEqual({ code: 0, status: "ACTIVE" });
  expect(cluster.nodes.map(({ ready }: { ready: boolean }) => ready)).toEqual([false, false, false]);
  expect(stderr).toContain("no node is Ready until you have installed one");
});

test("where only some networks may reach the API, its load balancer has a group that says so, and the cluster comes in by its NAT gateways", async () => {
  const access = ["--topology", "private", "--admin-access", "203.0.113.0/24,198.51.100.0/24"];

  const { code } = await create("guarded.example.com", ...access);
  const balancer = await balancerOf("guarded");
  const { SecurityGroups: [group] = [] } = await scenario.ec2.send(
    new DescribeSecurityGroupsCommand({ GroupIds: balancer?.SecurityGroups ?? [] }),
  );

  expect(code).toBe(0);
  expect(balancer).toMatchObject({ Scheme: "internet-facing", SecurityGroups: [expect.stringMatching(/^sg-/)] });
  const rules = (group?.IpPermissions ?? []).flatMap(({ FromPort, ToPort, IpRanges = [] }) =>
    IpRanges.map(({ CidrIp, Description }) => `${FromPort}-${ToPort} ${Description} ${CidrIp}`),
  );
  expect(rules.filter((rule) => rule.includes("administrators"))).toEqual([
    "443-443 administrators 203.0.113.0/24",
    "443-443 administrators 198.51.100.0/24",
  ]);
  expect(rules).toContain("443-443 the cluster itself 172.20.0.0/16");
  expect(rules.filter((rule) => /by a NAT gateway \d+\.\d+\.\d+\.\d+\/32$/.test(rule))).toHaveLength(3);

  const removed = await scenario.holdfast("delete", "cluster", "guarded.example.com", "--yes", "--wait");
  expect(removed).toMatchObject({ code: 0 });
});

test("an internal API has no address of the internet, and its cluster works", async () => {
  const { code, cluster } = await create("inner.example.com", "--api-loadbalancer-type", "internal");

  expect({ code, status: cluster?.status }).toEqual({ code: 0, status: "ACTIVE" });
  expect(await balancerOf("inner")).toMatchObject({ Scheme: "internal", SecurityGroups: [] });
});

test("a cluster whose network needs routes gets it, in a topology that has one table", async () => {
  const { code, cluster } = await create("routed.example.com", "--networking", "kubenet");

  expect({ code, status: cluster?.status }).toEqual({ code: 0, status: "ACTIVE" });
  expect(cluster.nodes.map(({ ready }: { ready: boolean }) => ready)).toEqual([true, true, true]);
});
