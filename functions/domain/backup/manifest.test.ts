import { expect, test } from "vitest";
import { manifestOf } from "../../../test/support/backups.ts";
import { BackupId, backupId, backupKey, isVerified, readManifest } from "./manifest.ts";

test("1.10.9: ids sort by the time at which the function began, and are the same for the same operation", () => {
  const ids = [
    backupId("2026-11-29T03:15:02.120Z", "backup-1"),
    backupId("2026-11-29T03:15:03.000Z", "backup-2"),
    backupId("2026-12-01T00:00:00.000Z", "backup-3"),
  ];

  expect(ids[0]).toMatch(/^2026-11-29T031502Z-[0-9a-f]{4}$/);
  expect(ids.toSorted()).toEqual(ids);
  expect(backupId("2026-11-29T03:15:02.120Z", "backup-1")).toBe(ids[0]);
  for (const id of ids) expect(BackupId.safeParse(id).success).toBe(true);
});

test.each(["", "latest", "../other", "2026-11-29T031502Z-4f1c/..", "2026-11-29T0315Z-4F1C"])("%s is no id", (text) => {
  expect(BackupId.safeParse(text).success).toBe(false);
});

test("objects lie below the cluster's name and uid", () => {
  expect(backupKey({ cluster: "prod.example.com", uid: "01k" }, "2026-11-29T031502Z-4f1c", "manifest.json")).toBe(
    "clusters/prod.example.com/01k/2026-11-29T031502Z-4f1c/manifest.json",
  );
});

test("a manifest is read as it was written; what a later version adds stays", () => {
  const manifest = { ...manifestOf(), later: true };

  expect(readManifest(JSON.stringify(manifest))).toEqual({ ok: true, manifest });
});

test.each([
  ["{", "its manifest is not JSON"],
  ["{}", "its manifest is not whole"],
  [JSON.stringify({ ...manifestOf(), version: 2 }), "its manifest has version 2, and this Holdfast reads version 1"],
  [JSON.stringify({ ...manifestOf(), epoch: 0 }), "epoch"],
])("of one that is none it is said what is wrong: %#", (text, why) => {
  const read = readManifest(text);

  expect(read.ok ? "it was read" : read.why).toContain(why);
});

test("a backup that a member contradicts is not verified; one that could not be compared is", () => {
  const { verified } = manifestOf();
  const hashkv = (equal: boolean) => ({ verified: { ...verified, hashkv: { members: ["a", "b"], equal } } });

  expect(isVerified(hashkv(true))).toBe(true);
  expect(isVerified({ verified: { ...verified, hashkv: null } })).toBe(true);
  expect(isVerified(hashkv(false))).toBe(false);
});

test("20: a backup whose drill failed is not verified, so that latest and retention prefer another; one that passed is", () => {
  const { verified } = manifestOf();
  const result = { operation: "drill-1", at: "2026-11-29T12:00:00.000Z", level: "data" as const, warnings: [] };
  const drill = { ...result, problems: [], seconds: 9, revision: 4193, totalKey: 1287, kinds: {} };

  expect(isVerified({ verified: { ...verified, drill: { ...drill, ok: true } } })).toBe(true);
  expect(isVerified({ verified: { ...verified, drill: { ...drill, ok: false } } })).toBe(false);
});
