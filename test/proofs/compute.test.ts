import {
  CreateLaunchTemplateVersionCommand,
  DescribeLaunchTemplatesCommand,
  ModifyLaunchTemplateCommand,
} from "@aws-sdk/client-ec2";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { keys } from "../../functions/store/keys.ts";
import { type Healing, healingOf } from "../support/healing.ts";
import { eventually, memberOf, memberReplaced, type Scenario, startScenario } from "../support/scenario.ts";

const NAME = "compute.example.com";
const LONG = 400_000;

let scenario: Scenario;
let healing: Healing;
beforeAll(async () => {
  scenario = await startScenario();
  healing = await healingOf(scenario, NAME);
  // Two of three masters in the first zone: its loss is the loss of the majority.
  const zones = ["--zones", "us-west-2a,us-west-2b", "--master-zones", "us-west-2a,us-west-2b", "--master-count", "3"];
  const create = ["create", "cluster", ...zones, "--node-count", "1", NAME];
  expect(await scenario.holdfast(...create, "--yes", "--wait")).toMatchObject({ code: 0 });
}, 300_000);
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await healing.fault("clear");
});

test("Q1: while one master comes back, another that is silent for a moment is not touched", async () => {
  const before = await healing.whole();
  await healing.fault("host", "freeze-etcd", `${NAME}/b`, "--json", '{"durationMs":15000}');

  await scenario.terminate(memberOf(before, "a").instanceId ?? "");
  await memberReplaced(scenario, NAME, memberOf(before, "a"), LONG);
  const after = await healing.whole();

  expect(memberOf(after, "b").instanceId).toBe(memberOf(before, "b").instanceId);
  expect(memberOf(after, "c").instanceId).toBe(memberOf(before, "c").instanceId);
});

test("C3: a master that reboots comes back alone, without a repair", async () => {
  const before = await healing.whole();
  const known = (await healing.repairs()).length;

  await healing.fault("host", "reboot", `${NAME}/b`);
  await eventually(
    () => scenario.cluster(NAME),
    ({ quorum }) => quorum.healthy === 3,
    LONG,
  );

  expect((await healing.repairs()).length).toBe(known);
  expect(memberOf(await healing.whole(), "b")).toMatchObject({ instanceId: memberOf(before, "b").instanceId });
});

test.each(["stop", "impair"])("C3: a master that EC2 calls unhealthy (%s) is replaced", async (action) => {
  const before = memberOf(await healing.whole(), "c");

  await healing.fault("host", action, `${NAME}/c`);
  const healed = await memberReplaced(scenario, NAME, before, LONG);

  expect(memberOf(healed, "c").volumeId).toBe(before.volumeId);
  // C4: the interface is in use until the predecessor has gone; nobody calls that insufficient capacity.
  expect(await healing.explain()).not.toContain("cannot be launched");
});

test("C9: a boot that fails is given up and tried again; after three, degraded with the end of the console", async () => {
  const before = memberOf(await healing.whole(), "a");
  const { LaunchTemplates = [] } = await scenario.ec2.send(new DescribeLaunchTemplatesCommand({}));
  const LaunchTemplateName = LaunchTemplates.find((each) =>
    each.LaunchTemplateName?.startsWith("a.masters."),
  )?.LaunchTemplateName;
  const broken = Buffer.from("#!/bin/bash\necho the mirror is out of reach\nexit 1\n").toString("base64");
  const { LaunchTemplateVersion } = await scenario.ec2.send(
    new CreateLaunchTemplateVersionCommand({
      LaunchTemplateName,
      SourceVersion: "$Default",
      LaunchTemplateData: { UserData: broken },
    }),
  );
  const version = String(LaunchTemplateVersion?.VersionNumber);
  await scenario.ec2.send(new ModifyLaunchTemplateCommand({ LaunchTemplateName, DefaultVersion: version }));

  await scenario.terminate(before.instanceId ?? "");
  const degraded = await healing.degraded(LONG);
  const [failed] = await healing.repairs();
  await scenario.ec2.send(new ModifyLaunchTemplateCommand({ LaunchTemplateName, DefaultVersion: "1" }));
  await healing.found();
  const healed = await memberReplaced(scenario, NAME, before, LONG);

  expect(degraded.reason).toContain("3 instances of master a in a row failed");
  expect(failed?.error).toMatchObject({ name: "BootFailed" });
  expect(failed?.error?.message).toContain("the mirror is out of reach");
  expect(memberOf(healed, "a").volumeId).toBe(before.volumeId);
});

test("C8: with two of three masters in a zone without power nothing is done to etcd; it heals when the zone returns", async () => {
  const before = await healing.whole();
  const ids = await healing.memberIds();
  await scenario.etcdctl(NAME, "put", "zone", "both");
  await healing.fault("zone", "power", memberOf(before, "a").zone);

  const degraded = await eventually(
    () => scenario.cluster(NAME),
    ({ status }) => status === "DEGRADED",
    LONG,
  );
  await healing.fault("clear");
  const after = await healing.whole(LONG);

  expect(degraded.reason).toContain("cannot be launched");
  expect(await healing.memberIds()).toEqual(ids);
  expect(after.members.map(({ volumeId }) => volumeId)).toEqual(before.members.map(({ volumeId }) => volumeId));
  expect(await scenario.etcdctl(NAME, "get", "--print-value-only", "zone")).toBe("both");
});

test("Q5: a master whose kubelet is dead is replaced, though its etcd is healthy", async () => {
  const before = memberOf(await healing.whole(), "c");

  await healing.onHost("c", "systemctl stop kubelet");
  await healing.found();
  const healed = await memberReplaced(scenario, NAME, before, LONG);

  expect(memberOf(healed, "c").volumeId).toBe(before.volumeId);
  expect(await healing.explain()).toContain("kubelet of c does not answer");
});

test("B: after thirty repairs in an hour the next one waits, and the cluster says so", async () => {
  const before = memberOf(await healing.whole(), "b");
  const startedAt = new Date().toISOString();
  const { table } = healing;
  for (const id of Array.from({ length: 30 }, (_, index) => `repair-of-before-${index}`)) {
    const record = { id, cluster: NAME, kind: "repair", status: "SUCCEEDED", leaseUntil: 0, startedAt, steps: {} };
    const pointer = { ...keys.clusterOperation(NAME, startedAt, id), id };
    const operation = { ...keys.operation(id), record: { ...record, finishedAt: startedAt, error: null } };
    for (const Item of [operation, pointer]) await table.client.send(new PutCommand({ TableName: table.name, Item }));
  }

  await scenario.terminate(before.instanceId ?? "");
  const degraded = await healing.degraded();

  expect(degraded.reason).toContain("More than 30 repairs in an hour");
  expect((await healing.repairs()).filter(({ status }) => status === "RUNNING")).toEqual([]);
  expect(scenario.cloud.services.lambda.logs().some(({ text }) => text.includes('"RepairBudgetSpent"'))).toBe(true);
});
