import { DescribeAutoScalingGroupsCommand } from "@aws-sdk/client-auto-scaling";
import { CloudWatchLogsClient, DescribeLogStreamsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { DescribeInstancesCommand, DescribeSecurityGroupsCommand } from "@aws-sdk/client-ec2";
import {
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { EventBridgeClient, ListRulesCommand, ListTargetsByRuleCommand } from "@aws-sdk/client-eventbridge";
import { IAMClient, ListRolePoliciesCommand } from "@aws-sdk/client-iam";
import { CreateHostedZoneCommand, Route53Client } from "@aws-sdk/client-route-53";
import { ListExecutionsCommand, SFNClient } from "@aws-sdk/client-sfn";
import { DescribeParametersCommand, ListCommandInvocationsCommand, SSMClient } from "@aws-sdk/client-ssm";
import { CREATE } from "../create.ts";
import type { Scenario } from "../scenario.ts";

/** What `$NAME` stands for in the operator's calls. */
export type Names = Readonly<Record<string, string>>;

export const CLUSTER = "prod.example.com";

/** What the clients of this account are made with. */
export function clientSettings({ cloud }: Scenario) {
  return {
    endpoint: cloud.endpoints.aws,
    region: cloud.endpoints.region,
    credentials: { accessKeyId: "holdfast", secretAccessKey: "holdfast" },
  };
}

/** Makes an account like an operator's: a cluster of three masters and a node, a hosted zone, a command that ran. */
export async function prepareAccount(scenario: Scenario): Promise<Names> {
  const settings = clientSettings(scenario);
  const { HostedZone } = await new Route53Client(settings).send(
    new CreateHostedZoneCommand({ Name: "example.com", CallerReference: "operator-calls" }),
  );
  const { code, stderr } = await scenario.holdfast(...CREATE, CLUSTER, "--yes", "--wait");
  if (code !== 0) throw new Error(stderr);
  await scenario.reconcile();
  const [stack, compute, balancing, commands] = await Promise.all([
    stackNames(scenario),
    computeNames(scenario),
    balancingNames(scenario),
    commandNames(scenario),
  ]);
  return {
    ZONE: HostedZone?.Id?.replace("/hostedzone/", "") ?? "",
    ...times(),
    ...stack,
    ...compute,
    ...balancing,
    ...commands,
  };
}

function times(): Names {
  const text = (time: number): string => new Date(time).toISOString().replace(/\.\d+Z$/, "Z");
  return { HOUR_AGO: text(Date.now() - 3_600_000), SOON: text(Date.now() + 300_000) };
}

/** Physical names of the stack's resources, and what belongs to them. */
async function stackNames(scenario: Scenario): Promise<Names> {
  const settings = clientSettings(scenario);
  const { lambda } = scenario.cloud.services;
  const { resources } = scenario.cloud.stack;
  // CDK appends eight hexadecimal digits to the name of a construct.
  const logical = (name: string): string =>
    [...resources.keys()].find((id) => id.slice(0, -8) === name && /[0-9A-F]{8}$/.test(id)) ?? "";
  const ref = (part: string): string => resources.get(logical(part))?.ref ?? "";
  const arn = (part: string): string => resources.get(logical(part))?.attributes["Arn"] ?? "";
  const FUNCTION = ref("reconcileFunction");
  const functionLog = lambda.find(FUNCTION)?.logGroup ?? "";
  const { logStreams = [] } = await new CloudWatchLogsClient(settings).send(
    new DescribeLogStreamsCommand({ logGroupName: functionLog, orderBy: "LastEventTime" }),
  );
  const ownStream = logStreams.find(({ logStreamName = "" }) => logStreamName.includes(FUNCTION));
  const { executions = [] } = await new SFNClient(settings).send(
    new ListExecutionsCommand({ stateMachineArn: ref("CreateClusterMachine") }),
  );
  const ROLE = ref("reconcileRole");
  const { PolicyNames = [] } = await new IAMClient(settings).send(new ListRolePoliciesCommand({ RoleName: ROLE }));
  return {
    FUNCTION,
    FUNCTION_ARN: arn("reconcileFunction"),
    FUNCTION_LOG: functionLog,
    FUNCTION_LOG_ARN: `arn:aws:logs:us-west-2:123456789012:log-group:${functionLog}`,
    FUNCTION_STREAM: ownStream?.logStreamName ?? "",
    ASYNC_FUNCTION: lambda.list().find(({ name }) => lambda.asyncPolicyOf(name))?.name ?? "",
    STEP_FUNCTION: ref("createidentityFunction"),
    FLOW: ref("CreateClusterMachine"),
    FLOW_LOG: ref("createclusterlog"),
    EXECUTION: executions[0]?.executionArn ?? "",
    ACCESS_LOG: ref("HttpAccessLog"),
    ...(await ruleNames(scenario)),
    ROLE,
    ROLE_ARN: arn("reconcileRole"),
    ROLE_POLICY: PolicyNames[0] ?? "",
    POLICY_ARN: ref("BoundaryPolicy"),
    API: ref("HttpApi"),
    TABLE: ref("ClustersTable"),
    TABLE_ARN: arn("ClustersTable"),
    KEY: ref("SecretsKey"),
    BUCKET: ref("BackupsBucket"),
    QUEUE: `${scenario.cloud.endpoints.aws}/123456789012/${ref("MasterEventsUndelivered").split("/").at(-1)}`,
    QUEUE_NAME: ref("MasterEventsUndelivered").split("/").at(-1) ?? "",
    TOPIC: ref("AlarmsTopic"),
    ALARM: ref("RepairAlarmsDegradedAlarm"),
    ALARM_ARN: arn("RepairAlarmsDegradedAlarm"),
    DASHBOARD: ref("OverviewDashboard"),
    LOGICAL: logical("HttpApi"),
  };
}

async function ruleNames(scenario: Scenario): Promise<Names> {
  const events = new EventBridgeClient(clientSettings(scenario));
  const { Rules = [] } = await events.send(new ListRulesCommand());
  const rule = Rules.find(({ Name = "" }) => Name.includes("reconcile") || Name.includes("Reconcile")) ?? Rules[0];
  const { Targets = [] } = await events.send(new ListTargetsByRuleCommand({ Rule: rule?.Name }));
  return { RULE: rule?.Name ?? "", RULE_ARN: rule?.Arn ?? "", RULE_TARGET: Targets[0]?.Arn ?? "" };
}

async function computeNames(scenario: Scenario): Promise<Names> {
  const { ec2, autoScaling } = scenario;
  const running = [{ Name: "instance-state-name", Values: ["running"] }];
  const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ Filters: running }));
  const instances = Reservations.flatMap(({ Instances = [] }) => Instances);
  const { AutoScalingGroups = [] } = await autoScaling.send(new DescribeAutoScalingGroupsCommand());
  const nodes = AutoScalingGroups.find(({ TargetGroupARNs = [] }) => TargetGroupARNs.length > 0);
  const group = nodes ?? AutoScalingGroups[0];
  const member = instances.find(({ InstanceId }) => InstanceId === group?.Instances?.[0]?.InstanceId) ?? instances[0];
  const { SecurityGroups = [] } = await ec2.send(new DescribeSecurityGroupsCommand());
  return {
    INSTANCE: member?.InstanceId ?? "",
    PROFILE: member?.IamInstanceProfile?.Arn?.split("/").at(-1) ?? "",
    VOLUME: member?.BlockDeviceMappings?.at(-1)?.Ebs?.VolumeId ?? "",
    VPC: member?.VpcId ?? "",
    SUBNET: member?.SubnetId ?? "",
    GROUP: group?.AutoScalingGroupName ?? "",
    TEMPLATE: group?.LaunchTemplate?.LaunchTemplateId ?? "",
    SECURITY_GROUP:
      SecurityGroups.find(({ VpcId, GroupName }) => VpcId === member?.VpcId && GroupName !== "default")?.GroupId ?? "",
  };
}

async function balancingNames(scenario: Scenario): Promise<Names> {
  const elb = new ElasticLoadBalancingV2Client(clientSettings(scenario));
  const { LoadBalancers = [] } = await elb.send(new DescribeLoadBalancersCommand());
  const BALANCER = LoadBalancers[0]?.LoadBalancerArn ?? "";
  const [{ Listeners = [] }, { TargetGroups = [] }] = await Promise.all([
    elb.send(new DescribeListenersCommand({ LoadBalancerArn: BALANCER })),
    elb.send(new DescribeTargetGroupsCommand({ LoadBalancerArn: BALANCER })),
  ]);
  return {
    BALANCER,
    LISTENER: Listeners[0]?.ListenerArn ?? "",
    TARGETS: TargetGroups[0]?.TargetGroupArn ?? "",
  };
}

async function commandNames(scenario: Scenario): Promise<Names> {
  const ssm = new SSMClient(clientSettings(scenario));
  const { Parameters = [] } = await ssm.send(new DescribeParametersCommand());
  const DOCUMENT = [...scenario.cloud.stack.resources].find(([id]) => id.startsWith("MemberStatus"))?.[1].ref;
  const documents = [...scenario.cloud.stack.resources]
    .filter(([id]) => id.includes("Document"))
    .map(([, { ref }]) => ref);
  const { CommandInvocations = [] } = await ssm.send(new ListCommandInvocationsCommand());
  const [done] = CommandInvocations.filter(({ Status }) => Status === "Success");
  return {
    PARAMETER: Parameters.find(({ Name = "", Version }) => Name.startsWith("/holdfast") && Version === 1)?.Name ?? "",
    DOCUMENT: DOCUMENT ?? documents[0] ?? "",
    COMMAND: done?.CommandId ?? "",
    COMMAND_INSTANCE: done?.InstanceId ?? "",
  };
}
