import {
  DeleteLifecycleHookCommand,
  DescribeAutoScalingGroupsCommand,
  UpdateAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
import {
  AuthorizeSecurityGroupIngressCommand,
  DeleteLaunchTemplateCommand,
  DeleteNatGatewayCommand,
  DeleteRouteCommand,
  DescribeLaunchTemplatesCommand,
  DescribeNatGatewaysCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  type IpPermission,
  RevokeSecurityGroupIngressCommand,
} from "@aws-sdk/client-ec2";
import {
  DeleteListenerCommand,
  DeregisterTargetsCommand,
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { DeleteRolePolicyCommand, IAMClient, ListRolesCommand } from "@aws-sdk/client-iam";
import { DeleteParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, type Scenario, startScenario } from "../support/scenario.ts";

const NAME = "drift.example.com";
const ZONE = "us-west-2a";

let scenario: Scenario;
let elb: ElasticLoadBalancingV2Client;
let settings: ConstructorParameters<typeof IAMClient>[0] & object;
beforeAll(async () => {
  scenario = await startScenario({ hosts: "simulated" });
  const flags = ["--zones", ZONE, "--node-count", "1", "--topology", "private", "--yes", "--wait"];
  const { code, stderr } = await scenario.holdfast("create", "cluster", NAME, ...flags);
  if (code !== 0) throw new Error(stderr);
  const { aws: endpoint, region } = scenario.cloud.endpoints;
  settings = { endpoint, region, credentials: { accessKeyId: "holdfast", secretAccessKey: "holdfast" } };
  elb = new ElasticLoadBalancingV2Client(settings);
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});

const owned = [{ Name: "tag:holdfast:cluster", Values: [NAME] }];

/** Sentences of the cluster's history of this type. */
async function reported(type: string): Promise<string[]> {
  const { stdout } = await scenario.holdfast("get", "events", NAME, "-o", "json");
  const items: { type: string; message: string }[] = JSON.parse(stdout).items;
  return items.filter((item) => item.type === type).map(({ message }) => message);
}

async function validated(): Promise<{ code: number; text: string }> {
  const { code, stdout } = await scenario.holdfast("validate", "cluster", NAME);
  return { code, text: stdout };
}

async function targets(): Promise<{ arn: string | undefined; states: string[] }> {
  const { TargetGroups = [] } = await elb.send(new DescribeTargetGroupsCommand({}));
  const arn = TargetGroups[0]?.TargetGroupArn;
  const { TargetHealthDescriptions = [] } = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: arn }));
  return { arn, states: TargetHealthDescriptions.map(({ TargetHealth }) => String(TargetHealth?.State)) };
}

async function mastersGroup(): Promise<string> {
  const Filters = [{ Name: "group-name", Values: [`masters.${NAME}`] }];
  const { SecurityGroups = [] } = await scenario.ec2.send(new DescribeSecurityGroupsCommand({ Filters }));
  return SecurityGroups[0]?.GroupId ?? "";
}

async function autoScalingGroup(prefix: string): Promise<string> {
  const { AutoScalingGroups = [] } = await scenario.autoScaling.send(new DescribeAutoScalingGroupsCommand({}));
  return (
    AutoScalingGroups.map(({ AutoScalingGroupName = "" }) => AutoScalingGroupName).find((name) =>
      name.startsWith(prefix),
    ) ?? ""
  );
}

test("U2: a target that was deregistered is registered again by the next reconcile, and the history says so", async () => {
  const { arn } = await targets();
  const [member] = (await scenario.cluster(NAME)).members;
  const Targets = [{ Id: member?.address }];
  await elb.send(new DeregisterTargetsCommand({ TargetGroupArn: arn, Targets }));

  await scenario.reconcile();

  await eventually(targets, ({ states }) => states.join() === "healthy", 20_000);
  expect(await reported("target-registered")).toEqual([
    `Master a (${member?.address}) was not registered with the API's load balancer; it is registered again.`,
  ]);
  await eventually(validated, ({ code }) => code === 0, 60_000);
});

test("U2: a rule that was revoked is reported once, shown by validate, and reported again once it is back", async () => {
  const GroupId = await mastersGroup();
  const { SecurityGroups = [] } = await scenario.ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [GroupId] }));
  const rule = SecurityGroups[0]?.IpPermissions?.find(({ IpProtocol }) => IpProtocol === "udp");
  const IpPermissions: IpPermission[] = [
    {
      IpProtocol: "udp",
      FromPort: 1,
      ToPort: 65_535,
      UserIdGroupPairs: [{ GroupId: rule?.UserIdGroupPairs?.[0]?.GroupId }],
    },
  ];
  await scenario.ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
  const phrase = `ecurity group ${GroupId} (masters) lacks the rule "overlay network and DNS": UDP 1-65535 from nodes`;

  await scenario.reconcile();
  await scenario.reconcile();

  expect((await reported("drift-found")).filter((message) => message.includes("lacks"))).toEqual([`S${phrase}.`]);
  expect(await validated()).toMatchObject({ code: 1, text: expect.stringContaining(`s${phrase}`) });

  await scenario.ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
  await scenario.reconcile();
  await scenario.reconcile();

  expect((await reported("drift-cleared")).filter((message) => message.includes("lacks"))).toEqual([
    `Right again: s${phrase}.`,
  ]);
});

test("R14: a NAT gateway and a route that are gone are reported once each", async () => {
  const [{ NatGateways = [] }, { RouteTables = [] }] = await Promise.all([
    scenario.ec2.send(new DescribeNatGatewaysCommand({ Filter: owned })),
    scenario.ec2.send(new DescribeRouteTablesCommand({ Filters: owned })),
  ]);
  const open = RouteTables.find(({ Routes = [] }) => Routes.some(({ GatewayId }) => GatewayId?.startsWith("igw-")));
  await scenario.ec2.send(new DeleteNatGatewayCommand({ NatGatewayId: NatGateways[0]?.NatGatewayId }));
  await scenario.ec2.send(
    new DeleteRouteCommand({ RouteTableId: open?.RouteTableId, DestinationCidrBlock: "0.0.0.0/0" }),
  );

  await scenario.reconcile();
  await scenario.reconcile();

  const found = (await reported("drift-found")).filter((message) => !message.includes("lacks"));
  expect(found.filter((message) => /NAT|oute/.test(message))).toEqual([
    `The NAT gateway of ${ZONE} is gone: its machines have no way out.`,
    "Route table public has no default route that leads anywhere.",
  ]);
});

test("R4, U2: what a repair would need is missed before it is needed", async () => {
  const nodes = await autoScalingGroup("nodes-");
  const master = await autoScalingGroup("a.masters.");
  const [{ LaunchTemplates = [] }, { Roles = [] }, { LoadBalancers = [] }] = await Promise.all([
    scenario.ec2.send(new DescribeLaunchTemplatesCommand({ Filters: owned })),
    new IAMClient(settings).send(new ListRolesCommand({ PathPrefix: "/holdfast/" })),
    elb.send(new DescribeLoadBalancersCommand({})),
  ]);
  const template = LaunchTemplates.find(({ LaunchTemplateName }) => LaunchTemplateName?.startsWith("nodes."));
  const role = Roles.find(({ RoleName }) => RoleName?.includes("-nodes-"))?.RoleName ?? "";
  const { Listeners = [] } = await elb.send(
    new DescribeListenersCommand({ LoadBalancerArn: LoadBalancers[0]?.LoadBalancerArn }),
  );
  const parameter = `/holdfast/${NAME}/masters/a-volume`;
  await scenario.autoScaling.send(
    new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: nodes, MinSize: 0, MaxSize: 0, DesiredCapacity: 0 }),
  );
  await scenario.autoScaling.send(
    new DeleteLifecycleHookCommand({ AutoScalingGroupName: master, LifecycleHookName: "member-healthy" }),
  );
  await scenario.ec2.send(new DeleteLaunchTemplateCommand({ LaunchTemplateId: template?.LaunchTemplateId }));
  await new IAMClient(settings).send(new DeleteRolePolicyCommand({ RoleName: role, PolicyName: "cluster" }));
  await elb.send(new DeleteListenerCommand({ ListenerArn: Listeners[0]?.ListenerArn }));
  await new SSMClient(settings).send(new DeleteParameterCommand({ Name: parameter }));
  const denied = { code: "UnauthorizedOperation", message: "not now", count: 1 };
  await scenario.holdfast(
    "local",
    "fault",
    "api",
    "error",
    "ec2:DescribeRouteTables",
    "--json",
    JSON.stringify(denied),
  );

  await scenario.reconcile();
  const first = await reported("drift-found");
  await scenario.reconcile();
  const second = await reported("drift-found");

  // It lies in the area that could not be read the first time.
  const hidden = `Launch template ${template?.LaunchTemplateName} is gone, or has lost its tags.`;
  const expected = [
    `Auto Scaling group ${master} has no launch hook.`,
    `Auto Scaling group ${nodes} has min 0, max 0, desired 0; asked for are 1.`,
    hidden,
    "No listener of the API's load balancer forwards to the masters: the API is unreachable.",
    `Parameter ${parameter} is gone.`,
    `Role ${role} has lost its policy.`,
  ];
  expect(first.filter((message) => expected.includes(message)).toSorted()).toEqual(
    expected.filter((message) => message !== hidden),
  );
  expect(second.filter((message) => expected.includes(message)).toSorted()).toEqual(expected);
  const { code, text } = await validated();
  expect(code).toBe(1);
  expect(text).toContain("the NAT gateway of us-west-2a is gone");
  expect(text).toContain("no listener of the API's load balancer");
});
