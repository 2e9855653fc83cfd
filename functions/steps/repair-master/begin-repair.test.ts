import { expect, test } from "vitest";
import { restorationRecord } from "../../../test/support/restoration.ts";
import { Account } from "../../../test/support/steps/account.ts";
import { MemoryStore } from "../../../test/support/steps/memory-store.ts";
import { clusterRecord, memberRecord, NAME, operationRecord } from "../../../test/support/steps/records.ts";
import { expectRepeatable, run } from "../../../test/support/steps/stage.ts";
import { ClusterBusy } from "../../domain/cluster/errors.ts";
import type { ClusterRecord, OperationRecord } from "../../domain/cluster/records.ts";
import { REPAIRS_PER_HOUR } from "../../domain/repair/repair-start.ts";
import { beginRepair } from "./begin-repair.ts";

const INPUT = { cluster: NAME, operation: "repair-1", detectedBy: "EC2 says so", thorough: false };

/** Three masters, of which these instances have ended. */
function newStage(
  ended: readonly string[] = ["i-b"],
  change: Partial<ClusterRecord> = {},
  operations: readonly OperationRecord[] = [],
) {
  const cluster = clusterRecord(change);
  const members = ["a", "b", "c"].map((member) => memberRecord(member));
  const account = new Account(cluster, members);
  for (const id of ended) account.end(id);
  const nothing = async () => [];
  const tags = { findInstanceTags: nothing, findSecurityGroupTags: nothing, findTemplateTags: nothing };
  const aws = { ...account.calls, ...tags, findBalancingTags: nothing, findGroupTags: nothing };
  return { store: new MemoryStore(cluster, members, operations), aws, account };
}

test("a lost master is recorded, and the cluster taken for its repair", async () => {
  const stage = newStage();

  const { begun, reason } = await run(beginRepair, stage, { ...INPUT, at: "2026-11-29T11:59:00.000Z" });

  expect({ begun, reason }).toEqual({ begun: true, reason: "Master b was lost and is being replaced." });
  expect(await stage.store.getCluster(NAME)).toMatchObject({ status: "REPAIRING", operation: "repair-1" });
  expect(stage.store.member("b")?.health).toBe("unhealthy");
  const { kind, loss } = await stage.store.getOperation("repair-1");
  expect({ kind, loss }).toEqual({
    kind: "repair",
    loss: { members: ["b"], at: "2026-11-29T11:59:00.000Z", exact: true },
  });
  expect(stage.store.eventTypes()).toEqual(["master-lost"]);
});

test("a lost master is reason enough: volumes are not asked for", async () => {
  const stage = newStage();
  const volumeStates = async () => Promise.reject(new Error("volumes were read"));

  expect((await run(beginRepair, { ...stage, aws: { ...stage.aws, volumeStates } }, INPUT)).begun).toBe(true);
});

test("an event about what runs begins nothing", async () => {
  const stage = newStage([]);

  expect((await run(beginRepair, stage, INPUT)).begun).toBe(false);
  expect((await stage.store.getCluster(NAME)).operation).toBeNull();
});

test("a reconcile that found something begins a repair, though every instance runs", async () => {
  expect((await run(beginRepair, newStage([]), { ...INPUT, thorough: true })).begun).toBe(true);
});

test("a volume that was detached from a running master is a reason", async () => {
  const stage = newStage([]);
  stage.account.volumes.set("vol-c", { state: "available", attachedTo: null });

  expect((await run(beginRepair, stage, INPUT)).begun).toBe(true);
  expect(stage.store.member("c")?.health).toBe("unhealthy");
  expect(stage.store.eventTypes()).toEqual(["volume-detached"]);
});

test.each(["CREATING", "DELETING", "DELETED", "FAILED"] as const)(
  "a cluster that is %s is not repaired",
  async (status) => {
    expect((await run(beginRepair, newStage(["i-b"], { status }), INPUT)).begun).toBe(false);
  },
);

test("while another operation works on the cluster it waits, without a call to EC2", async () => {
  const stage = newStage(["i-b"], { operation: "update-1" }, [operationRecord("update")]);

  await expect(run(beginRepair, { store: stage.store, aws: {} }, INPUT)).rejects.toThrow(ClusterBusy);
});

test("the launch of an instance that is in its member's place by now begins nothing", async () => {
  const stage = newStage([]);

  const { reason } = await run(beginRepair, { store: stage.store, aws: {} }, { ...INPUT, launched: "i-b" });

  expect(reason).toBe("i-b is in its member's place");
});

test("a spent budget makes the cluster DEGRADED, and is said once an hour", async () => {
  const spent = Array.from({ length: REPAIRS_PER_HOUR }, (_, index) =>
    operationRecord("repair", { id: `repair-0${index}`, status: "SUCCEEDED" }),
  );
  const stage = newStage(["i-b"], {}, spent);

  expect((await run(beginRepair, stage, INPUT)).begun).toBe(false);
  expect((await run(beginRepair, stage, { ...INPUT, operation: "repair-2" })).begun).toBe(false);
  expect(await stage.store.getCluster(NAME)).toMatchObject({ status: "DEGRADED", operation: null });
  expect(stage.store.eventTypes()).toEqual(["repair-budget-spent"]);
});

test("it may run twice, and die at each of its calls", async () => {
  await expectRepeatable(beginRepair, newStage, INPUT);
});

test("17.4: while a restore is open no repair begins, whatever is lost", async () => {
  const stage = newStage(["i-b", "i-c"], { status: "DEGRADED", restoration: restorationRecord() });

  expect(await run(beginRepair, stage, INPUT)).toEqual({ begun: false, reason: "the cluster is being restored" });
});
