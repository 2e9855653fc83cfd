import { expect, test } from "vitest";
import { MemoryStore } from "../../../test/support/steps/memory-store.ts";
import { clusterRecord, NAME, operationRecord } from "../../../test/support/steps/records.ts";
import { expectRepeatable, run } from "../../../test/support/steps/stage.ts";
import { TestClock } from "../../../test/support/steps/test-clock.ts";
import { completeBackup } from "./complete-backup.ts";
import { recordBackupFailure } from "./record-backup-failure.ts";

const INPUT = { cluster: NAME, operation: "backup-1", error: "BackupFailed", cause: '{"errorMessage":"no space"}' };
const HOUR = 60 * 60_000;

function newStage() {
  const operation = { ...operationRecord("backup"), id: "backup-1" };
  return { store: new MemoryStore(clusterRecord(), [], [operation]), aws: {} };
}

test("1.10.10: a failure that lasts is in the event history once, and again after six hours; the status stays", async () => {
  const stage = newStage();
  const clock = new TestClock();
  for (const hours of [0, 1, 2, 3]) {
    stage.store.operations.set(`backup-${hours}`, { ...operationRecord("backup"), id: `backup-${hours}` });
    await run(recordBackupFailure, stage, { ...INPUT, operation: `backup-${hours}` }, { clock });
    clock.advance(HOUR);
  }

  expect(stage.store.eventTypes()).toEqual(["backup-failed"]);
  clock.advance(3 * HOUR);
  stage.store.operations.set("backup-9", { ...operationRecord("backup"), id: "backup-9" });
  await run(recordBackupFailure, stage, { ...INPUT, operation: "backup-9" }, { clock });
  expect(stage.store.eventTypes()).toEqual(["backup-failed", "backup-failed"]);
  const { status, backup } = await stage.store.getCluster(NAME);
  expect(status).toBe("ACTIVE");
  expect(backup).toMatchObject({ lastError: "no space", failingSince: "2026-11-29T12:00:00.000Z" });
});

test("the operation has ended with the reason and what to do", async () => {
  const stage = newStage();

  await run(recordBackupFailure, stage, INPUT);

  const { status, error } = await stage.store.getOperation("backup-1");
  expect([status, error?.name, error?.message]).toEqual(["FAILED", "BackupFailed", "no space"]);
  expect(error?.remedy).toContain("holdfast backup cluster");
});

test("one that was superseded says nothing of the cluster", async () => {
  const stage = newStage();

  await run(recordBackupFailure, stage, { ...INPUT, error: "LeaseLost" });

  expect((await stage.store.getCluster(NAME)).backup).toBeUndefined();
  expect(stage.store.eventTypes()).toEqual([]);
});

test("a backup that is in the table ends its operation", async () => {
  const stage = newStage();

  await run(completeBackup, stage, { cluster: NAME, operation: "backup-1" });

  expect((await stage.store.getOperation("backup-1")).status).toBe("SUCCEEDED");
  await expectRepeatable(completeBackup, newStage, { cluster: NAME, operation: "backup-1" });
});

test("it may run twice, and die at each of its calls", async () => {
  await expectRepeatable(recordBackupFailure, newStage, INPUT);
});
