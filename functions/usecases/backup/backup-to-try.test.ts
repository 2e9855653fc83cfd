import { expect, test } from "vitest";
import { MANIFEST } from "../../../test/support/steps/drills.ts";
import { MemoryStore } from "../../../test/support/steps/memory-store.ts";
import { clusterRecord, NAME } from "../../../test/support/steps/records.ts";
import { TestClock } from "../../../test/support/steps/test-clock.ts";
import { backupToTry } from "./backup-to-try.ts";

function depsOf(store: MemoryStore) {
  return { store, aws: {}, clock: new TestClock(), env: {} };
}

test("a cluster that was never saved has nothing to try", async () => {
  await expect(backupToTry(depsOf(new MemoryStore(clusterRecord())), NAME, undefined)).rejects.toThrow(
    `${NAME} has no backup to try yet`,
  );
});

test("after a restore the earlier backups are named as what is left to try", async () => {
  const store = new MemoryStore(clusterRecord({ epoch: 2 }));
  await store.recordBackup(MANIFEST, { lastOkId: MANIFEST.id });

  await expect(backupToTry(depsOf(store), NAME, undefined)).rejects.toThrow(
    `${NAME} has no backup of its data since the restore yet; name an earlier one by --backup ID`,
  );
});

test("17.1: latest is the one that a restore would take: verified, and of an earlier epoch too", async () => {
  const store = new MemoryStore(clusterRecord({ epoch: 2 }));
  await store.recordBackup(MANIFEST, { lastOkId: MANIFEST.id });

  expect((await backupToTry(depsOf(store), NAME, "latest")).manifest.id).toBe(MANIFEST.id);
  await expect(backupToTry(depsOf(new MemoryStore(clusterRecord())), NAME, "latest")).rejects.toThrow(
    `${NAME} has no verified backup`,
  );
});
