import {
  AuthorizeSecurityGroupIngressCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  type IpPermission,
  RevokeSecurityGroupIngressCommand,
} from "@aws-sdk/client-ec2";
import {
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CREATE } from "../support/create.ts";
import { type Healing, healingOf } from "../support/healing.ts";
import { eventually, type Scenario, startScenario } from "../support/scenario.ts";

const NAME = "groups.example.com";

let scenario: Scenario;
let healing: Healing;
let elb: ElasticLoadBalancingV2Client;
let masters: string;
beforeAll(async () => {
  scenario = await startScenario();
  const { code, stderr } = await scenario.holdfast(...CREATE, NAME, "--yes", "--wait");
  if (code !== 0) throw new Error(stderr);
  healing = await healingOf(scenario, NAME);
  const { aws: endpoint, region } = scenario.cloud.endpoints;
  const credentials = { accessKeyId: "holdfast", secretAccessKey: "holdfast" };
  elb = new ElasticLoadBalancingV2Client({ endpoint, region, credentials });
  const Filters = [{ Name: "group-name", Values: [`masters.${NAME}`] }];
  const { SecurityGroups = [] } = await scenario.ec2.send(new DescribeSecurityGroupsCommand({ Filters }));
  masters = SecurityGroups[0]?.GroupId ?? "";
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});

/** Takes rules of the masters' group away; resolves with what puts them back. */
async function revoke(IpPermissions: IpPermission[]): Promise<() => Promise<void>> {
  await scenario.ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId: masters, IpPermissions }));
  return async () => {
    await scenario.ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: masters, IpPermissions }));
  };
}

async function healthOfTargets(): Promise<string[]> {
  const { TargetGroups = [] } = await elb.send(new DescribeTargetGroupsCommand({}));
  const { TargetGroupArn } = TargetGroups[0] ?? {};
  const { TargetHealthDescriptions = [] } = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
  return TargetHealthDescriptions.map(({ TargetHealth }) => String(TargetHealth?.State));
}

/** Whether a host gets an answer of the API through its load balancer, as nodes do. */
async function apiAnswers(): Promise<boolean> {
  const { endpoint } = await scenario.cluster(NAME);
  const answer = await healing.onHost("a", `curl -sk -m 3 -o /dev/null ${endpoint}/readyz && echo yes || echo no`);
  return answer === "yes";
}

async function etcdAnswers(): Promise<boolean> {
  // A linearizable read: without a majority nobody answers it.
  const read = scenario.etcdctl(NAME, "--command-timeout=3s", "get", "nothing");
  return await read.then(
    () => true,
    () => false,
  );
}

function everyTargetIs(state: string) {
  return (states: string[]) => states.length === 3 && states.every((each) => each === state);
}

test("R15: without the rule that lets the load balancer in, no API server can be reached through it", async () => {
  const Filters = [{ Name: "group-id", Values: [masters] }];
  const { SecurityGroupRules = [] } = await scenario.ec2.send(new DescribeSecurityGroupRulesCommand({ Filters }));
  const rule = SecurityGroupRules.find(({ FromPort, CidrIpv4 }) => FromPort === 6443 && CidrIpv4 !== undefined);
  expect(await apiAnswers()).toBe(true);

  const restore = await revoke([
    { IpProtocol: "tcp", FromPort: 6443, ToPort: 6443, IpRanges: [{ CidrIp: rule?.CidrIpv4 }] },
  ]);

  await eventually(healthOfTargets, everyTargetIs("unhealthy"), 30_000);
  expect(await apiAnswers()).toBe(false);

  await restore();

  await eventually(healthOfTargets, everyTargetIs("healthy"), 30_000);
  expect(await apiAnswers()).toBe(true);
});

test("R15: without the rule between masters etcd has no quorum once connections that it had have ended", async () => {
  expect(await etcdAnswers()).toBe(true);
  const restore = await revoke([{ IpProtocol: "-1", UserIdGroupPairs: [{ GroupId: masters }] }]);
  expect(await etcdAnswers()).toBe(true);

  await Promise.all(
    ["b", "c"].map((member) => healing.onHost(member, "systemctl kill -s KILL etcd || pkill -9 -x etcd")),
  );

  await eventually(etcdAnswers, (answers) => !answers, 30_000);

  await restore();

  await eventually(etcdAnswers, (answers) => answers, 60_000);
  await healing.whole();
});
