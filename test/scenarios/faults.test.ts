import { DescribeInstancesCommand, DescribeVolumesCommand } from "@aws-sdk/client-ec2";
import {
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  GetExecutionHistoryCommand,
  ListStateMachinesCommand,
  SFNClient,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import { eventually, memberOf, type Scenario, startScenario } from "../support/scenario.ts";

const NAME = "faults.example.com";
const ZONES = "us-west-2a,us-west-2b,us-west-2c";

let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario();
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});

const Health = z.array(z.object({ endpoint: z.string(), health: z.boolean() }));

/** Which members etcdctl calls healthy, by the last part of their endpoint's address. It exits with 1 if not all are. */
async function healthOf(member: string): Promise<boolean | undefined> {
  const { address } = memberOf(await scenario.cluster(NAME), member);
  const command = ["endpoint", "health", "-w", "json", "--command-timeout=2s"];
  const { stdout } = await scenario.holdfast("local", "etcdctl", NAME, "--", ...command);
  return Health.parse(JSON.parse(stdout)).find(({ endpoint }) => endpoint === `https://${address}:2379`)?.health;
}

const becomes = (member: string, health: boolean) =>
  eventually(
    () => healthOf(member),
    (seen) => seen === health,
    20_000,
  );

async function fault(...words: string[]): Promise<void> {
  const { code, stderr } = await scenario.holdfast("local", "fault", ...words);
  expect(stderr).toBe("");
  expect(code).toBe(0);
}

test("CreateVolume that times out after its effect has it once: a cluster with three volumes", async () => {
  await fault("api", "timeout-after", "ec2:CreateVolume", "--json", '{"count":1}');

  const create = ["create", "cluster", "--zones", ZONES, "--master-zones", ZONES, "--node-count", "1", NAME];
  const { code, stderr } = await scenario.holdfast(...create, "--yes", "--wait");

  expect(stderr).not.toContain("FAILED");
  expect(code).toBe(0);
  const { Volumes = [] } = await scenario.ec2.send(new DescribeVolumesCommand());
  const { members } = await scenario.cluster(NAME);
  // Root volumes are tagged with their instances' resource, not with one of their own.
  const own = Volumes.filter(({ Tags = [] }) => Tags.some(({ Value }) => Value?.startsWith("volume/")));
  expect(own.map(({ VolumeId }) => VolumeId).toSorted()).toEqual(members.map(({ volumeId }) => volumeId).toSorted());
  expect(scenario.cloud.faults.list()).toMatchObject([{ state: "ended", reason: "count", strikes: 1 }]);
});

test("a frozen etcd is unhealthy to etcdctl while its instance runs on, and well again when it thaws", async () => {
  const { instanceId } = memberOf(await scenario.cluster(NAME), "c");

  await fault("host", "freeze-etcd", `${NAME}/c`);

  await becomes("c", false);
  const { Reservations } = await scenario.ec2.send(new DescribeInstancesCommand({ InstanceIds: [instanceId ?? ""] }));
  expect(Reservations?.[0]?.Instances?.[0]?.State?.Name).toBe("running");
  await fault("clear");
  await becomes("c", true);
});

test("a partitioned member rejoins after its link is healed", async () => {
  await fault("host", "partition", `${NAME}/c`);
  await becomes("c", false);

  await fault("host", "heal", `${NAME}/c`);

  await becomes("c", true);
});

test("a dropped event never reaches its target", async () => {
  await fault("events", "drop", "--json", '{"match":"i-0aaaaaaaaaaaaaaaa"}');

  for (const id of ["i-0aaaaaaaaaaaaaaaa", "i-0bbbbbbbbbbbbbbbb"])
    scenario.cloud.context.publish({
      source: "aws.ec2",
      detailType: "EC2 Instance State-change Notification",
      resources: [],
      detail: { "instance-id": id, state: "terminated" },
    });

  const printed = async () => scenario.cloud.services.lambda.logs().map(({ text }) => text);
  const lines = await eventually(printed, (seen) => seen.some((text) => text.includes("i-0bbbbbbbbbbbbbbbb")), 10_000);
  expect(lines.filter((text) => text.includes("i-0aaaaaaaaaaaaaaaa"))).toEqual([]);
  await fault("clear");
});

test("a function that crashes before its first call to AWS is retried by Step Functions", async () => {
  const sfn = new SFNClient({
    endpoint: scenario.cloud.endpoints.aws,
    region: scenario.cloud.endpoints.region,
    credentials: { accessKeyId: "holdfast", secretAccessKey: "holdfast" },
  });
  const { stateMachines = [] } = await sfn.send(new ListStateMachinesCommand());
  const creator = stateMachines.find(({ name }) => /create.?cluster/i.test(name ?? ""));
  const { roleArn } = await sfn.send(new DescribeStateMachineCommand({ stateMachineArn: creator?.stateMachineArn }));
  const verifyQuorum = scenario.cloud.services.lambda.list().find(({ name }) => /verify-?quorum/i.test(name));
  const stateMachineArn = scenario.cloud.services.stepFunctions.createStateMachine({
    name: "verify",
    roleArn: roleArn ?? "",
    definition: JSON.stringify({
      QueryLanguage: "JSONata",
      StartAt: "Verify",
      States: {
        Verify: {
          Type: "Task",
          Resource: "arn:aws:states:::lambda:invoke",
          Arguments: { FunctionName: verifyQuorum?.name, Payload: "{% $states.input %}" },
          Output: "{% $states.result.Payload %}",
          Retry: [{ ErrorEquals: ["Runtime.ExitError"], IntervalSeconds: 1, MaxAttempts: 2 }],
          End: true,
        },
      },
    }),
  });
  const { operationId } = await operationOf(NAME);
  await fault("lambda", "crash-before-call", verifyQuorum?.name ?? "", "--json", '{"count":1}');

  const input = JSON.stringify({ cluster: NAME, operation: operationId });
  const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn, input }));

  const { status, output } = await eventually(
    () => sfn.send(new DescribeExecutionCommand({ executionArn })),
    (execution) => execution.status !== "RUNNING",
    20_000,
  );
  expect([status, JSON.parse(output ?? "{}").healthy]).toEqual(["SUCCEEDED", 3]);
  const { events = [] } = await sfn.send(new GetExecutionHistoryCommand({ executionArn }));
  expect(events.flatMap(({ taskFailedEventDetails }) => taskFailedEventDetails?.error ?? [])).toEqual([
    "Runtime.ExitError",
  ]);
});

test("a lost volume is not found by DescribeVolumes, and its member is gone from etcd's quorum", async () => {
  const { volumeId } = memberOf(await scenario.cluster(NAME), "b");

  await fault("volume", "lose", `${NAME}/b`);

  const describe = scenario.ec2.send(new DescribeVolumesCommand({ VolumeIds: [volumeId ?? ""] }));
  await expect(describe).rejects.toMatchObject({ name: "InvalidVolume.NotFound" });
  await becomes("b", false);
  const { stdout } = await scenario.holdfast("local", "fault", "list");
  expect(stdout).toContain(`lose ${volumeId} on i-`);
});

const Operations = z.object({ items: z.array(z.object({ id: z.string() })) });

async function operationOf(name: string): Promise<{ operationId: string }> {
  const { stdout } = await scenario.holdfast("get", "operations", name, "-o", "json");
  const [first] = Operations.parse(JSON.parse(stdout)).items;
  return { operationId: first?.id ?? "" };
}
