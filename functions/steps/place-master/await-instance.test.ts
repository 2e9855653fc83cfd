import { expect, test } from "vitest";
import { Account } from "../../../test/support/steps/account.ts";
import { MemoryStore } from "../../../test/support/steps/memory-store.ts";
import { clusterRecord, memberRecord, NAME } from "../../../test/support/steps/records.ts";
import { AGAIN, expectRepeatable, run } from "../../../test/support/steps/stage.ts";
import { TestClock } from "../../../test/support/steps/test-clock.ts";
import { MemberStranded, NotReadyYet, QuotaReached, ReassessCluster } from "../../domain/cluster/errors.ts";
import type { ClusterRecord, MemberRecord } from "../../domain/cluster/records.ts";
import { awaitInstance } from "./await-instance.ts";

const INPUT = { cluster: NAME, operation: "repair-1", member: "a" };
const NO_CAPACITY = "We currently do not have sufficient m6i.large capacity in the Availability Zone you requested.";

/** Master `a` is lost; its group has launched `launched` in its place. */
function newStage({
  launched = "i-new",
  failure = "",
  cluster: change = {},
  record = {},
  flags = {},
}: {
  launched?: string | null;
  failure?: string;
  cluster?: Partial<ClusterRecord>;
  record?: Partial<MemberRecord>;
  flags?: Record<string, string>;
} = {}) {
  const cluster = clusterRecord({ status: "REPAIRING", operation: "repair-1", ...change }, flags);
  const lost = memberRecord("a", { health: "unhealthy", observedAt: "2026-11-29T11:59:50.000Z", ...record });
  const members = [lost, memberRecord("b"), memberRecord("c")];
  const account = new Account(cluster, members);
  account.end("i-a");
  account.changeGroup("a", { instances: [] });
  if (launched !== null) account.launch("a", launched);
  const types: string[] = [];
  const aws = {
    ...account.calls,
    lastLaunchFailure: async () =>
      failure === "" ? undefined : { message: failure, begunAt: Date.parse("2026-11-29T11:59:58Z") },
    setTemplateType: async (_: unknown, __: string, type: string) => void types.push(type),
    reportEnded: async (id: string) => {
      account.changeGroup("a", { instances: [] });
      return id !== "";
    },
  };
  return { store: new MemoryStore(cluster, members), aws, account, types, made: account.groups };
}

/** The step has waited for a minute. */
function late() {
  const clock = new TestClock();
  clock.advance(60_000);
  return { begun: AGAIN, clock };
}

test("the instance that the group has launched is recorded as the member's", async () => {
  const stage = newStage();

  expect(await run(awaitInstance, stage, INPUT)).toEqual({ instanceId: "i-new" });
  expect(stage.store.member("a")).toMatchObject({ instanceId: "i-new", health: "pending" });
  expect(stage.store.instances.get("i-new")).toEqual({ cluster: NAME, member: "a" });
});

test("it may run twice, and die at each of its calls", async () => {
  await expectRepeatable(awaitInstance, newStage, INPUT);
});

test("the instance that was lost is not taken again, though its group still calls it healthy", async () => {
  const stage = newStage({ launched: null });
  stage.account.launch("a", "i-a", "terminated");

  await expect(run(awaitInstance, stage, INPUT)).rejects.toThrow(NotReadyYet);
  expect([...stage.account.groups.values()][0]?.instances).toEqual([]);
});

test("while the lost instance still shuts down nothing is waited for in the function", async () => {
  const stage = newStage({ launched: null });
  stage.account.launch("a", "i-a", "shutting-down");
  const clock = new TestClock();

  await expect(run(awaitInstance, stage, INPUT, { clock })).rejects.toThrow("i-a is shutting-down");
  expect(clock.sleptMs).toBe(0);
});

test("without capacity the next size of the spec is tried, once", async () => {
  const stage = newStage({ launched: null, failure: NO_CAPACITY, flags: { "--master-size-fallbacks": "m5.large" } });

  await expect(run(awaitInstance, stage, INPUT, late())).rejects.toThrow(NotReadyYet);
  expect(stage.types).toEqual(["m5.large"]);
  expect(stage.store.member("a")?.size?.type).toBe("m5.large");
  expect(stage.store.eventTypes()).toEqual(["size-changed"]);
});

test("without capacity and another size the cluster is DEGRADED, and says so once", async () => {
  const stage = newStage({ launched: null, failure: NO_CAPACITY });

  await expect(run(awaitInstance, stage, INPUT, late())).rejects.toThrow(NotReadyYet);
  await expect(run(awaitInstance, stage, INPUT, late())).rejects.toThrow(NotReadyYet);
  expect(await stage.store.getCluster(NAME)).toMatchObject({ status: "DEGRADED" });
  expect(stage.store.member("a")?.stranded?.reason).toBe(NO_CAPACITY);
  expect(stage.store.eventTypes()).toEqual(["launch-failed"]);
});

test("C1: another master that is lost meanwhile does not wait for the capacity, unless it is placed, too", async () => {
  const stage = newStage({ launched: null, failure: NO_CAPACITY });
  stage.account.end("i-c");

  const placing = (members: string[] | null) => run(awaitInstance, stage, { ...INPUT, placing: members }, late());
  await expect(placing(["a"])).rejects.toThrow(ReassessCluster);
  await expect(placing(["a"])).rejects.toThrow("c lost the instance meanwhile");
  expect(stage.store.member("c")?.health).toBe("unhealthy");
  const lost = (await stage.store.listEvents(NAME)).filter(({ type }) => type === "master-lost");
  expect(lost.map(({ message }) => message)).toEqual(["Master c was lost, too: i-c is gone."]);
  await expect(placing(["a", "c"])).rejects.toThrow(NotReadyYet);
  await expect(placing(null)).rejects.toThrow(NotReadyYet);
});

test("a member that may move to another zone by now is stranded", async () => {
  const stage = newStage({
    launched: null,
    failure: NO_CAPACITY,
    record: { stranded: { since: "2026-11-29T10:00:00.000Z", reason: NO_CAPACITY } },
    flags: { "--zones": "us-west-2a,us-west-2b,us-west-2c,us-west-2d", "--master-zone-fallback": "move" },
  });

  await expect(run(awaitInstance, stage, INPUT, late())).rejects.toThrow(MemberStranded);
});

test("a quota that is reached ends a creation", async () => {
  const failure = "You have requested more vCPU capacity than your current vCPU limit of 5 allows (VcpuLimitExceeded).";
  const stage = newStage({ launched: null, failure, cluster: { status: "CREATING" } });

  await expect(run(awaitInstance, stage, INPUT, late())).rejects.toThrow(QuotaReached);
});
