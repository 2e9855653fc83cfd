import { DescribeAutoScalingGroupsCommand } from "@aws-sdk/client-auto-scaling";
import {
  DescribeInstancesCommand,
  DescribeLaunchTemplatesCommand,
  DescribeLaunchTemplateVersionsCommand,
  DescribeNetworkInterfacesCommand,
  DescribeVpcsCommand,
} from "@aws-sdk/client-ec2";
import { ListExecutionsCommand, ListStateMachinesCommand, SFNClient, StopExecutionCommand } from "@aws-sdk/client-sfn";
import { afterAll, beforeAll, expect, test } from "vitest";
import { signedHeaders } from "../../client/signing.ts";
import { ClusterViewSchema, OperationViewSchema } from "../../functions/domain/api/views.ts";
import { eventually, type Scenario, startScenario } from "../support/scenario.ts";

const NAME = "change.example.com";
const CREATE = ["create", "cluster", "--zones", "us-west-2a,us-west-2b", "--node-count", "1", NAME, "--yes"];

let scenario: Scenario;
let sfn: SFNClient;
beforeAll(async () => {
  scenario = await startScenario();
  const { aws, region } = scenario.cloud.endpoints;
  const credentials = { accessKeyId: "holdfast", secretAccessKey: "holdfast" };
  sfn = new SFNClient({ endpoint: aws, region, credentials });
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});

/** Ids of what outlives instances, by kind. */
async function identities() {
  const [{ Vpcs = [] }, { NetworkInterfaces = [] }, { members }] = await Promise.all([
    scenario.ec2.send(new DescribeVpcsCommand({ Filters: [{ Name: "tag:holdfast:cluster", Values: [NAME] }] })),
    scenario.ec2.send(
      new DescribeNetworkInterfacesCommand({ Filters: [{ Name: "tag-key", Values: ["holdfast:member"] }] }),
    ),
    scenario.cluster(NAME),
  ]);
  return {
    vpcs: Vpcs.map(({ VpcId }) => VpcId),
    interfaces: NetworkInterfaces.map(({ NetworkInterfaceId }) => NetworkInterfaceId),
    volumes: members.map(({ volumeId }) => volumeId),
  };
}

async function operations(): Promise<{ id: string; kind: string; status: string; error: { name: string } | null }[]> {
  const { stdout } = await scenario.holdfast("get", "operations", NAME, "-o", "json");
  return JSON.parse(stdout).items;
}

/** Instances of the cluster that are nodes and run. */
async function runningNodes(): Promise<number> {
  const { Reservations = [] } = await scenario.ec2.send(
    new DescribeInstancesCommand({
      Filters: [
        { Name: "tag:holdfast:resource", Values: ["node"] },
        { Name: "instance-state-name", Values: ["pending", "running"] },
      ],
    }),
  );
  return Reservations.flatMap(({ Instances = [] }) => Instances).length;
}

/** GiB of the root volume that each launch template gives from now on. */
async function rootsToLaunch(): Promise<Record<string, number | undefined>> {
  const { LaunchTemplates = [] } = await scenario.ec2.send(new DescribeLaunchTemplatesCommand({}));
  const found = LaunchTemplates.map(async ({ LaunchTemplateId, Tags = [] }) => {
    const current = { LaunchTemplateId, Versions: ["$Default"] };
    const { LaunchTemplateVersions = [] } = await scenario.ec2.send(new DescribeLaunchTemplateVersionsCommand(current));
    const resource = Tags.find(({ Key }) => Key === "holdfast:resource")?.Value ?? "?";
    return [
      resource,
      LaunchTemplateVersions[0]?.LaunchTemplateData?.BlockDeviceMappings?.[0]?.Ebs?.VolumeSize,
    ] as const;
  });
  return Object.fromEntries(await Promise.all(found));
}

test("two creates of one name at once: one cluster, and the other is a conflict", async () => {
  await scenario.holdfast("local", "fault", "api", "access-denied", "autoscaling:CreateAutoScalingGroup");

  const both = await Promise.all([scenario.holdfast(...CREATE), scenario.holdfast(...CREATE)]);

  expect(both.map(({ code }) => code).sort()).toEqual([0, 4]);
  expect(await operations()).toHaveLength(1);
});

test("a create that lacks a permission fails at once, and names action and role", async () => {
  const failed = await eventually(
    () => scenario.cluster(NAME),
    ({ status }) => status === "FAILED",
    20_000,
  );

  expect(failed.reason).toContain("autoscaling:CreateAutoScalingGroup");
  expect(failed.reason).toMatch(/Holdfast-preparemember/);
  expect((await operations())[0]).toMatchObject({ kind: "create", status: "FAILED", error: { name: "AccessMissing" } });
  const other = await scenario.holdfast(...CREATE, "--master-count", "3");
  expect(other).toMatchObject({ code: 4, stderr: expect.stringContaining("change it with update cluster") });
});

test("with the permission granted it continues, even when that run is stopped in the middle, and what exists is kept", async () => {
  await scenario.holdfast("local", "fault", "clear");
  const before = await identities();
  const resumed = await scenario.holdfast("update", "cluster", NAME, "--yes");
  await stopExecution("create");

  const { code, stdout } = await scenario.holdfast(...CREATE, "--wait", "-o", "json");

  expect([resumed.code, code]).toEqual([0, 0]);
  expect(JSON.parse(stdout)).toMatchObject({ status: "ACTIVE", reason: null, nodes: [{ ready: true }] });
  expect(before.vpcs).toHaveLength(1);
  expect(await identities()).toEqual(before);
  // Once for each profile, in three runs of the step: a second time is refused, in a way that the SDK repeats for a
  // minute.
  expect(scenario.calls.filter(({ operation }) => operation === "AddRoleToInstanceProfile")).toHaveLength(2);
  expect((await operations()).map(({ status }) => status)).toEqual(["SUCCEEDED", "FAILED", "FAILED"]);
});

async function stopExecution(name: string): Promise<void> {
  const { stateMachines = [] } = await sfn.send(new ListStateMachinesCommand({}));
  const machine = stateMachines.find((each) => each.name?.toLowerCase().includes(`${name}cluster`));
  const { executions = [] } = await sfn.send(
    new ListExecutionsCommand({ stateMachineArn: machine?.stateMachineArn, statusFilter: "RUNNING" }),
  );
  for (const { executionArn } of executions) await sfn.send(new StopExecutionCommand({ executionArn }));
  expect(executions).toHaveLength(1);
}

test("without a change there is nothing to do; what cannot be changed is refused, all of it, with reasons", async () => {
  const nothing = await scenario.holdfast("update", "cluster", NAME, "--node-count", "1", "--yes");
  const refused = await scenario.holdfast(
    ...["update", "cluster", NAME, "--zones", "us-west-2a", "--topology", "private", "--node-count", "2", "--yes"],
  );

  expect(nothing).toEqual({ code: 0, stdout: `${NAME}: nothing to change\n`, stderr: "" });
  expect(refused.code).toBe(2);
  expect(refused.stderr).toMatch(/error: --zones: "us-west-2a,us-west-2b" cannot become "us-west-2a": /);
  expect(refused.stderr).toMatch(/error: --topology: "public" cannot become "private": /);
  expect((await scenario.holdfast("update", "cluster", "none.example.com")).code).toBe(3);
});

test("nodes are added and taken away where the plan says; meanwhile another change is a conflict", async () => {
  const preview = await scenario.holdfast("scale", "nodes", NAME, "--count", "3", "--dry-run", "-o", "json");
  const path = `/clusters/${NAME}`;

  const grow = await scenario.api.post(`${path}/scale`, { count: 3 }, OperationViewSchema);
  const other = await scenario.holdfast("scale", "nodes", NAME, "--count", "2", "--yes");
  const grown = await eventually(
    () => scenario.cluster(NAME),
    ({ operation }) => operation === null,
    40_000,
  );
  const { code, stdout } = await scenario.holdfast(
    ...["update", "cluster", NAME, "--node-count", "1", "--node-size", "t3.large", "--yes", "--wait", "-o", "json"],
    ...["--node-volume-size", "40", "--master-volume-size", "30"],
  );

  expect(JSON.parse(preview.stdout)).toEqual({
    changes: [{ field: "nodeCount", from: 1, to: 3, effect: "us-west-2a 1 → 2, us-west-2b 0 → 1" }],
  });
  expect(grow).toMatchObject({ kind: "scale", status: "RUNNING" });
  expect(other).toMatchObject({ code: 4, stderr: expect.stringContaining(grow.id) });
  expect(grown).toMatchObject({ status: "ACTIVE", spec: { nodeCount: 3 } });
  expect(grown.nodes.filter(({ ready }) => ready)).toHaveLength(3);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ status: "ACTIVE", spec: { nodeCount: 1, nodeSize: "t3.large" } });
  expect(JSON.parse(stdout).nodes).toHaveLength(1);
  expect(await runningNodes()).toBe(1);
  const { AutoScalingGroups = [] } = await scenario.autoScaling.send(new DescribeAutoScalingGroupsCommand({}));
  expect(AutoScalingGroups.map(({ DesiredCapacity }) => DesiredCapacity)).toEqual([1, 1, 0]);
  expect(await rootsToLaunch()).toEqual({ "launch-template/master-a": 30, "launch-template/node": 40 });
});

test("a change of a spec that is no more is refused, and one request sent twice is one operation", async () => {
  const path = `/clusters/${NAME}`;
  const patch = { spec: { masterSize: "t3.large" } };
  const { etag } = await scenario.api.getTagged(path, ClusterViewSchema);
  // On a slow machine a member may lapse meanwhile and be repaired.
  const updates = async () => (await operations()).filter(({ kind }) => kind === "update").length;
  const known = await updates();

  const outdated = scenario.api.patch(path, patch, OperationViewSchema, '"other"');
  await expect(outdated).rejects.toMatchObject({ status: 412 });
  const answers = await Promise.all([1, 2, 3, 4].map(() => send("PATCH", path, patch, { "if-match": etag ?? "" })));
  await eventually(
    () => scenario.cluster(NAME),
    ({ operation }) => operation === null,
    20_000,
  );
  const again = await send("PATCH", path, patch, { "if-match": etag ?? "" });

  expect([...answers, again]).toEqual(Array.from({ length: 5 }, () => expect.objectContaining({ status: 202 })));
  const ids = [...answers, again].map(({ status, body }) => `${status} ${OperationViewSchema.parse(body).id}`);
  expect(new Set(ids).size).toBe(1);
  expect(ids[0]).toMatch(/^202 update-/);
  expect(await updates()).toBe(known + 1);
  const { LaunchTemplates = [] } = await scenario.ec2.send(new DescribeLaunchTemplatesCommand({}));
  const versions = LaunchTemplates.map(({ LaunchTemplateName = "", DefaultVersionNumber }) => [
    LaunchTemplateName.split(".")[0],
    DefaultVersionNumber,
  ]);
  // The test before changed the size of the root volumes.
  expect(Object.fromEntries(versions)).toEqual({ a: 3, nodes: 2 });
});

/** A signed request under one key, however often it is sent. */
async function send(method: string, path: string, document: unknown, more: Record<string, string>) {
  const { api, region } = scenario.cloud.endpoints;
  const url = new URL(`${api}${path}`);
  const body = JSON.stringify(document);
  const headers = { "content-type": "application/json", "idempotency-key": "sent-twice", ...more };
  const credentials = { accessKeyId: "holdfast", secretAccessKey: "holdfast" };
  const signed = await signedHeaders({ method, url, headers, body }, region, credentials);
  const answer = await fetch(url, { method, headers: signed, body });
  return { status: answer.status, body: await answer.json() };
}
