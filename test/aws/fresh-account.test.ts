import { DescribeScalingActivitiesCommand } from "@aws-sdk/client-auto-scaling";
import {
  ElasticLoadBalancingV2Client,
  ModifyLoadBalancerAttributesCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CREATE } from "../support/create.ts";
import { abort, explain, repairExecutions, sayRetirement, whole } from "../support/events.ts";
import { eventually, memberOf, memberReplaced, type Scenario, startScenario } from "../support/scenario.ts";

const NAME = "fresh.example.com";

let scenario: Scenario;
beforeAll(async () => {
  // As long as AWS's own health check: whoever is quicker on a busy machine is not left to chance.
  scenario = await startScenario({ hosts: "simulated", timings: { autoScaling: { detection: 60_000 } } });
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});

function roles(): string[] {
  return Object.keys(scenario.cloud.services.iam.snapshot().roles);
}

/** Processes that are suspended in any group. */
function suspended(): string[] {
  return Object.values(scenario.cloud.services.autoScaling.snapshot().groups).flatMap((group) =>
    group.suspended.map(({ name }) => name),
  );
}

/** What the group of a member has done since, oldest first. */
async function activitiesSince(member: string, since: Date) {
  const groups = Object.keys(scenario.cloud.services.autoScaling.snapshot().groups);
  const AutoScalingGroupName = groups.find((name) => name.startsWith(`${member}.masters.`));
  const { Activities = [] } = await scenario.autoScaling.send(
    new DescribeScalingActivitiesCommand({ AutoScalingGroupName }),
  );
  return Activities.filter(({ StartTime }) => (StartTime ?? new Date(0)) >= since).toReversed();
}

test("B2, M1, R1: a cluster comes up in an account without service-linked roles, and while IAM's news are late", async () => {
  const refusal =
    "You must use a valid fully-formed launch template. Value (x) for parameter iamInstanceProfile.name is invalid. " +
    "Invalid IAM Instance Profile name";
  const body = JSON.stringify({ code: "ValidationError", message: refusal, count: 3 });
  await scenario.holdfast("local", "fault", "api", "error", "autoscaling:CreateAutoScalingGroup", "--json", body);
  expect(roles().filter((name) => name.startsWith("AWSServiceRole"))).toEqual([]);

  const { code, stdout } = await scenario.holdfast(...CREATE, NAME, "--yes", "--wait", "-o", "json");

  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ status: "ACTIVE", quorum: { size: 3, healthy: 3 } });
  expect(scenario.cloud.faults.list()).toMatchObject([{ state: "ended", reason: "count", strikes: 3 }]);
  expect(roles()).toEqual(
    expect.arrayContaining(["AWSServiceRoleForAutoScaling", "AWSServiceRoleForElasticLoadBalancing"]),
  );
});

test("M5: a group hears at once of an instance that ended outside it, and its first launch succeeds", async () => {
  const before = memberOf(await scenario.cluster(NAME), "a");
  const since = new Date();

  await scenario.terminate(before.instanceId ?? "");
  await memberReplaced(scenario, NAME, before, 30_000);

  const activities = await activitiesSince("a", since);
  expect(activities.map(({ StatusCode, Description = "" }) => [StatusCode, Description.slice(0, 9)])).toEqual([
    ["Successful", "Terminati"],
    ["Successful", "Launching"],
  ]);
  expect(activities[0]?.Cause).toContain("in response to a user health-check");
});

test("M4: a planned replacement launches once, when the interface is free, and its group is as before", async () => {
  const before = memberOf(await scenario.cluster(NAME), "b");
  const since = new Date();

  sayRetirement(scenario, before.instanceId ?? "");
  await memberReplaced(scenario, NAME, before, 30_000);

  const activities = await activitiesSince("b", since);
  expect(activities.map(({ StatusCode, Description = "" }) => [StatusCode, Description.slice(0, 9)])).toEqual([
    ["Successful", "Terminati"],
    ["Successful", "Launching"],
  ]);
  expect(suspended()).toEqual([]);
  expect(await explain(scenario, NAME)).not.toContain("had Launch suspended");
});

test("M4: a replacement that dies after it has suspended the group is continued with by the next repair", async () => {
  const { instanceId } = memberOf(await whole(scenario, NAME), "c");
  const terminate = "autoscaling:TerminateInstanceInAutoScalingGroup";
  await scenario.holdfast("local", "fault", "api", "throttle", terminate);
  sayRetirement(scenario, instanceId ?? "");
  await eventually(
    async () => suspended(),
    (processes) => processes.includes("Launch"),
    30_000,
  );

  const running = (await repairExecutions(scenario)).filter(({ status }) => status === "RUNNING");
  for (const { arn } of running) await abort(scenario, arn);
  await scenario.holdfast("local", "fault", "clear");
  await memberReplaced(scenario, NAME, memberOf(await scenario.cluster(NAME), "c"), 60_000);

  expect(suspended()).toEqual([]);
  expect(await explain(scenario, NAME)).not.toContain("had Launch suspended");
});

test("MINOR 11: an instance whose volume hangs attaching is given up at its launch hook, and the next one gets it", async () => {
  const before = memberOf(await whole(scenario, NAME), "a");
  const { volumeId, instanceId } = before;
  const from = scenario.calls.length;
  await scenario.holdfast("local", "fault", "volume", "stuck-attaching", volumeId ?? "");
  await scenario.terminate(instanceId ?? "");
  const attachment = () => scenario.cloud.services.ec2.store.volumes.find(volumeId ?? "")?.attachment;
  await eventually(
    async () => attachment()?.state,
    (state) => state === "attaching",
    30_000,
  );

  // A minute of it, without the waiting.
  const hanging = attachment();
  if (hanging) hanging.attachedAt -= 61_000;
  await eventually(
    async () => attachment() !== hanging,
    (isGone) => isGone,
    30_000,
  );
  await scenario.holdfast("local", "fault", "clear");
  await memberReplaced(scenario, NAME, before, 60_000);

  const calls = scenario.calls.slice(from).filter(({ principal }) => principal.includes("attachvolume"));
  const ending = calls.map(({ operation }) => operation).filter((name) => /Lifecycle|Terminate/.test(name));
  expect(ending).toEqual(expect.arrayContaining(["CompleteLifecycleAction"]));
  expect(ending).not.toContain("TerminateInstanceInAutoScalingGroup");
});

test("R9: a deletion that meets a protected load balancer names it with the way on, and continues once that is free", async () => {
  const { aws: endpoint, region } = scenario.cloud.endpoints;
  const credentials = { accessKeyId: "holdfast", secretAccessKey: "holdfast" };
  const elb = new ElasticLoadBalancingV2Client({ endpoint, region, credentials });
  const [LoadBalancerArn] = Object.keys(scenario.cloud.services.elbV2.snapshot().balancers);
  const protect = (Value: string) => {
    const Attributes = [{ Key: "deletion_protection.enabled", Value }];
    return elb.send(new ModifyLoadBalancerAttributesCommand({ LoadBalancerArn, Attributes }));
  };
  await protect("true");

  const refused = await scenario.holdfast("delete", "cluster", NAME, "--yes", "--wait");
  await protect("false");
  const { code } = await scenario.holdfast("delete", "cluster", NAME, "--yes", "--wait");

  expect(refused.code).not.toBe(0);
  expect(refused.stderr).toContain("DeletionBlocked: OperationNotPermittedException: Load balancer");
  expect(refused.stderr).toContain("or end its protection; then run `holdfast delete cluster NAME --yes` again.");
  expect(code).toBe(0);
});
