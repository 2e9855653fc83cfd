import { expect, test } from "vitest";
import { DrillStage, HOST, INPUT, MANIFEST, REPORT, SNAPSHOTS } from "../../../../test/support/steps/drills.ts";
import { NAME } from "../../../../test/support/steps/records.ts";
import { expectRepeatable, run } from "../../../../test/support/steps/stage.ts";
import { pinnedTags } from "../../../domain/backup/manifest.ts";
import { recordDrill } from "./record-drill.ts";

test("1.8: a drill that passed stands in manifest, table, cluster and history", async () => {
  const stage = new DrillStage().begun({ host: HOST, report: REPORT });

  expect(await run(recordDrill, stage, INPUT)).toEqual({ ok: true, why: "" });

  const drill = { operation: "drill-1", ok: true, problems: [], seconds: 60, totalKey: 1287, kinds: { pods: 40 } };
  expect(JSON.parse(stage.bucket.objects.get(`${SNAPSHOTS}/manifest.json`) ?? "")).toMatchObject({
    verified: { drill },
  });
  expect((await stage.store.getBackup(NAME, MANIFEST.id)).manifest.verified.drill).toMatchObject(drill);
  const { backup } = await stage.store.getCluster(NAME);
  expect(backup).toMatchObject({ lastDrillOkId: MANIFEST.id, lastDrillOkAt: "2026-11-29T12:00:00.000Z" });
  expect([backup?.lastDrillError, backup?.drillOperation]).toEqual([null, null]);
  const [event] = await stage.store.listEvents(NAME);
  expect([event?.type, event?.message]).toEqual([
    "drill-passed",
    `Drill of backup ${MANIFEST.id} passed in 1m00s: revision 4,193, 1,287 keys.`,
  ]);
  expect((await stage.store.getOperation("drill-1")).status).toBe("SUCCEEDED");
});

test("the manifest of a pinned backup stays pinned, and that of another expires with it", async () => {
  for (const pinned of [true, false]) {
    const stage = new DrillStage().begun({ host: HOST, report: REPORT });
    stage.store.backups.set(`${NAME} ${MANIFEST.id}`, { manifest: MANIFEST, pinned });
    await run(recordDrill, stage, INPUT);
    expect(stage.bucket.tags.get(`${SNAPSHOTS}/manifest.json`)).toEqual(pinnedTags(pinned));
  }
});

test("1.8: findings that differ from the manifest fail the drill, and are recorded", async () => {
  const stage = new DrillStage().begun({ host: HOST, report: { ...REPORT, revision: 7 } });

  expect((await run(recordDrill, stage, INPUT)).ok).toBe(false);

  expect(await stage.store.getOperation("drill-1")).toMatchObject({
    status: "FAILED",
    error: {
      name: "DrillFailed",
      message: "the revision of the restored etcd is 7, and the manifest says 4193",
      remedy: expect.stringContaining("docs/runbooks/drills.md"),
    },
  });
  expect((await stage.store.getBackup(NAME, MANIFEST.id)).manifest.verified.drill?.ok).toBe(false);
});

test("20: a backup that fails its drill is no longer the newest verified one: the one before it is, or none", async () => {
  for (const before of [true, false]) {
    const stage = new DrillStage().begun({ host: HOST, report: { ...REPORT, revision: 7 } });
    const older = { ...MANIFEST, id: "2026-11-28T030000Z-0000", takenAt: "2026-11-28T03:00:00.000Z" };
    if (before) stage.store.backups.set(`${NAME} ${older.id}`, { manifest: older, pinned: false });
    const { id, takenAt } = MANIFEST;
    await stage.store.recordBackupFacts(NAME, { lastVerifiedId: id, lastVerifiedAt: takenAt });

    await run(recordDrill, stage, INPUT);

    const { backup } = await stage.store.getCluster(NAME);
    expect([backup?.lastVerifiedId, backup?.lastVerifiedAt]).toEqual(before ? [older.id, older.takenAt] : [null, null]);
  }
});

test("17.6: a host that ended in the middle is the drill's failure, and the backup stays as it was", async () => {
  const stage = new DrillStage().begun({ host: HOST });
  const cause = JSON.stringify({ errorMessage: "its host i-drill ended before it had a result" });

  await run(recordDrill, stage, { ...INPUT, error: "DrillFailed", cause });

  expect((await stage.store.getBackup(NAME, MANIFEST.id)).manifest.verified.drill).toBeNull();
  expect((await stage.store.getOperation("drill-1")).status).toBe("FAILED");
});

test("17.1: a file that is gone, or is not what was taken, is the backup's fault, and is shown there", async () => {
  const stage = new DrillStage().begun();
  stage.bucket.objects.delete(`${SNAPSHOTS}/manifest.json`);
  const cause = JSON.stringify({ errorMessage: "its file is not there" });

  await run(recordDrill, stage, { ...INPUT, error: "BackupUnusable", cause });

  expect((await stage.store.getBackup(NAME, MANIFEST.id)).manifest.verified.drill).toMatchObject({
    ...{ ok: false, problems: ["its file is not there"] },
  });
  expect((await stage.store.getOperation("drill-1")).error?.name).toBe("BackupUnusable");
  expect(stage.bucket.objects.has(`${SNAPSHOTS}/manifest.json`)).toBe(false);
});

test("what kept the drill from its host says nothing about the backup", async () => {
  const stage = new DrillStage().begun();
  const cause = JSON.stringify({ errorMessage: "VcpuLimitExceeded: 5 vCPUs" });

  await run(recordDrill, stage, { ...INPUT, error: "QuotaReached", cause });

  expect((await stage.store.getBackup(NAME, MANIFEST.id)).manifest.verified.drill).toBeNull();
  expect((await stage.store.getCluster(NAME)).backup?.lastDrillError).toBe("VcpuLimitExceeded: 5 vCPUs");
  expect((await stage.store.getOperation("drill-1")).error).toMatchObject({
    name: "QuotaReached",
    remedy: expect.stringContaining("Request an increase"),
  });
});

test("a drill that could not begin, without a backup since a restore, is tried again the next day", async () => {
  const stage = new DrillStage();
  const answer = await run(recordDrill, stage, { ...INPUT, error: "BackupUnknown", cause: "none" });

  expect(answer).toEqual({ ok: false, why: "none" });
  expect((await stage.store.getCluster(NAME)).backup).toMatchObject({
    ...{ lastDrillTriedAt: "2026-11-29T12:00:00.000Z", lastDrillError: "none", lastDrillOkAt: null },
  });
});

test("it may run twice, and die at each of its calls", async () => {
  await expectRepeatable(recordDrill, () => new DrillStage().begun({ host: HOST, report: REPORT }), INPUT);
});
