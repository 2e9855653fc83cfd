import { afterAll, beforeAll, expect, test } from "vitest";
import { OperationViewSchema } from "../../functions/domain/api/views.ts";
import { CREATE } from "../support/create.ts";
import { instanceOf, say, whole } from "../support/events.ts";
import { reconcile } from "../support/reconcile.ts";
import { eventually, memberOf, type Scenario, startScenario } from "../support/scenario.ts";

const NAME = "locked.example.com";
const [A, B, D] = ["us-west-2a", "us-west-2b", "us-west-2d"] as const;

let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario({ hosts: "simulated" });
  expect(await scenario.holdfast(...CREATE, NAME, "--yes", "--wait")).toMatchObject({ code: 0 });
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});

function migrate(...zones: string[]) {
  return scenario.holdfast("migrate", "cluster", NAME, "--master-zones", zones.join(","), "--yes");
}

/** The newest first. */
function operations() {
  return scenario.api.list(`/clusters/${NAME}/operations`, OperationViewSchema);
}

/** Operations that only read the cluster, and so may run beside another. */
const BESIDE = new Set(["backup", "drill"]);

/** What took the cluster, the oldest first, and pairs of which one began before the other had ended. */
async function history() {
  const taking = (await operations()).filter(({ kind }) => !BESIDE.has(kind)).toReversed();
  return {
    ended: taking.map(({ kind, status }) => `${kind} ${status}`),
    overlaps: taking.flatMap(({ kind, startedAt }, index) => {
      const former = taking[index - 1];
      if (!former || (former.finishedAt !== null && former.finishedAt <= startedAt)) return [];
      return [`${kind} of ${startedAt} began before ${former.kind} ended at ${former.finishedAt}`];
    }),
  };
}

test("4.5.6: while a master is repaired a migration is refused, with the repair that holds the cluster", async () => {
  // The repair cannot end before it has an instance.
  expect(await scenario.holdfast("local", "fault", "capacity", "exhaust", B)).toMatchObject({ code: 0 });
  await scenario.terminate(instanceOf(await scenario.cluster(NAME), "b"));
  const repair = await eventually(
    async () => (await operations()).find(({ kind }) => kind === "repair"),
    (found) => found?.status === "RUNNING",
    90_000,
  );

  const { code, stderr } = await migrate(A, B, D);
  expect(await scenario.holdfast("local", "fault", "clear")).toMatchObject({ code: 0 });

  expect(code).not.toBe(0);
  expect(stderr).toContain(`is held by operation ${repair?.id}`);
  expect(await whole(scenario, NAME, 120_000)).toMatchObject({ migration: null });
});

test("4.5.6: a Spot notice for a master whose zone is being left waits for the migration, and nothing is repaired", async () => {
  const before = await whole(scenario, NAME);
  expect(await migrate(A, B, D)).toMatchObject({ code: 0 });

  say(scenario, "aws.ec2", "EC2 Spot Instance Interruption Warning", {
    "instance-id": instanceOf(before, "c"),
    "instance-action": "terminate",
  });
  await reconcile(scenario);

  const after = await eventually(
    () => scenario.cluster(NAME),
    ({ operation, migration }) => operation === null && migration === null,
    180_000,
  );
  expect(after).toMatchObject({ status: "ACTIVE", quorum: { size: 3, healthy: 3 } });
  expect(after.members.map(({ name, zone }) => `${name} ${zone}`)).toEqual([`a ${A}`, `b ${B}`, `d ${D}`]);
  expect(memberOf(after, "a").instanceId).toBe(memberOf(before, "a").instanceId);
  await reconcile(scenario);
  expect(await history()).toEqual({
    ended: ["create SUCCEEDED", "repair SUCCEEDED", "migrate SUCCEEDED"],
    overlaps: [],
  });
});
