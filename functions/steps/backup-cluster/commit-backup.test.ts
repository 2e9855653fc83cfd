import { expect, test } from "vitest";
import { restorationRecord } from "../../../test/support/restoration.ts";
import { TestBucket } from "../../../test/support/steps/bucket.ts";
import { MemoryStore } from "../../../test/support/steps/memory-store.ts";
import { clusterRecord, memberRecord, NAME, operationRecord, UID } from "../../../test/support/steps/records.ts";
import { expectRepeatable, run } from "../../../test/support/steps/stage.ts";
import { backupId, backupKey, readManifest } from "../../domain/backup/manifest.ts";
import { BackupFailed } from "../../domain/cluster/errors.ts";
import type { ClusterRecord } from "../../domain/cluster/records.ts";
import { commitBackup } from "./commit-backup.ts";

const INPUT = { cluster: NAME, operation: "backup-1", reason: "schedule" } as const;
const ID = backupId("2026-11-29T11:59:00.000Z", "backup-1");
const OWNER = { cluster: NAME, uid: UID };

function newStage(
  change: { readonly body?: string; readonly equal?: boolean; readonly cluster?: Partial<ClusterRecord> } = {},
) {
  const bucket = new TestBucket();
  const uploaded = bucket.upload(backupKey(OWNER, ID, "snapshot.db.gz"), "the snapshot");
  if (change.body !== undefined) bucket.objects.set(backupKey(OWNER, ID, "snapshot.db.gz"), change.body);
  const failed = { lastError: "S3 throttles", failingSince: "2026-11-29T11:00:00.000Z" };
  const cluster = clusterRecord(change.cluster);
  const members = ["a", "b", "c"].map((member) => memberRecord(member));
  const store = new MemoryStore(cluster, members, [{ ...operationRecord("backup"), id: "backup-1" }]);
  void store.recordBackupFacts(NAME, failed);
  store.notes.set("backup-1", {
    attempts: [
      { member: "b", instanceId: "i-b", etcdVersion: "3.6.14", clusterId: "77", raftTerm: 2, raftIndex: 99, epoch: 1 },
    ],
    snapshot: {
      status: { hash: 9, revision: 42, totalKey: 7, totalSize: 20_480 },
      hashkv: null,
      ...uploaded,
    },
    hashkv: { members: ["a", "b"], equal: change.equal ?? true },
    memberHash: { hash: 5, compactRevision: 3 },
  });
  const aws = { ...bucket.calls, findParameter: async () => '{"kubernetes":{}}' };
  return { store, aws, env: { BACKUP_BUCKET: "backups" }, bucket, made: bucket };
}

test("the manifest comes last, and says what was saved, of whom, and what was checked", async () => {
  const stage = newStage();

  expect(await run(commitBackup, stage, INPUT)).toEqual({ id: ID });

  expect([...stage.bucket.objects.keys()].at(-1)).toBe(backupKey(OWNER, ID, "manifest.json"));
  const read = readManifest(stage.bucket.objects.get(backupKey(OWNER, ID, "manifest.json")) ?? "");
  expect(read.ok && read.manifest).toMatchObject({
    id: ID,
    uid: UID,
    epoch: 1,
    member: "b",
    reason: "schedule",
    etcd: { revision: 42, totalKey: 7, hash: 9, hashkv: 5, compactRevision: 3, clusterId: "77" },
    objects: { "snapshot.db.gz": { bytes: 12 } },
    verified: { hashkv: { members: ["a", "b"], equal: true }, drill: null },
  });
  expect((await stage.store.getCluster(NAME)).backup).toMatchObject({
    lastOkId: ID,
    lastVerifiedId: ID,
    lastError: null,
    failingSince: null,
  });
});

test("400: every object carries the tag by which the bucket removes what nobody pins", async () => {
  const stage = newStage();

  await run(commitBackup, stage, INPUT);

  expect([...stage.bucket.tags].map(([key, tags]) => [key.split("/").at(-1), tags])).toEqual([
    ["snapshot.db.gz", { "holdfast:pinned": "no" }],
    ["pki.json", { "holdfast:pinned": "no" }],
    ["cluster.json", { "holdfast:pinned": "no" }],
    ["manifest.json", { "holdfast:pinned": "no" }],
  ]);
});

test("the authorities are encrypted for this cluster and this backup alone", async () => {
  const stage = newStage();

  await run(commitBackup, stage, INPUT);

  expect(stage.bucket.contexts.get(backupKey(OWNER, ID, "pki.json"))).toEqual({ uid: UID, backup: ID });
});

test.each([
  ["is missing", { body: undefined }, "is not in the bucket"],
  ["is truncated", { body: "the snap" }, "has 8 bytes, and 12 were uploaded"],
  ["has a flipped byte", { body: "the snapshoT" }, "has the checksum"],
])("1.10.6: no manifest is written for a file that %s", async (_, { body }, why) => {
  const stage = newStage(body === undefined ? {} : { body });
  if (body === undefined) stage.bucket.objects.clear();

  await expect(run(commitBackup, stage, INPUT)).rejects.toThrow(BackupFailed);
  await expect(run(commitBackup, stage, INPUT)).rejects.toThrow(why);
  expect([...stage.bucket.objects.keys()].filter((key) => !key.endsWith(".gz"))).toEqual([]);
  expect(stage.store.backups.size).toBe(0);
});

test.each([
  ["was restored", { epoch: 2 }],
  ["is being restored", { restoration: restorationRecord() }],
])("9: a snapshot of a cluster that %s meanwhile is no backup", async (_, cluster) => {
  const stage = newStage({ cluster });

  await expect(run(commitBackup, stage, INPUT)).rejects.toThrow(
    new BackupFailed("prod.example.com was restored while its data was saved"),
  );
  expect(stage.store.backups.size).toBe(0);
});

test("a backup that a member contradicts is kept, and does not count as verified", async () => {
  const stage = newStage({ equal: false });

  await run(commitBackup, stage, INPUT);

  expect((await stage.store.getCluster(NAME)).backup).toMatchObject({ lastOkId: ID, lastVerifiedId: null });
});

test("the event history has backups that somebody asked for, and none of the schedule", async () => {
  const [scheduled, manual] = [newStage(), newStage()];

  await run(commitBackup, scheduled, INPUT);
  await run(commitBackup, manual, { ...INPUT, reason: "manual" });

  expect([scheduled.store.eventTypes(), manual.store.eventTypes()]).toEqual([[], ["backup-taken"]]);
});

test("it may run twice, and die at each of its calls", async () => {
  await expectRepeatable(commitBackup, newStage, INPUT);
});
