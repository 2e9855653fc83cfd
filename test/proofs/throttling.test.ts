import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { callsOfFunctions, countCalls } from "../../bench/calls.ts";
import type { ClusterView } from "../../functions/domain/api/views.ts";
import { findFunction } from "../support/find-function.ts";
import { eventually, memberOf, memberReplaced, type Scenario, startScenario } from "../support/scenario.ts";

const NAME = "throttled.example.com";
const ZONES = "us-west-2a,us-west-2b,us-west-2c";
/** Actions of EC2 and Auto Scaling that functions call in a repair. */
const ACTIONS = [
  "ec2:DescribeInstances",
  "ec2:DescribeVolumes",
  "ec2:AttachVolume",
  "autoscaling:DescribeAutoScalingGroups",
  "autoscaling:CompleteLifecycleAction",
];

let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario();
  const create = ["create", "cluster", "--zones", ZONES, "--master-zones", ZONES, "--node-count", "1", NAME];
  expect(await scenario.holdfast(...create, "--yes", "--wait")).toMatchObject({ code: 0 });
}, 300_000);
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await fault("clear");
});

async function fault(...words: string[]): Promise<void> {
  const { code, stderr } = await scenario.holdfast("local", "fault", ...words);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
}

/** What the schedule does every minute, now; the error's type if it failed. */
async function reconcile(): Promise<string | undefined> {
  const { aws, region } = scenario.cloud.endpoints;
  const credentials = { accessKeyId: "holdfast", secretAccessKey: "holdfast" };
  const lambda = new LambdaClient({ endpoint: aws, region, credentials });
  const FunctionName = await findFunction(lambda, "reconcile");
  return (await lambda.send(new InvokeCommand({ FunctionName, Payload: "{}" }))).FunctionError;
}

async function repairs(): Promise<{ status: string }[]> {
  const { stdout } = await scenario.holdfast("get", "operations", NAME, "-o", "json");
  return JSON.parse(stdout).items.filter(({ kind }: { kind: string }) => kind === "repair");
}

function whole(): Promise<ClusterView> {
  return eventually(
    () => scenario.cluster(NAME),
    ({ status, quorum, operation }) => status === "ACTIVE" && quorum.healthy === 3 && operation === null,
    300_000,
  );
}

function placesOf({ members }: ClusterView) {
  return members.map(({ name, instanceId, volumeId, address }) => `${name} ${instanceId} ${volumeId} ${address}`);
}

test("A1: with nine of ten calls throttled for five minutes a repair ends late, without a failure, as the same member", async () => {
  const before = memberOf(await whole(), "a");
  const known = scenario.calls.length;
  const mostly = JSON.stringify({ probability: 0.9, seed: 11, durationMs: 300_000 });
  for (const action of ACTIONS) await fault("api", "throttle", action, "--json", mostly);

  await scenario.terminate(before.instanceId ?? "");
  const healed = await memberReplaced(scenario, NAME, before, 600_000);
  const { rateLimited } = countCalls(callsOfFunctions(scenario.calls.slice(known)));

  expect(memberOf(healed, "a")).toMatchObject({ volumeId: before.volumeId, address: before.address });
  expect((await repairs()).map(({ status }) => status)).not.toContain("FAILED");
  // About ten tries for each answer, and no retries of retries, which would be a hundred.
  expect(rateLimited).toBeLessThan(600);
});

test("A7: pages that come empty to the reconciler are a hint at most: nothing is ended, deleted or replaced", async () => {
  const before = await whole();
  const known = (await repairs()).length;
  await fault("api", "lose-page", "ec2:DescribeInstances", "--json", '{"caller":"reconcile"}');
  await fault("api", "lose-page", "ec2:DescribeVolumes", "--json", '{"caller":"reconcile"}');

  await reconcile();
  const ended = (all: { status: string }[]) => all.length > known && all.every(({ status }) => status !== "RUNNING");
  await eventually(repairs, ended, 120_000);
  await fault("clear");

  expect(placesOf(await whole())).toEqual(placesOf(before));
});

test("A7: a page that comes twice, or empty for once to the repair itself, changes nothing either", async () => {
  const before = await whole();
  const known = (await repairs()).length;
  await fault("api", "lose-page", "ec2:DescribeInstances", "--json", '{"caller":"reconcile"}');
  await fault("api", "lose-page", "ec2:DescribeVolumes", "--json", '{"caller":"assess","count":1}');
  await fault("api", "stale-read", "ec2:DescribeVolumes", "--json", '{"caller":"reconcile"}');

  await reconcile();
  const ended = (all: { status: string }[]) => all.length > known && all.every(({ status }) => status !== "RUNNING");
  await eventually(repairs, ended, 120_000);
  await fault("clear");

  expect(placesOf(await whole())).toEqual(placesOf(before));
});

test("A7: a reconcile run that is throttled in the middle starts nothing", async () => {
  const before = await whole();
  const known = (await repairs()).length;
  await fault("api", "lose-page", "ec2:DescribeInstances", "--json", '{"caller":"reconcile"}');
  await fault("api", "throttle", "ec2:DescribeVolumes", "--json", '{"caller":"reconcile"}');

  const error = await reconcile();

  expect(error).toBe("Unhandled");
  expect((await repairs()).length).toBe(known);
  expect(placesOf(await whole())).toEqual(placesOf(before));
});
