import { setTimeout as delay } from "node:timers/promises";
import { DescribeAutoScalingInstancesCommand } from "@aws-sdk/client-auto-scaling";
import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { OperationView } from "../../functions/domain/api/views.ts";
import { isMutating } from "../support/invariants/calls.ts";
import { identitiesOf, openProofCluster, type ProofCluster } from "../support/proof-cluster.ts";
import { eventually, memberOf } from "../support/scenario.ts";

const NAME = "concurrency.example.com";

let cluster: ProofCluster;
beforeAll(async () => {
  cluster = await openProofCluster(NAME);
});
afterEach(async () => {
  await cluster.clearFaults();
});
afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
});

function view() {
  return cluster.scenario.cluster(NAME);
}

async function instanceOf(member: string): Promise<string> {
  return memberOf(await view(), member).instanceId ?? "";
}

function throttle(service: string, operation: string) {
  return cluster.fault({ kind: "api", action: "throttle", service, operation });
}

/** The running repair once it has come to that step of a member. */
async function repairAt(step: string, member: string): Promise<OperationView> {
  const isThere = (operation: OperationView | undefined): boolean =>
    operation?.status === "RUNNING" && operation.steps.some((one) => one.name === step && one.member === member);
  const found = await eventually(async () => (await cluster.repairs())[0], isThere, 120_000);
  if (found === undefined) throw new Error("no repair");
  return found;
}

test("W4: two masters end at the same instant: repairs take the cluster one after the other", async () => {
  await using witness = await cluster.witness();
  const before = await view();
  const known = (await cluster.repairs()).length;
  const lost = await Promise.all(["a", "b"].map(instanceOf));

  await Promise.all(lost.map((instanceId) => cluster.scenario.terminate(instanceId)));
  const after = await witness.whole(lost);

  const repairs = (await cluster.repairs()).slice(0, -known || undefined).toReversed();
  expect(repairs.length).toBeGreaterThan(0);
  expect(repairs.map(({ status }) => status)).toEqual(repairs.map(() => "SUCCEEDED"));
  for (const [index, { startedAt }] of repairs.entries()) {
    const former = repairs[index - 1];
    if (former) expect(Date.parse(startedAt)).toBeGreaterThanOrEqual(Date.parse(former.finishedAt ?? ""));
  }
  expect(identitiesOf(after)).toEqual(identitiesOf(before));
  expect(await witness.violations()).toEqual([]);
});

test("W2: a step that timed out having acted runs again beside its own zombie: both adopt one attachment, and after the end the zombie is refused", async () => {
  await using witness = await cluster.witness();
  const before = await view();
  const lost = await instanceOf("c");
  await cluster.fault({ kind: "lambda", action: "timeout-after", function: "attachvolume", count: 1 });
  await throttle("autoscaling", "CompleteLifecycleAction");

  await cluster.scenario.terminate(lost);
  const { id: operation } = await repairAt("Complete launch", "c");
  const attach = { cluster: NAME, operation, member: "c", instanceId: await instanceOf("c") };
  const twice = await Promise.all([cluster.invoke("attachvolume", attach), cluster.invoke("attachvolume", attach)]);
  await cluster.clearFaults();
  const after = await witness.whole([lost]);
  const callsBefore = cluster.scenario.calls.length;
  const late = await cluster.invoke("attachvolume", attach);

  const { volumeId } = memberOf(before, "c");
  expect(twice.map(({ Payload }) => JSON.parse(Payload?.transformToString() ?? ""))).toEqual([
    { volumeId },
    { volumeId },
  ]);
  expect(late.FunctionError).toBe("Unhandled");
  expect(JSON.parse(late.Payload?.transformToString() ?? "")).toMatchObject({ errorType: "LeaseLost" });
  const byZombie = cluster.scenario.calls
    .slice(callsBefore)
    .filter(({ principal }) => principal.includes("attachvolume"));
  expect(byZombie.filter(isMutating)).toEqual([]);
  expect(identitiesOf(after)).toEqual(identitiesOf(before));
  expect(await witness.violations()).toEqual([]);
});

test("W5: a holder that is paused past its lease is superseded; its first write is refused and it changes nothing more", async () => {
  await using witness = await cluster.witness();
  const before = await view();
  const lost = await instanceOf("a");
  await throttle("ec2", "AttachVolume");
  await cluster.scenario.terminate(lost);
  const { id: paused } = await repairAt("Attach volume", "a");

  // Again and again, since each try of the step that waits renews the lease.
  const operationNow = await eventually(
    async () => {
      await endLease(paused);
      await cluster.reconcile();
      return (await view()).operation;
    },
    (operation) => operation !== null && operation !== paused,
    60_000,
  );
  await cluster.clearFaults();
  const after = await witness.whole([lost]);

  const repairs = await cluster.repairs();
  expect(repairs.find(({ id }) => id === paused)).toMatchObject({ status: "FAILED", error: { name: "LeaseLost" } });
  expect(repairs.find(({ id }) => id === operationNow)).toMatchObject({ status: "SUCCEEDED" });
  expect(identitiesOf(after)).toEqual(identitiesOf(before));
  expect(await witness.violations()).toEqual([]);
});

/** As if the holder had been silent for longer than its lease: no step of it has run meanwhile. */
async function endLease(operation: string): Promise<void> {
  const { aws, region } = cluster.scenario.cloud.endpoints;
  const client = new DynamoDBClient({
    endpoint: aws,
    region,
    credentials: { accessKeyId: "holdfast", secretAccessKey: "holdfast" },
  });
  const { TableNames = [] } = await client.send(new ListTablesCommand({}));
  await DynamoDBDocumentClient.from(client).send(
    new UpdateCommand({
      TableName: TableNames[0],
      Key: { pk: `OPERATION#${operation}`, sk: "META" },
      UpdateExpression: "SET #r.leaseUntil = :past",
      ExpressionAttributeNames: { "#r": "record" },
      ExpressionAttributeValues: { ":past": Date.now() - 1 },
    }),
  );
}

test("W12: the management plane is down: the cluster serves, the group replaces, the new master waits at its hook, and all heals afterwards", async () => {
  await using witness = await cluster.witness();
  const [ids, before] = [witness.memberIds(), await view()];
  const follower = cluster.endpoints.members.find((name) => name !== witness.leader()) ?? "";
  const lost = await instanceOf(follower);
  await cluster.fault({ kind: "lambda", action: "throttle" });
  await cluster.fault({ kind: "events", action: "drop" });
  const [begun, written] = [Date.now(), witness.acknowledged];

  await cluster.scenario.terminate(lost);
  const waiting = await eventually(statesOfReplacements, (states) => states.includes("Pending:Wait"), 120_000);
  await delay(10_000);
  const still = await statesOfReplacements();
  const [writtenMeanwhile, gapMs] = [witness.acknowledged - written, witness.maxGapSince(begun)];
  await cluster.clearFaults();
  await cluster.reconcile();
  const after = await witness.whole([lost]);

  console.log(`W12: ${writtenMeanwhile} writes while nothing of Holdfast ran, longest gap ${gapMs} ms`);
  expect(waiting).toEqual(["Pending:Wait"]);
  expect(still).toEqual(["Pending:Wait"]);
  expect(writtenMeanwhile).toBeGreaterThan(20);
  expect(witness.memberIds()).toEqual(ids);
  expect(identitiesOf(after)).toEqual(identitiesOf(before));
  expect(await witness.violations()).toEqual([]);
});

/** Where instances of groups are that are not in service. */
async function statesOfReplacements(): Promise<string[]> {
  const { AutoScalingInstances = [] } = await cluster.scenario.autoScaling.send(
    new DescribeAutoScalingInstancesCommand({}),
  );
  return AutoScalingInstances.flatMap(({ LifecycleState = "" }) =>
    /^Pending/.test(LifecycleState) ? LifecycleState : [],
  );
}
