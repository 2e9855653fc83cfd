import { DescribeAutoScalingGroupsCommand } from "@aws-sdk/client-auto-scaling";
import { ListExecutionsCommand, ListStateMachinesCommand, SFNClient, StopExecutionCommand } from "@aws-sdk/client-sfn";
import type { ClusterView, OperationView } from "../../functions/domain/api/views.ts";
import { eventually, memberOf, type Scenario } from "./scenario.ts";

/** Puts an event on the bus as AWS would. */
export function say(
  { cloud }: Scenario,
  source: "aws.ec2" | "aws.autoscaling" | "aws.health",
  detailType: string,
  detail: Record<string, unknown>,
): void {
  cloud.context.publish({ source, detailType, resources: [], detail });
}

export function sayState(scenario: Scenario, instanceId: string, state: string): void {
  say(scenario, "aws.ec2", "EC2 Instance State-change Notification", { "instance-id": instanceId, state });
}

/** AWS Health schedules the retirement of an instance. */
export function sayRetirement(scenario: Scenario, instanceId: string): void {
  say(scenario, "aws.health", "AWS Health Event", {
    eventArn: `arn:aws:health:us-west-2::event/EC2/AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED/${instanceId}`,
    service: "EC2",
    eventTypeCode: "AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED",
    eventTypeCategory: "scheduledChange",
    eventScopeCode: "ACCOUNT_SPECIFIC",
    communicationId: `retire-${instanceId}`,
    statusCode: "upcoming",
    affectedEntities: [{ entityValue: instanceId, status: "PENDING" }],
    page: "1",
    totalPages: "1",
  });
}

export async function repairsOf(scenario: Scenario, name: string): Promise<OperationView[]> {
  const { stdout } = await scenario.holdfast("get", "operations", name, "-o", "json");
  return JSON.parse(stdout).items.filter(({ kind }: OperationView) => kind === "repair");
}

/** Whole and free: the next test starts from here. */
export function whole(scenario: Scenario, name: string, withinMs = 60_000): Promise<ClusterView> {
  return eventually(
    () => scenario.cluster(name),
    ({ status, quorum, operation }) => status === "ACTIVE" && quorum.healthy === quorum.size && operation === null,
    withinMs,
  );
}

export function instanceOf(cluster: ClusterView, member: string): string {
  return memberOf(cluster, member).instanceId ?? "";
}

/** Name of a master's group. */
export async function groupOf({ autoScaling }: Scenario, name: string, member: string): Promise<string> {
  const { AutoScalingGroups = [] } = await autoScaling.send(new DescribeAutoScalingGroupsCommand({}));
  const prefix = `${member}.masters.${name}.`;
  return (
    AutoScalingGroups.find(({ AutoScalingGroupName = "" }) => AutoScalingGroupName.startsWith(prefix))
      ?.AutoScalingGroupName ?? ""
  );
}

/** What the event history says so far. */
export async function explain(scenario: Scenario, name: string): Promise<string> {
  return (await scenario.holdfast("get", "events", name)).stdout;
}

function stepFunctions({ cloud }: Scenario): SFNClient {
  return new SFNClient({
    endpoint: cloud.endpoints.aws,
    region: cloud.endpoints.region,
    credentials: { accessKeyId: "holdfast", secretAccessKey: "holdfast" },
  });
}

/** Executions of the repair's state machine, newest first. */
export async function repairExecutions(scenario: Scenario) {
  const client = stepFunctions(scenario);
  const { stateMachines = [] } = await client.send(new ListStateMachinesCommand({}));
  const stateMachineArn = stateMachines.find(({ name = "" }) => name.includes("Repair"))?.stateMachineArn;
  const { executions = [] } = await client.send(new ListExecutionsCommand({ stateMachineArn }));
  return executions.map(({ name = "", executionArn = "", status }) => ({ name, arn: executionArn, status }));
}

/** The executions once none runs: those that found the cluster taken have had their turn, too. */
export function untilIdle(scenario: Scenario) {
  return eventually(
    () => repairExecutions(scenario),
    (found) => found.every(({ status }) => status !== "RUNNING"),
    120_000,
  );
}

/** What a person does who stops an execution in the console. */
export async function abort(scenario: Scenario, executionArn: string): Promise<void> {
  await stepFunctions(scenario).send(new StopExecutionCommand({ executionArn }));
}
