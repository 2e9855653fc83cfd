import {
  DetachInstancesCommand,
  PutLifecycleHookCommand,
  SetDesiredCapacityCommand,
  SuspendProcessesCommand,
  TerminateInstanceInAutoScalingGroupCommand,
  UpdateAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
import { DescribeInstancesCommand } from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import {
  explain,
  groupOf,
  instanceOf,
  repairExecutions,
  repairsOf,
  say,
  sayRetirement,
  sayState,
  untilIdle,
  whole,
} from "../support/events.ts";
import { type Healing, startHealing } from "../support/healing.ts";
import { reconcile } from "../support/reconcile.ts";
import { eventually, memberOf, memberReplaced, type Scenario } from "../support/scenario.ts";

const NAME = "events.example.com";

let scenario: Scenario;
let healing: Healing;
beforeAll(async () => {
  ({ scenario, healing } = await startHealing(NAME));
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await healing.fault("clear");
});

/** Instances that run with a member's tag: two of them would be two hosts with one identity. */
async function hostsOf(member: string): Promise<string[]> {
  const Filters = [
    { Name: "tag:holdfast:cluster", Values: [NAME] },
    { Name: "tag:holdfast:member", Values: [member] },
    { Name: "instance-state-name", Values: ["pending", "running"] },
  ];
  const { Reservations = [] } = await scenario.ec2.send(new DescribeInstancesCommand({ Filters }));
  return Reservations.flatMap(({ Instances = [] }) => Instances).map(({ InstanceId = "" }) => InstanceId);
}

function autoScaling(detailType: string, detail: Record<string, unknown>) {
  return say(scenario, "aws.autoscaling", detailType, detail);
}

test("E3: an end, reported backwards and before it is true, is one repair of what EC2 says", async () => {
  const before = memberOf(await whole(scenario, NAME), "a");
  const id = before.instanceId ?? "";
  const known = (await repairsOf(scenario, NAME)).length;

  await scenario.terminate(id);
  sayState(scenario, id, "terminated");
  sayState(scenario, id, "shutting-down");
  sayState(scenario, id, "running");
  await memberReplaced(scenario, NAME, before, 90_000);
  await whole(scenario, NAME);

  expect((await repairsOf(scenario, NAME)).length).toBe(known + 1);
});

test("E5: one death in the words of five services is one operation", async () => {
  const before = memberOf(await whole(scenario, NAME), "b");
  const id = before.instanceId ?? "";
  const known = (await repairsOf(scenario, NAME)).length;

  await scenario.terminate(id);
  say(scenario, "aws.ec2", "EC2 Spot Instance Interruption Warning", {
    "instance-id": id,
    "instance-action": "terminate",
  });
  sayRetirement(scenario, id);
  autoScaling("EC2 Instance Terminate Successful", {
    EC2InstanceId: id,
    AutoScalingGroupName: await groupOf(scenario, NAME, "b"),
  });
  autoScaling("EC2 Instance Launch Unsuccessful", { AutoScalingGroupName: await groupOf(scenario, NAME, "b") });
  await memberReplaced(scenario, NAME, before, 90_000);
  await untilIdle(scenario);

  expect((await repairsOf(scenario, NAME)).filter(({ status }) => status === "FAILED")).toEqual([]);
  // A thorough look of AWS Health may follow; whatever follows finds a whole cluster and touches nothing.
  expect(instanceOf(await whole(scenario, NAME), "b")).not.toBe(id);
  expect((await repairsOf(scenario, NAME)).length).toBeLessThanOrEqual(known + 2);
  expect(await hostsOf("b")).toHaveLength(1);
});

test("E7: events that the function refuses for long lie in the queue, with the alarm; taking them up again is harmless", async () => {
  const before = memberOf(await whole(scenario, NAME), "c");
  await healing.fault("lambda", "throttle", "masterlost");

  await scenario.terminate(before.instanceId ?? "");
  const { queues } = scenario.cloud.services;
  const lost = await eventually(
    async () => queues.arns().flatMap((arn) => queues.messages(arn)),
    (messages) => messages.some(({ body }) => body.includes(before.instanceId ?? "")),
    60_000,
  );
  await healing.fault("clear");
  await reconcile(scenario);
  await memberReplaced(scenario, NAME, before, 90_000);
  await untilIdle(scenario);
  const known = (await repairsOf(scenario, NAME)).length;
  for (const { body } of lost) {
    const { source, "detail-type": detailType, resources, detail } = JSON.parse(body).requestPayload;
    scenario.cloud.context.publish({ source, detailType, resources, detail });
  }
  await eventually(
    () => repairExecutions(scenario),
    (found) =>
      found.some(({ name }) => name === `repair-c-${before.instanceId}`) &&
      found.every(({ status }) => status !== "RUNNING"),
    60_000,
  );

  expect((await repairsOf(scenario, NAME)).length).toBe(known);
  expect(await scenario.cluster(NAME)).toMatchObject({ status: "ACTIVE", operation: null });
}, 300_000);

test("E8: without full quorum a retirement waits, says so, and is done once the others are back", async () => {
  const before = await whole(scenario, NAME);
  await healing.fault("capacity", "exhaust", memberOf(before, "a").zone);
  await scenario.terminate(instanceOf(before, "a"));
  await eventually(
    () => scenario.cluster(NAME),
    ({ status }) => status === "DEGRADED",
    60_000,
  );

  sayRetirement(scenario, instanceOf(before, "b"));
  await eventually(
    () => explain(scenario, NAME),
    (reported) => reported.includes(`AWS will take away ${instanceOf(before, "b")} of master b`),
    10_000,
  );
  const waiting = await scenario.cluster(NAME);
  await healing.fault("clear");
  const healed = await memberReplaced(scenario, NAME, memberOf(before, "b"), 120_000);

  expect(instanceOf(waiting, "b")).toBe(instanceOf(before, "b"));
  expect(instanceOf(healed, "a")).not.toBe(instanceOf(before, "a"));
}, 300_000);

test("E9: two retirements within a moment are strictly one after the other", async () => {
  const before = await whole(scenario, NAME);
  const fewest: number[] = [];

  sayRetirement(scenario, instanceOf(before, "a"));
  sayRetirement(scenario, instanceOf(before, "b"));
  await eventually(
    async () => {
      const running = (await Promise.all(["a", "b", "c"].map(hostsOf))).flat().length;
      fewest.push(running);
      return scenario.cluster(NAME);
    },
    (cluster) =>
      cluster.status === "ACTIVE" &&
      cluster.quorum.healthy === 3 &&
      ["a", "b"].every((member) => instanceOf(cluster, member) !== instanceOf(before, member)),
    120_000,
  );

  expect(Math.min(...fewest)).toBe(2);
  expect(instanceOf(await whole(scenario, NAME), "c")).toBe(instanceOf(before, "c"));
}, 300_000);

test("C6: a group that may not launch any more is resumed, and its master comes back", async () => {
  const before = memberOf(await whole(scenario, NAME), "a");
  const AutoScalingGroupName = await groupOf(scenario, NAME, "a");

  await scenario.autoScaling.send(new SuspendProcessesCommand({ AutoScalingGroupName, ScalingProcesses: ["Launch"] }));
  await scenario.terminate(before.instanceId ?? "");
  await memberReplaced(scenario, NAME, before, 90_000);

  expect(await explain(scenario, NAME)).toContain("Master a: its group had Launch suspended (User suspended at");
});

test("C10: a group that was set to 2 never has a second host, and has size 1 after the next reconcile run", async () => {
  const before = await whole(scenario, NAME);
  const AutoScalingGroupName = await groupOf(scenario, NAME, "b");

  await scenario.autoScaling.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName, MaxSize: 2 }));
  await scenario.autoScaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName, DesiredCapacity: 2 }));
  await reconcile(scenario);
  await eventually(
    () => explain(scenario, NAME),
    (reported) => reported.includes("Master b: its group had min 1, max 2, desired 2; it has 1 again"),
    30_000,
  );

  await whole(scenario, NAME);
  expect(await hostsOf("b")).toEqual([instanceOf(before, "b")]);
});

test("C10: a group that was set to 0 has its master again", async () => {
  const before = memberOf(await whole(scenario, NAME), "c");
  const AutoScalingGroupName = await groupOf(scenario, NAME, "c");

  await scenario.autoScaling.send(
    new UpdateAutoScalingGroupCommand({ AutoScalingGroupName, MinSize: 0, DesiredCapacity: 0 }),
  );
  const healed = await memberReplaced(scenario, NAME, before, 90_000);

  expect(memberOf(healed, "c").volumeId).toBe(before.volumeId);
  expect(await explain(scenario, NAME)).toContain("Master c: its group had min 0, max 1, desired 0; it has 1 again");
});

test("C11: a dead instance that a user's terminate hook holds is let go", async () => {
  const before = memberOf(await whole(scenario, NAME), "a");
  const AutoScalingGroupName = await groupOf(scenario, NAME, "a");
  const hook = { LifecycleHookName: "ship-logs", LifecycleTransition: "autoscaling:EC2_INSTANCE_TERMINATING" };
  await scenario.autoScaling.send(
    new PutLifecycleHookCommand({ AutoScalingGroupName, ...hook, HeartbeatTimeout: 3_600 }),
  );

  await scenario.terminate(before.instanceId ?? "");
  await memberReplaced(scenario, NAME, before, 90_000);
  const lookAgain = async () => {
    await reconcile(scenario);
    return explain(scenario, NAME);
  };
  await eventually(
    lookAgain,
    (reported) => reported.includes(`${before.instanceId} had ended and was held by the hook ship-logs; completed`),
    60_000,
  );
}, 300_000);

test("C11: a hook does not hold a master that is replaced on purpose", async () => {
  const before = memberOf(await whole(scenario, NAME), "a");

  sayRetirement(scenario, before.instanceId ?? "");
  const healed = await memberReplaced(scenario, NAME, before, 90_000);

  expect(memberOf(healed, "a").volumeId).toBe(before.volumeId);
}, 300_000);

test("C12: a launch event of an instance that is gone completes nobody's hook", async () => {
  const before = memberOf(await whole(scenario, NAME), "b");
  const group = await groupOf(scenario, NAME, "b");
  const after = await (async () => {
    await scenario.terminate(before.instanceId ?? "");
    return memberReplaced(scenario, NAME, before, 90_000);
  })();
  await whole(scenario, NAME);
  const from = scenario.calls.length;

  const launch = { AutoScalingGroupName: group, LifecycleHookName: "member-healthy" };
  autoScaling("EC2 Instance-launch Lifecycle Action", { ...launch, EC2InstanceId: before.instanceId });
  await eventually(
    () => repairExecutions(scenario),
    (found) => found.some(({ name, status }) => name === `launched-b-${before.instanceId}` && status === "SUCCEEDED"),
    30_000,
  );

  expect(scenario.calls.slice(from).filter(({ operation }) => operation === "CompleteLifecycleAction")).toEqual([]);
  expect(instanceOf(await whole(scenario, NAME), "b")).toBe(instanceOf(after, "b"));
});

test("C10: a master that was detached from its group serves on, and the event history says what to do", async () => {
  const before = await whole(scenario, NAME);
  const AutoScalingGroupName = await groupOf(scenario, NAME, "c");
  const InstanceIds = [instanceOf(before, "c")];

  await scenario.autoScaling.send(
    new DetachInstancesCommand({ AutoScalingGroupName, InstanceIds, ShouldDecrementDesiredCapacity: false }),
  );
  await reconcile(scenario);
  const reported = await explain(scenario, NAME);
  const hosts = await hostsOf("c");
  await scenario.terminate(instanceOf(before, "c"));
  await memberReplaced(scenario, NAME, memberOf(before, "c"), 90_000);

  expect(reported).toContain(`${instanceOf(before, "c")} of master c runs outside its group`);
  expect(hosts).toEqual([instanceOf(before, "c")]);
});

test("C10: an instance ended by hand through its group is a master lost like any other", async () => {
  const before = memberOf(await whole(scenario, NAME), "b");

  const end = { InstanceId: before.instanceId ?? "", ShouldDecrementDesiredCapacity: false };
  await scenario.autoScaling.send(new TerminateInstanceInAutoScalingGroupCommand(end));
  const healed = await memberReplaced(scenario, NAME, before, 90_000);

  expect(memberOf(healed, "b").volumeId).toBe(before.volumeId);
});
