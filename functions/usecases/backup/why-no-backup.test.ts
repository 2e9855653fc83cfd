import { expect, test } from "vitest";
import { restorationRecord } from "../../../test/support/restoration.ts";
import { MemoryStore } from "../../../test/support/steps/memory-store.ts";
import { clusterRecord, NAME, operationRecord } from "../../../test/support/steps/records.ts";
import { TestClock } from "../../../test/support/steps/test-clock.ts";
import type { ClusterRecord } from "../../domain/cluster/records.ts";
import { whyNoBackup } from "./why-no-backup.ts";

function ask(change: Partial<ClusterRecord>) {
  const restore = operationRecord("restore");
  const store = new MemoryStore(clusterRecord(change), [], [{ ...restore, id: "restore-1" }]);
  return whyNoBackup({ store, aws: {}, clock: new TestClock(), env: {} }, NAME, "manual");
}

test("1: a backup is refused during a restore, and the restore is named", async () => {
  const refused = await ask({ status: "REPAIRING", operation: "restore-1" });

  expect(refused).toMatchObject({
    name: "ClusterBusy",
    operation: "restore-1",
    message: "a restore of prod.example.com is not complete: its members have no common data yet",
  });
});

test("1: and while a restore is open that has stopped", async () => {
  const refused = await ask({ status: "DEGRADED", restoration: restorationRecord() });

  expect(refused).toMatchObject({ name: "ClusterBusy", operation: null });
});

test("12: a cluster that was deleted is not there, and no operation is named that there is not", async () => {
  expect(await ask({ status: "DELETED" })).toMatchObject({
    name: "ClusterUnknown",
    message: "there is no cluster prod.example.com",
  });
  expect(await ask({ status: "FAILED" })).toMatchObject({ name: "ClusterBusy", operation: null });
});

test("a cluster that serves is saved", async () => {
  expect(await ask({})).toBeUndefined();
});
