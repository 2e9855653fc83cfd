import { DescribeAutoScalingGroupsCommand } from "@aws-sdk/client-auto-scaling";
import { ListExecutionsCommand, ListStateMachinesCommand, SFNClient, StopExecutionCommand } from "@aws-sdk/client-sfn";
import type { ClusterView, OperationView } from "../../functions/domain/api/views.ts";
import { eventually, memberOf, type Scenario } from "./scenario.ts";

/** Puts an event on the bus as AWS would. */
export const say = (
  { cloud }: Scenario,
  source: "aws.ec2" | "aws.autoscaling" | "aws.health",
  detailType: string,
  detail: Record<string, unknown>,
): void => cloud.context.publish({ source, detailType, resources: [], detail });

export const sayState = (scenario: Scenario, instanceId: string, state: string): void =>
  say(scenario, "aws.ec2", "EC2 Instance State-change Notification", { "instance-id": instanceId, state });

/** AWS Health schedules the retirement of an instance. */
export const sayRetirement = (scenario: Scenario, instanceId: string): void =>
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

export const repairsOf = async (scenario: Scenario, name: string): Promise<OperationView[]> => {
  const { stdout } = await scenario.holdfast("get", "operations", name, "-o", "json");
  return JSON.parse(stdout).items.filter(({ kind }: OperationView) => kind === "repair");
};

/** Whole and free: the next test starts from here. */
export const whole = (scenario: Scenario, name: string, withinMs = 60_000): Promise<ClusterView> =>
  eventually(
    () => scenario.cluster(name),
    ({ status, quorum, operation }) => status === "ACTIVE" && quorum.healthy === quorum.size && operation === null,
    withinMs,
  );

export const instanceOf = (cluster: ClusterView, member: string): string => memberOf(cluster, member).instanceId ?? "";

/** Name of a master's group. */
export const groupOf = async ({ autoScaling }: Scenario, name: string, member: string): Promise<string> => {
  const { AutoScalingGroups = [] } = await autoScaling.send(new DescribeAutoScalingGroupsCommand({}));
  const prefix = `${member}.masters.${name}.`;
  return (
    AutoScalingGroups.find(({ AutoScalingGroupName = "" }) => AutoScalingGroupName.startsWith(prefix))
      ?.AutoScalingGroupName ?? ""
  );
};

/** What the event history says so far. */
export const explain = async (scenario: Scenario, name: string): Promise<string> =>
  (await scenario.holdfast("get", "events", name)).stdout;

const stepFunctions = ({ cloud }: Scenario): SFNClient =>
  new SFNClient({
    endpoint: cloud.endpoints.aws,
    region: cloud.endpoints.region,
    credentials: { accessKeyId: "holdfast", secretAccessKey: "holdfast" },
  });

/** Executions of the repair's state machine, newest first. */
export const repairExecutions = async (scenario: Scenario) => {
  const client = stepFunctions(scenario);
  const { stateMachines = [] } = await client.send(new ListStateMachinesCommand({}));
  const stateMachineArn = stateMachines.find(({ name = "" }) => name.includes("Repair"))?.stateMachineArn;
  const { executions = [] } = await client.send(new ListExecutionsCommand({ stateMachineArn }));
  return executions.map(({ name = "", executionArn = "", status }) => ({ name, arn: executionArn, status }));
};

/** The executions once none runs: those that found the cluster taken have had their turn, too. */
export const untilIdle = (scenario: Scenario) =>
  eventually(
    () => repairExecutions(scenario),
    (found) => found.every(({ status }) => status !== "RUNNING"),
    120_000,
  );

/** What a person does who stops an execution in the console. */
export const abort = async (scenario: Scenario, executionArn: string): Promise<void> => {
  await stepFunctions(scenario).send(new StopExecutionCommand({ executionArn }));
};
