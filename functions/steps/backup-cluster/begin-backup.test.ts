import { expect, test } from "vitest";
import { MemoryStore } from "../../../test/support/steps/memory-store.ts";
import { clusterRecord, NAME, operationRecord } from "../../../test/support/steps/records.ts";
import { expectRepeatable, run } from "../../../test/support/steps/stage.ts";
import { TestClock } from "../../../test/support/steps/test-clock.ts";
import { ClusterBusy } from "../../domain/cluster/errors.ts";
import { type ClusterRecord, LEASE_MS } from "../../domain/cluster/records.ts";
import { beginBackup } from "./begin-backup.ts";

const INPUT = { cluster: NAME, operation: "backup-1", reason: "schedule" } as const;

function newStage(change: Partial<ClusterRecord> = {}) {
  return { store: new MemoryStore(clusterRecord(change)), aws: {} };
}

test("it begins beside an operation that holds the cluster, and takes nothing from it", async () => {
  const stage = newStage({ status: "REPAIRING", operation: "repair-1" });
  stage.store.operations.set("repair-1", operationRecord("repair"));

  expect(await run(beginBackup, stage, INPUT)).toEqual({ goes: true });

  const cluster = await stage.store.getCluster(NAME);
  expect([cluster.operation, cluster.status]).toEqual(["repair-1", "REPAIRING"]);
  expect(cluster.backup?.lastTriedAt).toBe("2026-11-29T12:00:00.000Z");
});

test.each(["CREATING", "DELETING", "DELETED", "FAILED"] as const)(
  "there is nothing to save while it is %s",
  async (status) => {
    const stage = newStage({ status });

    expect(await run(beginBackup, stage, INPUT)).toEqual({ goes: false });
    expect((await stage.store.getCluster(NAME)).backup).toBeUndefined();
  },
);

test("1: what the API has begun ends, with the reason, if a restore came first", async () => {
  const stage = newStage();
  await run(beginBackup, stage, { ...INPUT, reason: "manual" });
  stage.store.operations.set("restore-1", { ...operationRecord("restore"), id: "restore-1" });
  stage.store.clusters.set(NAME, clusterRecord({ status: "REPAIRING", operation: "restore-1" }));

  expect(await run(beginBackup, stage, { ...INPUT, reason: "manual" })).toEqual({ goes: false });
  expect(await stage.store.getOperation("backup-1")).toMatchObject({
    status: "FAILED",
    error: { name: "ClusterBusy", remedy: "Wait until the named operation has ended, then try again." },
  });
});

test("of two at once the schedule's gives way, and the one that somebody asked for waits", async () => {
  const stage = newStage();
  await run(beginBackup, stage, { ...INPUT, operation: "backup-0" });

  expect(await run(beginBackup, stage, INPUT)).toEqual({ goes: false });
  await expect(run(beginBackup, stage, { ...INPUT, reason: "manual" })).rejects.toThrow(ClusterBusy);
});

test("17: while it waits for another backup, the operation that waits for it keeps its cluster", async () => {
  const stage = newStage({ status: "REPAIRING", operation: "restore-1" });
  stage.store.operations.set("restore-1", { ...operationRecord("restore"), id: "restore-1" });
  const clock = new TestClock();
  clock.advance(9 * 60_000);
  const after = { ...INPUT, operation: "restore-1-after-0", reason: "after-restore", parent: "restore-1" } as const;
  await stage.store.beginSideOperation(
    { cluster: NAME, operation: "backup-0", kind: "backup", listed: false },
    clock.now(),
  );

  await expect(run(beginBackup, stage, after, { clock })).rejects.toThrow(ClusterBusy);

  expect((await stage.store.getOperation("restore-1")).leaseUntil).toBe(clock.now().getTime() + LEASE_MS);
});

test("one that stopped answering is superseded after its lease", async () => {
  const stage = newStage();
  await run(beginBackup, stage, { ...INPUT, operation: "backup-0" });
  const clock = new TestClock();
  clock.advance(11 * 60_000);

  expect(await run(beginBackup, stage, INPUT, { clock })).toEqual({ goes: true });
  expect((await stage.store.getOperation("backup-0")).status).toBe("FAILED");
});

test("it may run twice, and die at each of its calls", async () => {
  await expectRepeatable(beginBackup, newStage, INPUT);
});
