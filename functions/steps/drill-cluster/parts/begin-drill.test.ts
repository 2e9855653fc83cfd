import { describe, expect, test } from "vitest";
import { manifestOf } from "../../../../test/support/backups.ts";
import { DrillStage, INPUT, MANIFEST, SNAPSHOTS } from "../../../../test/support/steps/drills.ts";
import { NAME } from "../../../../test/support/steps/records.ts";
import { expectRepeatable, run } from "../../../../test/support/steps/stage.ts";
import { BackupForeign, BackupUnknown, BackupUnusable, ClusterBusy } from "../../../domain/cluster/errors.ts";
import { beginDrill } from "./begin-drill.ts";

test("1.8: it begins beside an operation that holds the cluster, and takes nothing from it", async () => {
  const stage = new DrillStage({ status: "REPAIRING", operation: "repair-1" });

  expect(await run(beginDrill, stage, { ...INPUT, scheduled: true })).toEqual({ goes: true });

  const { operation, status, backup } = await stage.store.getCluster(NAME);
  expect([operation, status]).toEqual(["repair-1", "REPAIRING"]);
  expect(backup).toMatchObject({ lastDrillTriedAt: "2026-11-29T12:00:00.000Z", drillOperation: "drill-1" });
  expect(await stage.note()).toEqual({ backup: MANIFEST.id });
});

test("a backup that is not there, that is another cluster's, or of a cluster that is deleted is refused", async () => {
  const stage = new DrillStage();
  const foreign = manifestOf({ id: "2026-01-01T000000Z-0000", uid: "another" });
  stage.store.backups.set(`${NAME} ${foreign.id}`, { manifest: foreign, pinned: false });
  const input = { ...INPUT, scheduled: false };

  await expect(run(beginDrill, stage, { ...input, backup: "2020-01-01T000000Z-0000" })).rejects.toThrow(BackupUnknown);
  await expect(run(beginDrill, stage, { ...input, backup: foreign.id })).rejects.toThrow(BackupForeign);
  await expect(run(beginDrill, new DrillStage({ status: "DELETING" }), input)).rejects.toThrow(ClusterBusy);
});

describe("17.1: a backup that is not whole is refused before a host is launched, and is named in the drill's note", () => {
  test.each([
    ["snapshot.db.gz", "its file is not there"],
    ["manifest.json", "its manifest is not there"],
  ])("%s was deleted", async (object, why) => {
    const stage = new DrillStage();
    stage.bucket.objects.delete(`${SNAPSHOTS}/${object}`);

    await expect(run(beginDrill, stage, { ...INPUT, scheduled: true })).rejects.toThrow(
      new BackupUnusable(`backup ${MANIFEST.id} cannot be restored: ${why}`),
    );
    expect(await stage.note()).toEqual({ backup: MANIFEST.id });
  });

  test("the file is another", async () => {
    const stage = new DrillStage();
    stage.bucket.upload(`${SNAPSHOTS}/snapshot.db.gz`, "etcd's Data");

    await expect(run(beginDrill, stage, { ...INPUT, scheduled: true })).rejects.toThrow(
      /its file has the SHA-256 sum [0-9a-f]{64}, and its manifest says/,
    );
  });
});

test("of two at once the schedule's gives way", async () => {
  const stage = new DrillStage();
  await run(beginDrill, stage, { ...INPUT, scheduled: true });
  const other = { ...INPUT, operation: "drill-2" };

  expect(await run(beginDrill, stage, { ...other, scheduled: true })).toEqual({ goes: false });
  await expect(run(beginDrill, stage, { ...other, scheduled: false })).rejects.toThrow(ClusterBusy);
});

test("it may run twice, and die at each of its calls", async () => {
  await expectRepeatable(beginDrill, () => new DrillStage(), { ...INPUT, scheduled: true });
});
