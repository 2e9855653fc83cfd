import { expect, test } from "vitest";
import { manifestOf } from "../test/support/backups.ts";
import { backupsText, drillText } from "./backup-text.ts";

const PASSED = {
  ...{ operation: "drill-1", at: "2026-11-29T12:00:00.000Z", level: "data" as const, ok: true, problems: [] },
  ...{ warnings: ["pods fell from 200 to 40 since the last drill"], seconds: 192, revision: 4193, totalKey: 1287 },
  kinds: { secrets: 12, pods: 40, events: 800, leases: 8, configmaps: 30, services: 2 },
};

function tried(drill: ReturnType<typeof manifestOf>["verified"]["drill"]) {
  const manifest = manifestOf();
  return { ...manifest, verified: { ...manifest.verified, drill }, pinned: false, history: "current" as const };
}

test("1.8: what a drill found is shown: time, keys, the most frequent kinds, and what to look at", () => {
  expect(drillText(tried(PASSED))).toBe(
    "passed at 2026-11-29T12:00:00.000Z, 192 s, 1287 keys: 800 events, 40 pods, 30 configmaps, 12 secrets, 8 leases; " +
      "warning: pods fell from 200 to 40 since the last drill",
  );
  const failed = { ...PASSED, ok: false, problems: ["its host ended", "no result"] };
  expect(drillText(tried(failed))).toBe("FAILED at 2026-11-29T12:00:00.000Z: its host ended; no result");
  expect(drillText(tried(null))).toBe("none");
});

test("a list of backups shows which were tried", () => {
  const text = backupsText([tried(PASSED), tried({ ...PASSED, ok: false }), tried(null)], 200);

  expect(text.split("\n").map((line) => /DRILL|passed|FAILED| - /.exec(line)?.[0]?.trim())).toEqual([
    "DRILL",
    "passed",
    "FAILED",
    "-",
    undefined,
  ]);
});
