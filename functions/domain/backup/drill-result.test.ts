import { expect, test } from "vitest";
import { manifestOf } from "../../../test/support/backups.ts";
import type { DrillReport } from "./drill-note.ts";
import { chooseBackup, drillText, evaluateDrill, lastPassed } from "./drill-result.ts";
import type { DrillResult, Manifest } from "./manifest.ts";

const MANIFEST = manifestOf();
const REPORT: DrillReport = {
  file: { hash: 1_412_633_180, revision: 4193, totalKey: 1287 },
  revision: 4193,
  keys: 1100,
  hashkv: { hash: 2_871_503_664, compactRevision: 3901 },
  kinds: { pods: 40, secrets: 12, leases: 8 },
  unknown: [],
  unknownCount: 0,
  encryptedBy: [],
};
const PASSED: DrillResult = {
  operation: "drill-1",
  at: "2026-11-22T12:00:00.000Z",
  level: "data",
  ok: true,
  problems: [],
  warnings: [],
  seconds: 192,
  revision: 4193,
  totalKey: 1287,
  kinds: { pods: 40, secrets: 12, leases: 8 },
};

function problemsOf(change: Partial<DrillReport>, manifest: Manifest = MANIFEST) {
  return evaluateDrill(manifest, { ...REPORT, ...change }, undefined).problems;
}

test("1.8: what is restored is what the manifest says", () => {
  expect(evaluateDrill(MANIFEST, REPORT, PASSED)).toEqual({ problems: [], warnings: [] });
});

test.each<[string, Partial<DrillReport>, string]>([
  [
    "another file",
    { file: { ...REPORT.file, revision: 4000 } },
    "the file's revision is 4000, and the manifest says 4193",
  ],
  ["keys are missing", { file: { ...REPORT.file, totalKey: 1286 } }, "the file's number of keys is 1286, and"],
  ["another hash of the file", { file: { ...REPORT.file, hash: 7 } }, "the file's hash is 7, and"],
  ["etcd serves another revision", { revision: 4192 }, "the revision of the restored etcd is 4192, and"],
  ["another hash", { hashkv: { hash: 7, compactRevision: 3901 } }, "the hash of the restored keys is 7, and"],
  [
    "a value that is none of Kubernetes'",
    { unknownCount: 1, unknown: ["/registry/pods/x"] },
    "1 value below /registry/ that Kubernetes cannot read: /registry/pods/x",
  ],
  ["a key that nobody keeps", { encryptedBy: ["key2"] }, "values are encrypted with keys that are not kept: key2"],
])("1.8: it fails: %s", (_, change, problem) => {
  expect(problemsOf(change)).toEqual([expect.stringContaining(problem)]);
});

test("hashes from different compacted revisions on are not compared", () => {
  expect(problemsOf({ hashkv: { hash: 7, compactRevision: 3800 } })).toEqual([]);
  expect(problemsOf({ hashkv: null })).toEqual([]);
  expect(problemsOf({}, manifestOf({ etcd: { ...MANIFEST.etcd, hashkv: null } }))).toEqual([]);
  expect(problemsOf({ encryptedBy: ["key1"] }, manifestOf({ encryption: { keyNames: ["key1"] } }))).toEqual([]);
});

test("1.8: a kind that lost 80 % since the last drill is a warning, and no failure", () => {
  const report = { ...REPORT, kinds: { pods: 8, secrets: 3, leases: 0 } };

  expect(evaluateDrill(MANIFEST, report, PASSED)).toEqual({
    problems: [],
    warnings: ["pods fell from 40 to 8 since the last drill"],
  });
});

test("the last drill is one that passed, of the same history", () => {
  const drilled = (id: string, drill: DrillResult | null, change: Partial<Manifest> = {}) => ({
    manifest: manifestOf({ id, ...change, verified: { ...MANIFEST.verified, drill } }),
    pinned: false,
  });
  const backups = [
    drilled("2026-11-29T110000Z-4f1c", { ...PASSED, at: "2026-11-29T12:00:00.000Z", ok: false }),
    drilled("2026-11-28T110000Z-4f1c", { ...PASSED, at: "2026-11-28T12:00:00.000Z" }, { epoch: 2 }),
    drilled("2026-11-20T110000Z-4f1c", PASSED),
    drilled("2026-11-10T110000Z-4f1c", { ...PASSED, at: "2026-11-15T12:00:00.000Z" }),
    drilled("2026-11-09T110000Z-4f1c", null),
  ];

  expect(lastPassed(MANIFEST, backups)?.at).toBe("2026-11-22T12:00:00.000Z");
  expect(lastPassed(MANIFEST, [])).toBeUndefined();
});

test("the newest backup of the present data is tried, rather one on which members agree", () => {
  const taken = (id: string, change: Partial<Manifest> = {}, removing = false) => ({
    manifest: manifestOf({ id, ...change }),
    pinned: false,
    removing,
  });
  const diverged = { verified: { ...MANIFEST.verified, hashkv: { members: ["a", "b"], equal: false } } };
  const backups = [
    taken("2026-11-29T090000Z-4f1c", {}),
    taken("2026-11-29T140000Z-4f1c", { uid: "another" }),
    taken("2026-11-29T130000Z-4f1c", { epoch: 2 }),
    taken("2026-11-29T120000Z-4f1c", {}, true),
    taken("2026-11-29T110000Z-4f1c", diverged),
    taken("2026-11-29T100000Z-4f1c"),
  ];

  expect(chooseBackup(MANIFEST, backups)?.manifest.id).toBe("2026-11-29T100000Z-4f1c");
  expect(chooseBackup(MANIFEST, [taken("2026-11-29T110000Z-4f1c", diverged)])?.manifest.id).toBe(
    "2026-11-29T110000Z-4f1c",
  );
  expect(chooseBackup(MANIFEST, [])).toBeUndefined();
});

test("1.8: a drill's end in the words of the event history", () => {
  expect(drillText("2026-11-29T031502Z-4f1c", { ...PASSED, warnings: ["pods fell from 40 to 8"] })).toBe(
    "Drill of backup 2026-11-29T031502Z-4f1c passed in 3m12s: revision 4,193, 1,287 keys. Warning: pods fell from 40 to 8.",
  );
  const failed = { ...PASSED, ok: false, seconds: 42, problems: ["its host ended", "no result"] };
  expect(drillText("2026-11-29T031502Z-4f1c", failed)).toBe(
    "Drill of backup 2026-11-29T031502Z-4f1c failed after 42s: its host ended; no result",
  );
});
