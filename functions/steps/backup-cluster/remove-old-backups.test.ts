import { expect, test } from "vitest";
import { manifestOf } from "../../../test/support/backups.ts";
import { TestBucket } from "../../../test/support/steps/bucket.ts";
import { MemoryStore } from "../../../test/support/steps/memory-store.ts";
import { clusterRecord, NAME, UID } from "../../../test/support/steps/records.ts";
import { expectRepeatable, run } from "../../../test/support/steps/stage.ts";
import { backupKey } from "../../domain/backup/manifest.ts";
import { removeOldBackups } from "./remove-old-backups.ts";

const INPUT = { cluster: NAME, operation: "backup-1" };
const [OLD, PINNED, FORMER, BEGUN, NEW] = [
  "2026-01-01T000000Z-0001",
  "2026-01-02T000000Z-0002",
  "2026-01-03T000000Z-0003",
  "2026-11-29T110000Z-0004",
  "2026-11-29T114500Z-0005",
] as const;

function newStage() {
  const store = new MemoryStore(clusterRecord());
  const bucket = new TestBucket();
  for (const id of [OLD, PINNED, FORMER, BEGUN, NEW]) {
    const uid = id === FORMER ? "formeruid" : UID;
    const [, date = "", h = "", m = ""] = /^(.{10})T(..)(..)/.exec(id) ?? [];
    const manifest = manifestOf({ id, uid, takenAt: `${date}T${h}:${m}:00.000Z` });
    store.backups.set(`${NAME} ${id}`, {
      manifest,
      pinned: id === PINNED,
      ...(id === BEGUN ? { removing: true } : {}),
    });
    for (const object of ["snapshot.db.gz", "manifest.json"])
      bucket.upload(backupKey({ cluster: NAME, uid }, id, object), "x");
  }
  return { store, aws: bucket.calls, env: { BACKUP_BUCKET: "backups" }, made: [bucket, store.backups], bucket };
}

test("what retention does not keep goes, with what an earlier run left; not what is pinned, nor another uid's", async () => {
  const stage = newStage();

  expect(await run(removeOldBackups, stage, INPUT)).toBe(2);

  const left = (await stage.store.listBackups(NAME)).map(({ manifest }) => manifest.id);
  expect(left).toEqual([NEW, FORMER, PINNED]);
  expect([...stage.bucket.objects.keys()].filter((key) => key.includes(OLD) || key.includes(BEGUN))).toEqual([]);
  expect(stage.bucket.objects.size).toBe(6);
});

test("it may run twice, and die at each of its calls", async () => {
  const stage = newStage();
  await run(removeOldBackups, stage, INPUT);
  expect(await run(removeOldBackups, stage, INPUT)).toBe(0);

  await expectRepeatable(
    async (deps: Parameters<typeof removeOldBackups>[0], input: typeof INPUT) => {
      await removeOldBackups(deps, input);
    },
    newStage,
    INPUT,
  );
});
